"""Where a key departs, and what is said about it."""

from __future__ import annotations

import time

import pytest

from auditor.spec import Fit
from tests.spec.building import classified, compiled

UID = "oseh_cf_" + "A" * 22
UID_WORDS = "a uid that begins with `oseh_cf_`, then 22 base64url characters"
SPEC = compiled(
    {
        "s3/audio/{uid}/mp4/{rate}/{random}.mp4": {"uid": "uid(cf)", "rate": "int"},
        "s3/audio/{uid}/hls/{random}.ts": {"uid": "uid(cf)"},
        "s3/audio/originals/{uid}/{name}": {"uid": "uid(cf)", "name": "path"},
        "s3/backup/timely/{reason}-{timestamp}.bak": {"reason": "slug", "timestamp": "timestamp"},
        "s3/jobs/dropped_{day}.txt": {"day": "isodatetime"},
    },
    '[ignore]\nglobs = ["builds/*"]',
)


@pytest.mark.parametrize(
    ("key", "nearest", "expected", "found"),
    [
        ("s3/audio/x/mp4/64/abc|.mp3", "audio/mp4", "`.mp4`", "`.mp3`"),
        ("s3/audio/x/mp4/64/abc|", "audio/mp4", "`.mp4`", "the end of the key"),
        ("s3/audio/x/mp4/64/abc|/d.mp4", "audio/mp4", "`.mp4`", "`/d.mp4`"),
        ("s3/audio/x/mp4/|", "audio/mp4", "decimal digits", "the end of the key"),
        ("s3/audio/|/mp4/64/a.mp4", "audio/mp4", UID_WORDS, "`/mp4/`"),
        ("s3/audio/x/mp4/64.mp4|", "audio/mp4", "`/`", "the end of the key"),
        ("s3/audio/x/hls/a.ts|/b", "audio/hls", "the end of the key", "`/b`"),
        ("s3/audio/x/|mp5/64/a.mp4", "audio/mp4", "`mp4/`", "`mp5/`"),
        ("s3/audio/x/|hlz/a.ts", "audio/hls", "`hls/`", "`hlz/`"),
        ("s3/audio/originals/x/|", "audio/originals", "one or more characters", "the end of the key"),
        ("s3/backup/timely/a.bak|", "backup/timely", "`-`", "the end of the key"),
        ("s3/jobs/dropped_a.txt|\n", "jobs", "the end of the key", "`\\n`"),
    ],
)
def test_malformed_keys(key: str, nearest: str, expected: str, found: str) -> None:
    column = key.index("|") + 1
    explanation = SPEC.explain(key.replace("|", ""))
    assert explanation.fit is Fit.MALFORMED
    assert (explanation.nearest, explanation.column) == (nearest, column)
    assert (explanation.expected, explanation.found) == (expected, found)
    assert explanation.sentence == f"departs from `{nearest}` at column {column}: expected {expected}; found {found}"


@pytest.mark.parametrize(
    ("key", "unknown_from", "nearest", "expected", "found"),
    [
        ("s3/|audios/x", "s3/audios/", "audio/mp4", "`audio/`", "`audios/`"),
        ("|builds2/x", "builds2/", "audio/mp4", "`s3/`", "`builds2/`"),
        ("s3/backup/|timeless/a/b", "s3/backup/timeless/", "backup/timely", "`timely/`", "`timeless/`"),
        ("s3/jobs/|drop.txt", "s3/jobs/drop.txt", "jobs", "`dropped_`", "`drop.txt`"),
        ("s3/jobs/|x/dropped_", "s3/jobs/x/", "jobs", "`dropped_`", "`x/`"),
        ("s3/jobs/|drop", None, "jobs", "`dropped_`", "`drop`"),
        ("s3/backup/|", None, "backup/timely", "`timely/`", "the end of the key"),
        ("|", None, "audio/mp4", "`s3/`", "the end of the key"),
    ],
)
def test_unknown_keys(key: str, unknown_from: str | None, nearest: str, expected: str, found: str) -> None:
    column = key.index("|") + 1
    explanation = SPEC.explain(key.replace("|", ""))
    assert (explanation.fit, explanation.unknown_from, explanation.nearest) == (Fit.UNKNOWN, unknown_from, nearest)
    assert (explanation.column, explanation.expected, explanation.found) == (column, expected, found)
    assert f"has {expected} at column {column}" in explanation.sentence


def test_invalid_fields_with_their_places() -> None:
    explanation = SPEC.explain("s3/audio/y/mp4/64k/a.mp4")
    assert (explanation.family, explanation.fit) == ("audio/mp4", Fit.INVALID_FIELD)
    assert [(field.name, field.value, field.kind, field.valid, field.column) for field in explanation.fields] == [
        ("uid", "y", "uid(cf)", False, 10),
        ("rate", "64k", "int", False, 16),
        ("random", "a", "segment", True, 20),
    ]
    assert [(field.departure, field.found) for field in explanation.fields] == [
        (10, "`y`"),
        (18, "`k` as the 3rd character"),
        (None, None),
    ]
    assert (explanation.column, explanation.expected, explanation.found) == (10, UID_WORDS, "`y`")
    assert explanation.sentence == (
        f"has the form of `audio/mp4`, but `uid` is `y`: expected {UID_WORDS}; and "
        "`rate` is `64k`: expected decimal digits; found `k` as the 3rd character"
    )


