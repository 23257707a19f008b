"""Three readers, one answer: Arrow's RE2, pyparsing, and as referee Python's `re` over the same syntax tree."""

from __future__ import annotations

import re

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.spec import Fit, Specification, compile_specification
from auditor.spec.precedence import ranks, winner
from rules.shipped import file_service
from tests.examples import examples
from tests.spec.building import compiled

KINDS = ("segment", "path", "uid(c)", "token(1)", "int", "timestamp", "timestamp(hint)", "isodatetime", "slug")
KINDS = (*KINDS, "choice(a, ab, a-b)", "choice(b)")
KINDS = (*KINDS, "segment?", "path?", "int?", "timestamp(hint)?", "isodatetime?", "choice(a, ab)?", "token(1)?")
VALUES = ("a", "ab", "b", "-", "1", "169000000", "1690000000", "12345678901", "2024-02-30T01:02:03", "a/b", "é", "\n")
VALUES = (
    *VALUES,
    "",
    "oseh_c_" + "A" * 22,
    "oseh_c_" + "-" * 22,
    "x\x00",
    "\n\n",
    " ",
    "\t",
    "🙂",
    "\r\n",
    "ﬀ",
    "a-a-a",
)

literals = st.sampled_from(
    ["a", "b", "-", "/", ".", "ab", "a/", "/b/", "a-", ".ts", "1", "0", "A", "é", "$", "\\", "(", "[^/]+"]
)
hostile = st.text(st.sampled_from("ab-/.1\n\x00 é\t*?{}\\$\u2028\U0001f642"), max_size=24)


@st.composite
def templates(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    parts, kinds = [], {}
    for number in range(draw(st.integers(1, 5))):
        if draw(st.booleans()):
            parts.append(draw(literals))
        else:
            parts.append(f"{{f{number}}}")
            kinds[f"f{number}"] = draw(st.sampled_from(KINDS))
    return "".join(parts), kinds


@st.composite
def specifications(draw: st.DrawFn) -> Specification:
    found = draw(st.lists(templates(), min_size=1, max_size=5))
    unique = {re.sub(r"\{[^}]*\}", "{}", text): (text, kinds) for text, kinds in found}
    globs = draw(st.sampled_from(["", '[ignore]\nglobs = ["a*b", "?", "[ab]*"]', '[ignore]\nglobs = ["*-*-*-*a"]']))
    return compiled(dict(unique.values()), globs)


@st.composite
def near_keys(draw: st.DrawFn, spec: Specification) -> str:
    """A key of some template, often with something cut out or put in."""
    template = draw(st.sampled_from(spec.families)).template
    values = st.sampled_from(VALUES) | hostile
    key = "".join(draw(values) if piece is None else piece for piece in template.skeleton)
    if draw(st.booleans()) or not key:
        return key
    start, stop = sorted(draw(st.tuples(st.integers(0, len(key)), st.integers(0, len(key)))))
    stop = min(stop, start + 3)
    return key[:start] + draw(st.sampled_from(["", *VALUES])) + key[stop:]


def referee(spec: Specification, key: str) -> tuple[str | None, str, tuple[str, ...]]:
    for glob in spec.ignore:
        regex = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in glob)
        if re.fullmatch(regex, key, re.DOTALL):
            return None, Fit.IGNORED, ()
    for shapes, fit in ((False, Fit.FITS), (True, Fit.INVALID_FIELD)):
        # \z is new in Python 3.14; \Z is its equal here, unlike in other engines.
        patterns = [family.capturing(shapes=shapes).removesuffix(r"\z") + r"\Z" for family in spec.families]
        matches = {index: match for index, pattern in enumerate(patterns) if (match := re.match(pattern, key))}
        if matches:
            best = winner(matches, ranks(spec.families))
            if best is None:
                return None, Fit.AMBIGUOUS, ()
            return spec.families[best].name, fit, matches[best].groups()
    begun = any(key.startswith(family.literal) for family in spec.families)
    return None, Fit.MALFORMED if begun else Fit.UNKNOWN, ()


def check(spec: Specification, keys: list[str]) -> None:
    expected = [referee(spec, key) for key in keys]
    for order in (keys, sorted(keys)):
        classes = spec.classify(pa.array(order, pa.string()))
        answers = zip(order, classes.family.to_pylist(), classes.fit.to_pylist(), strict=True)
        assert {key: (family, fit) for key, family, fit in answers} == {
            key: answer[:2] for key, answer in zip(keys, expected, strict=True)
        }
    explanations = [spec.explain(key) for key in keys]
    assert list(spec.explanations(keys)) == explanations
    for key, explanation, (family, fit, values) in zip(keys, explanations, expected, strict=True):
        assert (explanation.key, explanation.family, explanation.fit) == (key, family, fit)
        assert tuple(field.value for field in explanation.fields) == values
        assert all(key[field.column - 1 :].startswith(field.value) for field in explanation.fields)
        assert bool(explanation.invalid) == (fit == Fit.INVALID_FIELD)
        assert explanation.sentence.isprintable()


@settings(max_examples=examples(250), deadline=None)
@given(st.data())
def test_all_readers_agree_on_any_template_and_key(data: st.DataObject) -> None:
    spec = data.draw(specifications())
    keys = data.draw(st.lists(near_keys(spec) | hostile, min_size=1, max_size=8))
    check(spec, keys)


SHIPPED = compile_specification(*file_service(), strict=True)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(near_keys(SHIPPED) | hostile | st.text(max_size=40), min_size=1, max_size=12))
@example(["s3_files/audio/originals/\n/\n", "s3_files/backup/redis/1690000000.bak\n", "s3_files/", ""])
def test_all_readers_agree_on_the_shipped_document(keys: list[str]) -> None:
    check(SHIPPED, keys)
