"""KEY001-KEY005 on frames as the engine makes them."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.findings import Problem, Severity
from auditor.frames import to_pandas
from auditor.protocols import BatchRule, Context
from auditor.spec import Specification, compile_specification
from rules.keys import AMBIGUOUS, INVALID, MALFORMED, MARKER, UNKNOWN, KeyRules
from rules.shipped import file_service
from tests.examples import examples
from tests.spec.building import compiled

SPEC = compile_specification(*file_service(), strict=True)
UID = "oseh_s3fu_" + "A" * 22


def frame(spec: Specification, objects: Sequence[tuple[str, str | None, int | None, str | None]]) -> pd.DataFrame:
    """Key, class, size and row class of each; family and fit as the compiler says."""
    keys, classes, sizes, row_classes = zip(*objects, strict=True) if objects else ((), (), (), ())
    found = spec.classify(pa.array(keys, pa.string()))
    table = pa.table(
        {
            "key": pa.array(keys, pa.string()),
            "class": pa.array(classes, pa.string()),
            "size": pa.array(sizes, pa.int64()),
            "row_class": pa.array(row_classes, pa.string()),
            "family": found.family.cast(pa.string()),
            "fit": found.fit.cast(pa.string()),
        }
    )
    return to_pandas(table)


def problems(
    *objects: tuple[str, str | None, int | None, str | None], spec: Specification = SPEC, has_rows: bool = True
) -> list[Problem]:
    context = Context(spec=spec, bucket="b", has_rows=has_rows)
    return list(KeyRules().check_batch(frame(spec, objects), context))


def only(key: str, *, row: bool = False, spec: Specification = SPEC, has_rows: bool = True) -> Problem:
    (problem,) = problems((key, "unknown", 7, "matched" if row else None), spec=spec, has_rows=has_rows)
    assert problem.position == 0
    return problem


def test_is_a_batch_rule_with_a_full_record_for_every_code() -> None:
    rules = KeyRules()
    assert isinstance(rules, BatchRule)
    assert [info.code for info in rules.infos] == ["KEY001", "KEY002", "KEY003", "KEY004", "KEY005"]
    for info in rules.infos:
        assert info.severity is (Severity.INFO if info is MARKER else Severity.WARNING)
        assert info.summary.endswith(".")
        assert all((info.why, info.action, info.good, info.bad))
        assert info.good != info.bad


def test_the_examples_in_the_records_are_true() -> None:
    for info in (UNKNOWN, MALFORMED, INVALID):
        assert problems((info.good, "ok", 7, None)) == []
        assert only(info.bad).code == info.code
    assert problems((MARKER.bad, "ignored", 0, None))[0].code == MARKER.code
    (good, *templates) = AMBIGUOUS.good.replace(", with the templates", "").replace(" and", "").split()
    assert problems((good, "ok", 7, None), spec=compiled({text: {} for text in templates})) == []
    (bad, *templates) = AMBIGUOUS.bad.replace(", with the templates", "").replace(" and", "").split()
    assert only(bad, spec=compiled({text: {} for text in templates})).code == AMBIGUOUS.code


@pytest.mark.parametrize(
    ("row", "has_rows", "tail"),
    [(True, True, "; a row has this key"), (False, True, "; no row has this key"), (False, False, "")],
)
def test_unknown_prefix_says_from_where_on_and_whether_a_row_has_the_key(row: bool, has_rows: bool, tail: str) -> None:
    problem = only("s3_files/imges/exports/x.png", row=row, has_rows=has_rows)
    assert problem.code == "KEY001"
    assert problem.subject is None
    assert problem.message == (
        "No template begins with `s3_files/imges/`; the nearest template, "
        "`s3_files/images/originals/{image_file_uid}/{random}`, has `images/` instead of `imges/`" + tail + "."
    )


def test_a_key_that_ends_inside_a_literal_beginning() -> None:
    assert only("s3_files/images/").message == (
        "The key ends at column 16, before it is a key of any template; the nearest template, "
        "`s3_files/images/originals/{image_file_uid}/{random}`, has `originals/` from column 17 on"
        "; no row has this key."
    )


def test_malformed_key_says_column_and_expectation() -> None:
    problem = only(f"s3_files/uploads/{UID}/7")
    assert (problem.code, problem.subject) == ("KEY002", None)
    assert problem.message == (
        "The key departs from `s3_files/uploads/{upload_uid}/{part_number}/{random}` at column 52: "
        "expected `/`; found the end of the key."
    )


def test_invalid_field_says_field_value_and_expectation() -> None:
    problem = only(f"s3_files/uploads/{UID}/seven/mKc0l1ZpAx8")
    assert (problem.code, problem.subject) == ("KEY003", "part_number")
    assert problem.message == (
        "The key has the form of `uploads`, but `part_number` is `seven`: expected decimal digits; "
        "found `s` as the 1st character."
    )


def test_two_invalid_fields_are_one_finding_about_the_first() -> None:
    problem = only("s3_files/uploads/x/seven/mKc0l1ZpAx8")
    assert problem.subject == "upload_uid"
    assert "`part_number` is `seven`" in problem.message


def test_ambiguous_key_names_the_templates() -> None:
    spec = compiled({"r/{x}-{y}": {}, "r/{x}_{y}": {}, "r/{p}": {"p": "path"}})
    problem = only("r/1-2_3", spec=spec)
    assert (problem.code, problem.subject) == ("KEY004", None)
    assert problem.message == "The key fits more than one template: `r/{x}-{y}`, `r/{x}_{y}`."


def test_directory_markers() -> None:
    found = problems(
        ("s3_files/", "ignored", 0, None),
        ("s3_files/audio/originals/x/", "ignored", 0, None),
        ("s3_files/uploads/", "unknown", 1, None),
        ("s3_files/uploads0", "ignored", 0, None),
        ("s3_files/uploads1/", None, None, "no-family"),
    )
    assert [(problem.code, problem.position) for problem in found] == [
        ("KEY005", 0),
        ("KEY005", 1),
        ("KEY002", 2),
        ("KEY001", 3),
    ]


def test_what_a_glob_ignores_is_not_spoken_of() -> None:
    spec = compiled({"a/{x}": {}}, '[ignore]\nglobs = ["tmp/*"]')
    assert problems(("tmp/", "ignored", 0, None), ("tmp/x", "ignored", 3, None), spec=spec) == []


def test_rows_without_an_object_and_good_keys_have_no_finding() -> None:
    assert problems(("s3_files/imges/x", None, None, "no-family"), (UNKNOWN.good, "ok", 1, "matched")) == []
    assert problems() == []


def test_hostile_keys_are_only_text() -> None:
    for key in (
        "s3_files/\x1b[2J/\u202egpj",
        f"s3_files/uploads/{UID}/\n\r/x",
        "s3_files/uploads/\x00",
        "=cmd|' /C'!A0",
    ):
        assert only(key).message.isprintable()


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.booleans(), st.booleans()), max_size=10))
def test_at_most_one_finding_for_a_key_and_one_for_each_bad_object(objects: list[tuple[str, bool, bool]]) -> None:
    rows = [
        ("s3_files/" + key, "unknown" if listed else None, 7 if listed else None, "x" if row else None)
        for key, listed, row in objects
    ]
    positions = [problem.position for problem in problems(*rows)]
    assert positions == [at for at, (_, listed, _) in enumerate(objects) if listed]


def test_a_batch_of_nothing_but_bad_keys_takes_seconds() -> None:
    keys = [f"s3_files/uploads/{UID}/{number}x/mKc0l1ZpAx8" for number in range(10_000)]
    start = time.process_time()
    assert len(problems(*((key, "ok", 1, None) for key in keys))) == len(keys)
    assert time.process_time() - start < 5  # one by one through the slow reader it would be more