def test_a_wrong_field_departs_inside_its_value() -> None:
    explanation = SPEC.explain(f"s3/audio/{UID}/mp4/64k/a.mp4")
    assert (explanation.fields[1].column, explanation.column) == (45, 47)


def test_a_field_takes_as_much_as_leaves_the_rest_a_match() -> None:
    explanation = SPEC.explain("s3/backup/timely/0214_a-pre-1690000000.bak")
    assert [field.value for field in explanation.fields] == ["0214_a-pre", "1690000000"]
    spec = compiled({"{a}-{b}": {"b": "slug"}, "x/{p}/{q}.{r}": {"p": "path"}})
    assert [field.value for field in spec.explain("1-2-3").fields] == ["1-2", "3"]
    assert [field.value for field in spec.explain("1-2-é").fields] == ["1-2", "é"]
    assert [field.value for field in spec.explain("x/a/b/c.d.e").fields] == ["a/b", "c.d", "e"]


def test_a_shorter_value_must_be_of_its_kind_as_well() -> None:
    spec = compiled({"{x}0{y}": {"x": "timestamp"}, "a/{x}A{y}": {"x": "uid(c)"}})
    for key, fit in {
        "1690000005": Fit.INVALID_FIELD,
        "16900000005": Fit.FITS,
        "a/oseh_c_" + "A" * 24: Fit.FITS,
        "a/oseh_c_" + "A" * 22: Fit.INVALID_FIELD,
    }.items():
        assert spec.explain(key).fit is fit
        assert classified(spec, key)[0][1] == fit


def test_ignored_and_fitting_keys() -> None:
    assert SPEC.explain("builds/a/b.tar.gz").sentence == "is ignored by the glob `builds/*` of the bindings"
    assert SPEC.explain("s3/audio/originals/" + UID + "/a/b").sentence == "fits `audio/originals`"


def test_sentences_hold_no_character_that_moves_a_cursor() -> None:
    for key in ("s3/\x1b[2J/x", "s3/audio/\u202e/mp4/\r/a.mp4", "\x00", "s3/jobs/dropped_\n.txt"):
        assert SPEC.explain(key).sentence.isprintable()


def test_a_key_that_is_no_unicode_text_is_explained_as_well() -> None:
    assert SPEC.explain("s3/audio/\udcff").fit is Fit.MALFORMED


PRECEDENCE = [
    ({"a/{x}/b": {}, "a/{x}/{y}": {}}, "a/1/b", "a/{x}/b"),
    ({"a/{x}/{y}": {}, "a/b/{y}": {}, "{z}/b/c": {}}, "a/b/c", "a/b/{y}"),
    ({"{x}": {}, "{x}.ts": {}}, "a.ts", "{x}.ts"),
    ({"r/{x}-{y}": {"x": "int"}, "r/{x}_{y}": {}}, "r/1-2_3", "r/{x}-{y}"),
    ({"r/{x}-{y}": {"y": "int"}, "r/{x}_{y}": {"x": "slug"}}, "r/1_2-3", "r/{x}_{y}"),
    ({"r/{x}-{y}": {}, "r/{x}_{y}": {}}, "r/1-2_3", None),
    ({"r/{x}-{y}": {"x": "int"}, "r/{x}_{y}": {"x": "int"}}, "r/a-2_3", None),
    ({"r/{x}a{y}": {}, "r/{x}b{y}": {}, "r/{x}c{y}": {}, "r/{p}": {"p": "path"}}, "r/1a2b3", None),
    ({"r/{x}a{y}": {}, "r/{x}b{y}": {}, "r/{x}c{y}": {}, "r/{p}": {"p": "path"}}, "r/1a2", "r/{x}a{y}"),
    ({"r/{x}a{y}": {}, "r/{x}b{y}": {}, "r/{x}c{y}": {}, "r/{p}": {"p": "path"}}, "r/12", "r/{p}"),
    ({"r/{x}a{y}": {}, "r/{x}b{y}": {}, "r/0{y}": {}}, "r/0a2b3", "r/0{y}"),
]


@pytest.mark.parametrize(("kinds", "key", "template"), PRECEDENCE)
def test_precedence(kinds: dict[str, dict[str, str]], key: str, template: str | None) -> None:
    spec = compiled(kinds)
    explanation = spec.explain(key)
    assert classified(spec, key) == [(explanation.family, explanation.fit)]
    if template is None:
        assert explanation.fit is Fit.AMBIGUOUS
        assert len(explanation.candidates) == 2
    else:
        assert spec.family(explanation.family or "").template.text == template


def test_no_key_takes_long() -> None:
    spec = compiled(
        {"{a}-{b}-{c}-{d}-{e}.x": {}, "y/{a}{b}{c}{d}{e}{f}/{g:int}": {"g:int": "int"}, "{p}/{q}.z": {"p": "path"}}
    )
    for key in ("-" * 1024, "y/" + "a" * 1020 + "/b", "/" * 1024, "y/" * 512):
        start = time.process_time()
        spec.explain(key)
        assert time.process_time() - start < 5, key[:10]


def test_the_largest_template_is_read_without_deep_recursion() -> None:
    text = "/".join(f"{{{number}}}" for number in range(32))
    spec = compiled({text: {}})
    assert spec.explain("/".join("a" * 32)).fit is Fit.FITS
    assert spec.explain("/".join("a" * 33)).fit is Fit.MALFORMED
