"""Whatever a key is, it is explained; and a key that nearly fits departs where it may well have gone wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from auditor.spec import Explanation, Family, Field, Fit, compile_specification
from auditor.spec.kinds import shape
from rules.shipped import file_service
from tests.examples import examples

SPEC = compile_specification(*file_service(), strict=True)
MOST_BYTES = 1024

FOLDERS = (
    "s3_files/",
    "audio/",
    "videos/",
    "originals/",
    "mp4/",
    "hls/",
    "oseh_cf_",
    "A" * 22,
    "A" * 11,
    "/",
    "-",
    ".",
)
PIECES = (
    *FOLDERS,
    ".mp4",
    ".ts",
    "backup/",
    "database/",
    "timely/",
    "1690000000",
    ".bak",
    "é",
    "\x00",
    "\u202e",
    "🙂",
    "\n",
)
any_key = (st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=80)).filter(
    lambda key: len(key.encode(errors="surrogatepass")) <= MOST_BYTES
)


def check(explanation: Explanation) -> None:
    places = [near.column for near in explanation.nearby]
    places += [place for field in explanation.fields for place in (field.column, field.departure or field.column)]
    assert all(1 <= place <= len(explanation.key) + 1 for place in places)
    assert all(near.expected and near.found for near in explanation.nearby)
    assert explanation.sentence.isprintable()
    assert len(explanation.nearby) <= 3
    departs = explanation.fit in (Fit.UNKNOWN, Fit.MALFORMED, Fit.INVALID_FIELD)
    assert departs == (explanation.column is not None) == bool(explanation.nearby)


@settings(max_examples=examples(150), deadline=None)
@given(any_key)
@example("s3_files/audio/" + "-" * 1009)
@example("/" * MOST_BYTES)
@example("s3_files/backup/database/timely/" + "1690000000-" * 90)
@example("s3_files/jobs/repopulate_emotions/dropped_2024-07-18T09:30:00." + "1" * 950)
def test_every_key_is_explained(key: str) -> None:
    check(SPEC.explain(key))


@st.composite
def near_misses(draw: st.DrawFn) -> tuple[str, int]:
    """A key of a family with one character left out, put in or exchanged, and where."""
    family = draw(st.sampled_from(SPEC.families))
    pattern = re.sub(r"\(\?s:\.\+\)", "[a-z/]{1,9}", family.pattern)
    key = draw(st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    assume(len(key) <= MOST_BYTES)
    at = draw(st.integers(0, len(key) - 1))
    instead = draw(st.sampled_from(["", "x", "/", "é"]))
    return key[:at] + instead + key[at + draw(st.integers(0, 1)) :], at


@settings(max_examples=examples(150), deadline=None)
@given(near_misses())
def test_up_to_its_column_a_malformed_key_could_be_one_of_the_template(mutated: tuple[str, int]) -> None:
    key, at = mutated
    explanation = SPEC.explain(key)
    check(explanation)
    for near in explanation.nearby:
        if explanation.fit is Fit.MALFORMED:
            beginning = key[: near.column - 1]
            assert any(re.fullmatch(pattern, beginning, re.DOTALL) for pattern in beginnings(SPEC.family(near.family)))
    if explanation.fit in (Fit.MALFORMED, Fit.UNKNOWN):
        # Not before the folder that was changed; where nothing is wrong before, nothing is called wrong.
        assert explanation.column is not None
        assert explanation.column - 1 >= key.rfind("/", 0, at) + 1


def beginnings(family: Family) -> Iterator[str]:
    """Patterns of what keys of the template's form begin with, one for each part in which the beginning may end."""
    before = ""
    for part in family.template.parts:
        if isinstance(part, Field):
            before += shape(family.kinds[part.name]).pattern
            yield before
        else:
            yield from (before + re.escape(part.text[:length]) for length in range(len(part.text) + 1))
            before += re.escape(part.text)
    yield before
