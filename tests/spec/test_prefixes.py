"""The label that unexplained keys share with the keys beside them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.spec import UNEXPLAINED, Fit, KeyPrefix, Specification, prefix_of
from tests.examples import examples
from tests.spec.building import compiled
from tests.spec.test_agreement import SHIPPED, hostile, near_keys, specifications

UID = "oseh_cf_" + "A" * 22
MP4 = "s3/audio/{uid}/mp4/{rate}/{random}.mp4"
SPEC = compiled(
    {
        MP4: {"uid": "uid(cf)", "rate": "int"},
        "s3/audio/{uid}/hls/{random}.ts": {"uid": "uid(cf)"},
        "s3/audio/originals/{uid}/{name}.bin": {"uid": "uid(cf)", "name": "path"},
        "s3/keys/{owner/or nobody}/{uid}": {"uid": "uid(k)"},
        "s3/jobs/dropped_{day}.d/{part}": {"day": "isodatetime"},
        "s3/tie/{a}-{b}": {},
        "s3/tie/{a}_{b}": {},
    }
)


def label(key: str, spec: Specification = SPEC) -> KeyPrefix:
    return prefix_of(spec.explain(key), spec)


@pytest.mark.parametrize(
    ("key", "text", "nearest"),
    [
        ("builds/a/b.tar.gz", "builds/", None),
        ("s3/voices/a/b", "s3/voices/", MP4),
        ("s3/voices", "s3/", MP4),
        ("s3/jobs/kept_1.d/x", "s3/jobs/kept_1.d/", "s3/jobs/dropped_{day}.d/{part}"),
        ("s3/jobs/kept.txt", "s3/jobs/", "s3/jobs/dropped_{day}.d/{part}"),
        ("s3/jobs/dro", "s3/jobs/", "s3/jobs/dropped_{day}.d/{part}"),
        ("name\x1b[2J", "", None),
        ("/a", "/", None),
        ("s3//a", "s3//", MP4),
    ],
)
def test_unknown_keys_share_the_first_folder_that_no_template_has(key: str, text: str, nearest: str | None) -> None:
    assert label(key) == KeyPrefix(Fit.UNKNOWN, text, nearest)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (f"s3/audio/{UID}/flac/64/x.flac", "s3/audio/{uid}/flac/"),
        (f"s3/audio/{UID}/mp4/64/x.mp3", "s3/audio/{uid}/mp4/{rate}/"),
        (f"s3/audio/{UID}/mp4/64/x/y.mp4", "s3/audio/{uid}/mp4/{rate}/{random}/"),
        (f"s3/audio/{UID}/mp4/64", "s3/audio/{uid}/mp4/"),
        (f"s3/audio/{UID}/m/x", "s3/audio/{uid}/m/"),
        (f"s3/audio/{UID}", "s3/audio/"),
        (f"s3/audio/{UID}//x", "s3/audio/{uid}//"),
        ("s3/audio/", "s3/audio/"),
        ("s3/audio/OLD-uid-17/flac/x", "s3/audio/{uid}/flac/"),  # no word, so it is a value
        ("s3/audio/podcasts/x.mp3", "s3/audio/podcasts/"),  # a word where a uid should be is a folder
        ("s3/audio/podcasts/2024/x.mp3", "s3/audio/podcasts/"),
        ("s3/audio/podcasts", "s3/audio/"),
        (f"s3/audio/originals/{UID}/a/b.txt", "s3/audio/originals/{uid}/"),  # the path is the last name
        ("s3/keys/me/k/more", "s3/keys/{owner/or nobody}/k/"),
        ("s3/keys/me/1/more", "s3/keys/{owner/or nobody}/{uid}/"),
        ("s3/keys/me", "s3/keys/"),
        ("s3/jobs/dropped_7.txt", "s3/jobs/"),
        ("s3/jobs/dropped_7.e/x", "s3/jobs/dropped_{day}.e/"),
        ("s3/tie/{a}/x-y", "s3/tie/{a}/"),
    ],
)
def test_malformed_keys_share_the_template_up_to_the_folder_where_they_depart(key: str, text: str) -> None:
    assert (label(key).fit, label(key).text) == (Fit.MALFORMED, text)


def test_without_kinds_every_value_is_a_value() -> None:
    spec = compiled({"audio/{uid}/hls/{random}.ts": {}})
    assert label("audio/podcasts/x.mp3", spec).text == "audio/{uid}/"


def test_wrong_fields_share_the_template_and_the_first_of_them() -> None:
    assert label("s3/audio/x/mp4/high/r.mp4") == KeyPrefix(Fit.INVALID_FIELD, MP4, MP4, "uid")
    assert label(f"s3/audio/{UID}/mp4/high/r.mp4") == KeyPrefix(Fit.INVALID_FIELD, MP4, MP4, "rate")


def test_ambiguous_keys_share_the_templates_that_tie() -> None:
    spec = compiled({"{a}-{b}": {}, "{a}_{b}": {}, "{a}": {}})
    assert label("x-y_z", spec) == KeyPrefix(Fit.AMBIGUOUS, "{a}-{b} or {a}_{b}")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("builds\x1b/x", "unknown keys in `builds\\x1b/`"),
        ("x", "unknown keys at the top of the bucket"),
        (f"s3/audio/{UID}/flac/x", "malformed keys in `s3/audio/{uid}/flac/`"),
        ("s3/audio/x/mp4/1/r.mp4", f"keys of `{MP4}` with an invalid `uid`"),
        ("s3/tie/x-y_z", "ambiguous keys of `s3/tie/{a}-{b} or s3/tie/{a}_{b}`"),
    ],
)
def test_a_label_in_words(key: str, words: str) -> None:
    assert label(key).words == words


def check(spec: Specification, keys: list[str]) -> None:
    texts = {family.template.text for family in spec.families}
    for explanation in spec.explanations(keys):
        if explanation.fit in UNEXPLAINED:
            found = prefix_of(explanation, spec)
            assert found.nearest is None or found.nearest in texts
            assert found.words.isprintable()
            if found.fit in (Fit.UNKNOWN, Fit.MALFORMED):
                assert found.text == "" or found.text.endswith("/")
                assert found.text.count("/") <= explanation.key.count("/")
            if found.fit is Fit.UNKNOWN or "{" not in found.text:
                assert explanation.key.startswith(found.text)


@settings(max_examples=examples(40), deadline=None)
@given(st.data())
def test_every_unexplained_key_of_any_document_has_a_label(data: st.DataObject) -> None:
    spec = data.draw(specifications())
    check(spec, data.draw(st.lists(near_keys(spec) | hostile, min_size=1, max_size=8)))


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(near_keys(SHIPPED) | hostile | st.text(max_size=40), min_size=1, max_size=12))
def test_every_unexplained_key_of_the_shipped_document_has_a_label(keys: list[str]) -> None:
    check(SHIPPED, keys)


@settings(max_examples=examples(30), deadline=None)
@given(st.data())
def test_what_was_read_before_the_departure_is_in_the_key(data: st.DataObject) -> None:
    spec = data.draw(specifications())
    for key in data.draw(st.lists(near_keys(spec), min_size=1, max_size=8)):
        explanation = spec.explain(key)
        if explanation.fit is Fit.MALFORMED:
            assert _begins(key, explanation.read, spec, explanation.nearest or "", (explanation.column or 1) - 1)


def _begins(key: str, values: tuple[str, ...], spec: Specification, nearest: str, end: int) -> bool:
    """Whether literals and values stand one after the other from the beginning of the key to the departure."""
    left, at = list(values), 0
    for text in spec.family(nearest).template.skeleton:
        if text is None and not left:
            break
        piece = left.pop(0) if text is None else text[: end - at]
        if not key.startswith(piece, at):
            return False
        at += len(piece)
    return at == end and not left
