"""Which findings make a run fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.findings import Severity
from auditor.history.tally import Threshold
from tests.history.pretend import Pretended
from tests.reports.sample import finding

OLD_ERROR, NEW_WARNING = finding("REF003", "a"), finding("KEY001", "b")
WARNING, ERROR = Severity.WARNING, Severity.ERROR


@pytest.mark.parametrize(
    ("every", "new", "code"),
    [
        (WARNING, None, 1),
        (ERROR, None, 1),
        (None, WARNING, 1),
        (None, ERROR, 0),  # the error is known
        (ERROR, ERROR, 1),
        (WARNING, ERROR, 1),
    ],
)
def test_the_old_error_and_the_new_warning(
    tmp_path: Path, every: Severity | None, new: Severity | None, code: int
) -> None:
    nights = Pretended(tmp_path, threshold=Threshold(every, new))
    nights.run(OLD_ERROR)
    summary = nights.run(OLD_ERROR, NEW_WARNING).summary
    assert summary["exit_code"] == code
    assert (summary["fail_on"], summary["fail_on_new"]) == (every and str(every), new and str(new))


def test_what_is_fixed_fails_nobody(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    assert [nights.run(OLD_ERROR).summary["exit_code"], nights.run().summary["exit_code"]] == [1, 0]
