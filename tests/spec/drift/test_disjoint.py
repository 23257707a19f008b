"""Proposals never share a key with the document or with each other, and what cannot be said is not."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from auditor.spec import Source, SpecificationError
from auditor.spec.drift import Base
from auditor.spec.drift.sample import MOST_KEYS, Sample
from tests.spec.drift.observing import base, drift_of, kinds, shipped, templates
from tests.world.names import Names

NAMES = Names(2, "disjoint")
WORDS = [f"word{chr(97 + number)}" for number in range(12)]


def test_a_field_that_would_overlap_takes_the_values_that_were_seen() -> None:
    described = base("- `x/{a}z/index`: prose\n", '[templates."x/{a}z/index"]\nfields = { a = "choice(word)" }\n')
    drift = drift_of(described, [f"x/{word}/index" for word in WORDS])
    assert kinds(drift) == {"x/{name}/index": {"name": f"choice({', '.join(WORDS)})"}}


def test_what_stays_ambiguous_is_refused_with_a_key_that_fits_both() -> None:
    described = base("- `x/{a}-old/{b}`: prose\n")
    words = [f"{word}{number}" for number, word in enumerate(WORDS * 2)]
    drift = drift_of(described, [f"x/{word}/index" for word in words])
    assert drift.proposals == ()
    (refusal,) = drift.refused
    assert refusal.reason.startswith("would have a template that overlaps `x` (line 1): both fit `x/")
    assert len(refusal.keys) == drift.left.objects == 24


def test_a_wider_proposal_takes_the_place_of_those_that_it_covers() -> None:
    keys = [*(f"x/{word}/{NAMES.token(8)}" for word in WORDS), *(f"x/{NAMES.token(8)}/{NAMES.token(8)}" for _ in "123")]
    assert templates(drift_of(base("- `k`: prose\n"), keys)) == {"x/{name}/{random}": 15}


def without(template: str) -> Base:
    """The shipped document without the line that begins with a template, and the shipped bindings."""
    document, bindings = shipped().document, shipped().bindings
    kept = [line for line in document.data.decode().splitlines() if not line.startswith(f"- `{template}`")]
    return Base(Source("shorter.md", "\n".join(kept).encode()), bindings)


def test_a_template_that_the_bindings_know_already_gets_their_names_and_kinds() -> None:
    text = "s3_files/journey_embeddings/{uid}"
    drift = drift_of(without(text), [f"s3_files/journey_embeddings/{NAMES.uid('jemb')}" for _ in range(3)])
    assert [(one.named.text, one.bound) for one in drift.proposals] == [(text, True)]
    drift = drift_of(without(text), [f"s3_files/journey_embeddings/{NAMES.uid('other')}" for _ in range(3)])
    assert [(one.named.text, one.bound) for one in drift.proposals] == [
        ("s3_files/journey_embeddings/{other_uid}", False)
    ]


@pytest.mark.parametrize("ending", ["```\n- `a`: in a code block", "<!-- a comment that nobody ended"])
def test_a_document_to_which_nothing_can_be_appended_is_a_fault_at_its_end(ending: str) -> None:
    with pytest.raises(SpecificationError, match="nothing can be appended"):
        drift_of(base(f"- `k`: prose\n\n{ending}"), [f"x/{NAMES.token(8)}"])


def test_options_are_added_to_a_choice_and_slips_are_not() -> None:
    uid = NAMES.uid
    keys = [f"s3_files/images/exports/{uid('ife')}/{NAMES.token(8)}.{end}" for end in ("gif", "avif", "png\n", "a b")]
    drift = drift_of(shipped(), keys)
    (proposal,) = [one for one in drift.proposals if one.replaces]
    assert proposal.named.kinds["format"] == "choice(png, jpeg, webp, svg, avif, gif)"
    assert proposal.replaces == {"format": "choice(png, jpeg, webp, svg)"}
    assert (proposal.tally.objects, drift.left.objects) == (2, 2)


def test_a_kind_that_most_values_miss_is_widened_to_a_general_one_only_for_many() -> None:
    described = base("- `x/{a}/{b}`: prose\n", '[templates."x/{a}/{b}"]\nfields = { a = "int", b = "int" }\n')
    few = drift_of(described, [f"x/{number}/{word}" for number, word in enumerate(WORDS[:8])])
    assert [one for one in few.proposals if one.replaces] == []
    many = drift_of(described, [f"x/{number}/{word}" for number, word in enumerate(WORDS)])
    assert [(one.replaces, one.named.kinds["b"]) for one in many.proposals] == [({"b": "int"}, "slug")]
    assert many.left.objects == 0


def test_a_slip_is_no_family() -> None:
    keys = ["s3_files/backup/redis/latest.bak", f"s3_files/uploads/{NAMES.uid('s3fu')}/first/{NAMES.token(8)}"]
    drift = drift_of(shipped(), keys)
    assert drift.proposals == ()
    assert {key for one in drift.refused for key in one.keys} == set(keys)


def test_proposals_for_fewer_objects_than_wanted_are_counted_and_not_made() -> None:
    keys = [f"x/{NAMES.token(8)}.ts" for _ in range(5)] + [f"y/{NAMES.token(8)}.ts" for _ in range(4)]
    drift = drift_of(base("- `k`: prose\n"), keys, least=5)
    assert templates(drift) == {"x/{random}.ts": 5}
    assert drift.uncovered["too-few"].objects == drift.left.objects == 4


def test_rows_decide_a_policy_only_when_they_agree() -> None:
    keys = [f"x/{NAMES.token(8)}.{end}" for end in ("all", "none", "some") for _ in range(40)]
    rows = [key for key in keys if key.endswith(".all")][1:] + [key for key in keys if key.endswith(".some")][:20]
    drift = drift_of(base("- `k`: prose\n"), keys, rows)
    assert {one.named.text[-4:]: str(one.rows(known=True)) for one in drift.proposals} == {
        ".all": "required",
        "none": "none",
        "some": "unclear",
    }
    assert {str(one.rows(known=False)) for one in drift.proposals} == {"unknown"}


def test_what_is_rare_is_found_behind_what_is_frequent() -> None:
    frequent = [f"x/{NAMES.token(16)}.mp4" for _ in range(3000)]
    rare = [f"x/{NAMES.token(4)}-{NAMES.random.randint(1_600_000_000, 1_700_000_000)}.mp4" for _ in range(2)]
    assert templates(drift_of(base("- `k`: prose\n"), [*frequent, *rare])) == {
        "x/{random}.mp4": 3000,
        "x/{random}-{timestamp}.mp4": 2,
    }


def test_more_forms_than_anybody_reads_are_cut_off_and_counted() -> None:
    chance = random.Random(3)
    keys = {"/".join("".join(chance.choices("abcdefgh", k=4)) for _ in range(chance.randint(2, 9))) for _ in range(400)}
    drift = drift_of(base("- `k`: prose\n"), keys)
    assert len(drift.proposals) <= 200
    assert sum(one.tally.objects for one in drift.proposals) + drift.left.objects == len(keys)


@pytest.mark.slow
def test_a_sample_does_not_grow_with_the_keys() -> None:
    chance = random.Random(4)
    sample = Sample()
    for _ in range(12):
        keys = ["/".join("".join(chance.choices("abcdefgh", k=5)) for _ in range(3)) for _ in range(8_000)]
        sample.add(pa.array([*keys, *(f"x/{NAMES.token(16)}.mp4" for _ in range(4_000))]))
    kept = list(sample.keys())
    assert len(kept) <= 1.5 * MOST_KEYS
    assert len([key for key in kept if key.startswith("x/")]) >= 10, "a large stratum is never folded into another"


def test_a_proposal_that_covers_another_of_a_different_form_takes_its_place() -> None:
    timed = [f"x/{1_700_000_000 + number}-{NAMES.token(4)}/{NAMES.token(8)}" for number in range(3)]
    words = [f"x/{word}/{NAMES.token(8)}" for word in WORDS]
    assert templates(drift_of(base("- `k`: prose\n"), [*timed, *words])) == {"x/{name}/{random}": 15}


def test_no_kind_is_widened_into_another_family() -> None:
    kinds_of = {"x/{a}.{b}": 'a = "int", b = "choice(png)"', "x/1{c}.gif": 'c = "int"'}
    document = "".join(f"- `{text}`: prose\n" for text in kinds_of)
    bindings = "".join(f'[templates."{text}"]\nfields = {{ {kinds} }}\n' for text, kinds in kinds_of.items())
    drift = drift_of(base(document, bindings), ["x/5.gif"])
    assert drift.proposals == ()
    assert drift.left.objects == 1
