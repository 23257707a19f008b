"""Which findings a file with a limit can hold: the new ones before the known ones, errors before remarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from auditor.findings import Finding
from auditor.record import Run
from reports import words
from reports.labels import FOUND, LABELS, PLACES, everything, label

Rank = tuple[int, int]


class Selection:
    """At most `most` findings, those that matter first; memory does not grow with them, since they are read twice.

    `taken` and `left_out` count by label.
    """

    def __init__(self, run: Run, most: int) -> None:
        self._run = run
        self._quotas: dict[Rank, int] = {}
        self.left_out: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        room = most
        for rank, count in sorted(Counter(map(_rank, everything(run))).items()):
            self._quotas[rank] = min(count, room)
            room -= self._quotas[rank]
            self.taken[LABELS[rank[0]]] += self._quotas[rank]
            self.left_out[LABELS[rank[0]]] += count - self._quotas[rank]

    def findings(self) -> Iterator[Finding]:
        """In report order, what is fixed last; of findings that weigh the same the first are taken."""
        left = dict(self._quotas)
        for finding in everything(self._run):
            rank = _rank(finding)
            if left[rank] > 0:
                left[rank] -= 1
                yield finding

    @property
    def sentence(self) -> str | None:
        """What is not there; None where everything is."""
        missing = self.left_out.total()
        if not missing:
            return None
        parts = words.listed([_counted(count, name) for name, count in self.left_out.items() if count])
        whole = missing + self.taken.total()
        return (
            f"This file holds {self.taken.total():,} of {whole:,} findings: {parts} are left out. "
            "All of them are in findings.csv, and what is fixed in fixed.csv, of the run folder."
        )


def _counted(count: int, name: str) -> str:
    return f"{count:,}" if name == FOUND else f"{count:,} {name}"


def _rank(finding: Finding) -> Rank:
    return PLACES[label(finding)], -finding.severity.weight
