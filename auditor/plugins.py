"""Rules, reports and the shipped document are found by entry points, so a team adds its own by the same door."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from auditor.errors import CannotStart
from auditor.protocols import Report, Rule

RULES, REPORTS, SPECS = "auditor.rules", "auditor.reports", "auditor.specs"


def load_rules() -> list[Rule]:
    """One instance of every installed rule class, in the order of their entry points' names."""
    return [_load(entry)() for entry in _sorted(RULES)]


def load_reports() -> dict[str, type[Report]]:
    """Report classes by format name."""
    return {entry.name: _load(entry) for entry in _sorted(REPORTS)}


def default_formats() -> list[str]:
    """The formats of which a run leaves a report unless it is told which; see `auditor.protocols.Report`."""
    return [name for name, report in load_reports().items() if not getattr(report, "on_request", False)]


def load_specs() -> dict[str, Any]:
    """Shipped documents by name; each entry gives the document with its bindings when called."""
    return {entry.name: _load(entry) for entry in _sorted(SPECS)}


@cache
def _sorted(group: str) -> tuple[EntryPoint, ...]:
    """What is installed does not change while a command runs, and every distribution has to be read for it."""
    return tuple(sorted(entry_points(group=group), key=lambda entry: entry.name))


def _load(entry: EntryPoint) -> Any:
    """Raises CannotStart for a plug-in that cannot be imported: a check that silently stays away is worse."""
    try:
        return entry.load()
    except Exception as error:
        raise CannotStart(f"the plug-in {entry.value} cannot be loaded ({error}): repair or uninstall it") from error
