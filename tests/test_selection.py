"""Which rules run: a truth table."""

from __future__ import annotations

import pytest

from auditor.errors import CannotStart
from auditor.findings import RuleInfo, RuleKind, Severity
from auditor.selection import choose


def info(code: str, name: str) -> RuleInfo:
    words = dict.fromkeys(("summary", "why", "action", "good", "bad"), "…")
    return RuleInfo(code, name, Severity.ERROR, RuleKind.BATCH, **words)


INFOS = {
    one.code: one for one in (info("KEY001", "unknown-prefix"), info("KEY002", "malformed"), info("REF001", "orphan"))
}


@pytest.mark.parametrize(
    ("select", "ignore", "chosen"),
    [
        ([], [], {"KEY001", "KEY002", "REF001"}),
        (["KEY"], [], {"KEY001", "KEY002"}),
        (["key"], [], {"KEY001", "KEY002"}),
        (["KEY001"], [], {"KEY001"}),
        (["orphan"], [], {"REF001"}),
        (["Orphan", "KEY002"], [], {"REF001", "KEY002"}),
        ([], ["KEY"], {"REF001"}),
        (["KEY"], ["unknown-prefix"], {"KEY002"}),
        (["KEY001"], ["KEY"], set()),
    ],
)
def test_selected_and_not_ignored(select: list[str], ignore: list[str], chosen: set[str]) -> None:
    assert choose(INFOS, select, ignore) == chosen


@pytest.mark.parametrize("selector", ["NOPE", "", " ", "unknown", "EY001"])
def test_a_selector_that_names_nothing_is_refused(selector: str) -> None:
    with pytest.raises(CannotStart, match="auditor rules"):
        choose(INFOS, [selector])
    with pytest.raises(CannotStart, match="auditor rules"):
        choose(INFOS, [], [selector])
