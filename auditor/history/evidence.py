"""Whether a run looked again at what an earlier run found: only then may its silence be called a repair.

A finding that a run does not report is gone only if the run is complete, its rule looked at everything it is about, the
finding's key lies under the scanned prefix, and, as far as the rule weighs rows or contents:

- The evidence is not older than that of the finding. The horizon says how new it is: the time up to which objects could
  be judged at all. A run that had to take an older backup, or waits longer, is silent about what it cannot judge.
- The object is judged: not `unjudged`, and not too young.
- Its contents were looked at, at least as deep as when the fault was found; or the object is no longer there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.findings import Evidence as RestsOn
from auditor.findings import Need, RuleInfo, RuleKind
from auditor.history.instants import micros
from auditor.protocols import Depth
from auditor.runs.forward import Forward

_BLANK = ("unjudged", "too-new")  # classes that say nothing about the object
_GONE = (None, "gone")
_ROWS = {Need.ROWS, Need.LIVE_ROWS, Need.REFERENCES, Need.PENDING}


def horizon(summary: Mapping[str, Any]) -> int:
    """Up to when the run could judge objects by their rows, in microseconds since 1970; 0 where it had no rows."""
    if summary["rows"]["source"] is None:
        return 0
    cutoff, as_of = micros(summary["cutoff"]), summary["rows"]["as_of"]
    return cutoff if as_of is None else min(cutoff, micros(as_of) - int(summary["min_age_seconds"] * 1_000_000))


class Evidence:
    """What one run looked at; `objects` and `looked` are the paths of its files. Keys are asked for in order."""

    def __init__(self, summary: Mapping[str, Any], infos: Mapping[str, RuleInfo], objects: Path, looked: Path) -> None:
        checked = summary.get("checked") or () if summary["complete"] else ()
        self.infos = {code: infos[code] for code in checked if code in infos}
        self.prefix: str = summary["prefix"]
        self._horizon = horizon(summary)
        self._objects = Forward(objects, "class")
        self._looked = Forward(looked, "depth")

    def looked_again(self, rule: str, key: str, *, depth: str | None, horizon: int) -> bool:
        """Whether the run looked at what the rule found at this key, so deep and with evidence so new."""
        info = self.infos.get(rule)
        if info is None:
            return False
        if not key:
            return not self.prefix and (horizon <= self._horizon or not _weighs_rows(info))
        if not key.startswith(self.prefix):
            return False
        if info.kind is RuleKind.CONTENT:
            return self._objects.find(key) in _GONE or (horizon <= self._horizon and self._so_deep(key, depth))
        if not _weighs_rows(info):
            return True
        return horizon <= self._horizon and self._objects.find(key) not in _BLANK

    def _so_deep(self, key: str, depth: str | None) -> bool:
        """Every look is deep enough for what was found without one: an object that could not be read."""
        looked = self._looked.find(key)
        return looked is not None and (looked == Depth.FULL or depth in (None, looked))


def _weighs_rows(info: RuleInfo) -> bool:
    return bool(info.needs & _ROWS) or info.evidence is not RestsOn.PRESENCE
