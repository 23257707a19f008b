"""The classes of the documentation, line by line, and the order of the lines."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from auditor.scan.columns import OBJECT_CLASSES, ROW_CLASSES
from auditor.scan.judge import Law
from auditor.spec.model import Fit, RowPolicy
from tests.scan.fakes import NOW

HOUR = timedelta(hours=1)
LAW = Law({policy.value: policy for policy in RowPolicy}, NOW - 24 * HOUR, NOW - 48 * HOUR)
FITTING = [(Fit.FITS, policy.value) for policy in RowPolicy] + [(Fit.INVALID_FIELD, RowPolicy.REQUIRED.value)]
NO_FAMILY = [(fit, None) for fit in (Fit.UNKNOWN, Fit.MALFORMED, Fit.AMBIGUOUS, Fit.IGNORED)]


def expected(fit: Fit, policy: str | None, marker: bool, has_row: bool, known: bool, old: bool) -> str:
    """The table of classes as it reads: the first line that holds."""
    if fit is Fit.IGNORED or marker:
        return "ignored"
    if policy is None:
        return "unknown"
    if policy == "none":
        return "ok"
    if policy == "unmanaged":
        return "unmanaged"
    if has_row:
        return "ok"
    if not known:
        return "unjudged"
    return "orphan" if old else "too-new"


def judged(fit: Fit, family: str | None, key: str, size: int, modified: datetime, has_row: bool, known: bool) -> str:
    columns: dict[str, Any] = {
        "key": [key],
        "size": [size],
        "last_modified": pa.array([modified], pa.timestamp("us", "UTC")),
    }
    columns |= {"family": pa.array([family], pa.string()).dictionary_encode()}
    columns |= {"fit": pa.array([str(fit)]).dictionary_encode()}
    codes = LAW.objects(pa.table(columns), np.array([has_row]), known)
    return str(OBJECT_CLASSES[codes[0]])


@pytest.mark.parametrize(("fit", "family"), FITTING + NO_FAMILY)
def test_every_combination_of_facts(fit: Fit, family: str | None) -> None:
    for marker, has_row, known, old in product([False, True], repeat=4):
        key, size = ("a/", 0) if marker else ("a", 0)
        modified = NOW - (49 if old else 47) * HOUR
        said = judged(fit, family, key, size, modified, has_row, known)
        assert said == expected(fit, family, marker, has_row, known, old), (marker, has_row, known, old)


def test_a_key_that_ends_in_a_slash_and_holds_something_is_no_marker() -> None:
    assert judged(Fit.UNKNOWN, None, "a/", 1, NOW, False, True) == "unknown"


def test_what_is_exactly_as_old_as_the_cutoff_is_too_new() -> None:
    assert judged(Fit.FITS, "required", "a", 1, LAW.object_cutoff, False, True) == "too-new"


@pytest.mark.parametrize(
    ("fit", "created", "said"),
    [
        (Fit.FITS, NOW - 25 * HOUR, "dangling"),
        (Fit.INVALID_FIELD, NOW - 25 * HOUR, "dangling"),
        (Fit.FITS, NOW - 24 * HOUR, "too-new"),
        (Fit.FITS, NOW - 23 * HOUR, "too-new"),
        (Fit.FITS, None, "too-new"),
        (Fit.UNKNOWN, NOW - 25 * HOUR, "no-family"),
        (Fit.MALFORMED, NOW, "no-family"),
        (Fit.AMBIGUOUS, NOW - 25 * HOUR, "no-family"),
        (Fit.IGNORED, NOW - 25 * HOUR, "no-family"),
    ],
)
def test_rows_without_an_object(fit: Fit, created: datetime | None, said: str) -> None:
    table = pa.table(
        {
            "fit": pa.array([str(fit)]).dictionary_encode(),
            "row_created_at": pa.array([created], pa.timestamp("us", "UTC")),
        }
    )
    assert str(ROW_CLASSES[LAW.rows(table)[0]]) == said
