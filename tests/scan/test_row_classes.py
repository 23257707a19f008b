"""Every row that was read is in exactly one class, each class for its own reason, and the sum is told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import ObjectUnreadable
from reports.verdict import row_account
from tests.scan.fakes import NOW, OLD, YOUNG, MemoryRows, MemoryStore
from tests.scan.running import Ran, image, run

PREFIX = "s3_files/images/"
CUTOFF = NOW - timedelta(hours=24)
OUTSIDE, NO_FAMILY = "s3_files/courses/x", "s3_files/images/stray"
CREATED = {  # key -> when its row was created; only the first has an object
    image(0): OLD,
    OUTSIDE: OLD,
    NO_FAMILY: OLD,
    image(1): YOUNG,
    image(2): None,  # a time that nobody can read
    image(3): CUTOFF,
    image(4): OLD,  # goes away before the second look
    image(5): OLD,  # its object cannot be looked at
    image(6): OLD,
    image(7): CUTOFF - timedelta(microseconds=1),
}
CLASSES = {"matched": 1, "outside": 1, "no-family": 1, "too-new": 3, "gone": 1, "unjudged": 1, "dangling": 2}


def audit(folder: Path) -> Ran:
    rows = MemoryRows({key: (f"uid of {key}", 4, created) for key, created in CREATED.items()})
    broken = ObjectUnreadable(image(5), "the connection broke", refused=False)
    store = MemoryStore({image(0): (OLD, b"1234")}, unreadable={image(5): broken})

    def leave(operation: str, argument: Any) -> None:
        if operation == "lookup" and image(4) in argument and store.requests["ListObjectsV2"]:
            rows.rows.pop(image(4), None)

    rows.before = leave
    return run(folder, store, rows, prefix=PREFIX)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return audit(tmp_path_factory.mktemp("row-classes"))


def test_every_class_has_its_rows(ran: Ran) -> None:
    assert ran.summary["row_classes"] == CLASSES


def test_the_classes_add_up_to_what_was_read(ran: Ran) -> None:
    assert sum(ran.summary["row_classes"].values()) == ran.summary["rows"]["count"] == len(CREATED)


def test_the_sum_is_printed(ran: Ran) -> None:
    equation = row_account(ran.summary).equation
    assert equation == ("10 read = 1 matched + 2 dangling + 1 gone + 1 unjudged + 3 too-new + 1 outside + 1 no-family")


def test_only_the_dangling_are_accused(ran: Ran) -> None:
    assert ran.about("REF002") == {image(6), image(7)}
    assert ran.about("REF006") == set()
