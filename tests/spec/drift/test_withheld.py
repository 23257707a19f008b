"""A template is taken out of a random document: what is proposed for its keys covers all of them, and nothing else."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.spec import Family, Fit, compile_specification, overlaps
from tests.examples import examples
from tests.spec.building import bindings, classified, document
from tests.spec.drift.observing import base, drift_of

WORDS = ("audio", "video", "images", "a", "build", "old_files", "v2")
VALUES: Mapping[str, Callable[[random.Random], str]] = {
    "uid(cf)": lambda chance: f"oseh_cf_{token(chance, 16)}",
    "uid(mal_o)": lambda chance: f"oseh_mal_o_{token(chance, 16)}",
    "token(4)": lambda chance: token(chance, 4),
    "token(8)": lambda chance: token(chance, 8),
    "token(16)": lambda chance: token(chance, 16),
    "int": lambda chance: str(chance.randint(0, 2000)),
    "timestamp": lambda chance: str(chance.randint(1_000_000_000, 1_900_000_000)),
    "isodatetime": lambda chance: (
        f"20{chance.randint(10, 99)}-07-1{chance.randint(0, 9)}T09:30:{chance.randint(10, 59)}"
    ),
    "slug": lambda chance: "_".join(chance.choices(WORDS, k=chance.randint(1, 3))) + str(chance.randint(1, 99)),
    "choice(png, svg)": lambda chance: chance.choice(["png", "svg"]),
}


SLIPS = (Fit.INVALID_FIELD,)  # where a key has another family's form, a template of its own may not be possible


def token(chance: random.Random, size: int) -> str:
    return base64.urlsafe_b64encode(chance.randbytes(size)).rstrip(b"=").decode()


@st.composite
def templates(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """Folders of words and fields; a name of one field, of two with a hyphen, or with a word, and an extension."""
    kinds: dict[str, str] = {}

    def field() -> str:
        name = f"f{len(kinds)}"
        kinds[name] = draw(st.sampled_from(list(VALUES)))
        return f"{{{name}}}"

    folders = [draw(st.sampled_from(WORDS))]
    folders += [
        field() if draw(st.booleans()) else draw(st.sampled_from(WORDS)) for _ in range(draw(st.integers(0, 3)))
    ]
    form = draw(st.sampled_from(["{0}", "{0}-{1}", "word-{0}", "{0}-word"]))
    name = form.replace("{0}", field()).replace("{1}", field() if "{1}" in form else "")
    return "/".join([*folders, name]) + draw(st.sampled_from(["", ".ts", ".txt.gz"])), kinds


def key_of(family: Family, chance: random.Random) -> str:
    parts = iter([VALUES[kind.text](chance) for kind in family.kinds.values()])
    return "".join(next(parts) if piece is None else piece for piece in family.template.skeleton)


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(templates(), min_size=1, max_size=4), st.sampled_from([1, 2, 9, 60]), st.integers(0, 1000))
def test_keys_of_a_withheld_template_are_covered(
    chosen: list[tuple[str, dict[str, str]]], count: int, seed: int
) -> None:
    unique = dict({re.sub(r"\{[^}]*\}", "{}", text): (text, kinds) for text, kinds in chosen}.values())
    whole = compile_specification(document("other/{x}", *unique), bindings(unique))
    if any(overlaps(whole.families)):
        return  # a key of the withheld template could be another's
    withheld = whole.families[-1]
    kept = [text for text in unique if text != withheld.template.text]
    source = bindings({text: unique[text] for text in kept})
    chance = random.Random(seed)
    keys = {key_of(withheld, chance) for _ in range(count)}
    described = base(document("other/{x}", *kept).data.decode(), source.data.decode())
    drift = drift_of(described, keys)
    slips = {key for key, (_, fit) in zip(keys, classified(described.extended([]), *keys), strict=True) if fit in SLIPS}
    refused = {key for one in drift.refused for key in one.keys}
    assert drift.left.objects == len(refused), "a key without a template and without a reason"
    assert refused <= slips, (withheld.template.text, drift.refused)
