"""The whole of it: look at a few backups, then read around the edges."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from auditor.errors import RowsFailed
from auditor.progress import Progress
from auditor.rows import RowSource, RowTable
from auditor.spec.references import References
from auditor.text import printable
from auditor.tracing.aftermath import Aftermath, fates, files_beside
from auditor.tracing.backups import Backup, DatedBy
from auditor.tracing.gone import Classify, gone_between
from auditor.tracing.graph import Graph
from auditor.tracing.lives import lives
from auditor.tracing.referrers import Tree, referrers
from auditor.tracing.search import ABSENT, PROBES, Looked, Unreadable, search
from auditor.tracing.session import Kind, Session, Unread
from auditor.tracing.sighting import Rows, rows_of
from auditor.tracing.story import Life, Mark, Point, Story


@dataclass(frozen=True)
class Question:
    """What is asked, and of which tables. `written` is when the object was written, if it is there.

    `most` bounds every list of the story; counts are never bounded by it.
    """

    key: str
    table: RowTable
    references: References | None
    classify: Classify
    written: datetime | None = None
    every: bool = False
    probes: int = PROBES
    most: int = 20


def trace(question: Question, backups: Sequence[Backup], session: Session, progress: Progress) -> Story:
    """`backups` from old to new. Raises RowsFailed where a source that is no backup cannot be read."""
    looking = _Looking(question, backups, session, progress)
    looked = looking.look_around()
    points = looking.points()
    told = [_around(life, question, backups, session, progress) for life in lives(points, looking.seen)]
    remarks = [remark for _, said, _ in told for remark in said]
    failed = [why for _, _, whys in told for why in whys]
    return Story(
        key=question.key,
        points=tuple(points),
        lives=tuple(life for life, _, _ in told),
        fetched=session.fetched,
        remarks=tuple(dict.fromkeys(remarks)),
        incomplete=(*_incomplete(points, looked), *failed),
    )


class _Looking:
    """What single backups say, and which copies are worth keeping."""

    def __init__(self, question: Question, backups: Sequence[Backup], session: Session, progress: Progress) -> None:
        self._question, self._backups, self._session, self._progress = question, backups, session, progress
        self._times = [backup.at for backup in backups]
        self._unread: dict[int, Unread] = {}
        self._held: set[int] = set()  # numbers of those whose copies are kept
        self.seen: dict[int, Rows | None] = {}

    def look_around(self) -> Looked:
        question = self._question
        return search(
            len(self._backups),
            self._look,
            hints=self._hints(),
            probes=question.probes,
            every=question.every,
            first_with=self._first_with,
        )

    def _hints(self) -> list[int]:
        """The first backup since the object was written; the largest, which holds what others may lack."""
        since = [] if self._question.written is None else [self._first_since(self._question.written)]
        return [*since, max(range(len(self._backups)), key=lambda number: self._backups[number].size)]

    def points(self) -> list[Point]:
        return [self._point(number, backup) for number, backup in enumerate(self._backups)]

    def _look(self, number: int) -> Hashable:
        backup = self._backups[number]
        try:
            self.seen[number] = self._read(backup)
        except Unread as error:
            self._unread[number] = error
            self._progress.note(f"{printable(backup.name)} is passed over: {error}")
            raise Unreadable from error
        self._held.add(number)
        self._let_go()
        return self._state(number)

    def _read(self, backup: Backup) -> Rows | None:
        rows = self._session.rows(backup)
        try:
            return rows_of(rows, self._question.table, self._question.key)
        except RowsFailed as error:
            if backup.dated_by is DatedBy.NOW:
                raise
            raise self._session.broken(backup, str(error)) from error

    def _let_go(self) -> None:
        """Copies that are at no edge, whatever comes.

        Once the row was met, the search looks between neighbours that disagree and nowhere else; before that, only
        what lies right between two of its like is sure to stay so.
        """
        met = any(self.seen.values())
        numbers = sorted(self.seen)
        for number in [*self._held]:
            place = bisect_left(numbers, number)
            around = numbers[max(place - 1, 0) : place + 2]
            alike = len(around) == 3 and len({self._state(one) for one in around}) == 1
            if alike and (met or around[2] - around[0] == 2):
                self._session.drop(self._backups[number])
                self._held.remove(number)

    def _state(self, number: int) -> Hashable:
        rows = self.seen[number]
        return (rows.identity, rows.state) if rows else ABSENT

    def _first_with(self, state: Hashable) -> int | None:
        rows = next((self.seen[number] for number in self.seen if self._state(number) == state), None)
        return self._first_since(rows.created_at) if rows and rows.created_at else None

    def _first_since(self, moment: datetime) -> int:
        return bisect_left(self._times, moment)

    def _point(self, number: int, backup: Backup) -> Point:
        if number in self._unread:
            return Point(backup, Mark(self._unread[number].kind.value), str(self._unread[number]))
        if number not in self.seen:
            return Point(backup)
        return Point(backup, Mark.ABSENT if self.seen[number] is None else Mark.PRESENT)


def _incomplete(points: Sequence[Point], looked: Looked) -> list[str]:
    names = [printable(point.backup.name) for point in points if point.mark.value == Kind.NOT_FETCHED.value]
    why = [f"{name} could not be fetched" for name in names]
    return [*why, "the search stopped early, since --max-download allows no more"] if looked.stopped else why


def _around(
    life: Life, question: Question, backups: Sequence[Backup], session: Session, progress: Progress
) -> tuple[Life, list[str], list[str]]:
    """The life with who referred to it and what went with it, remarks, and why something is missing."""
    progress.stage("reading who referred to it")
    try:
        before = session.rows(backups[life.last])
        graph = Graph(before, question.table.name, question.references)
        tree = _tree(life, graph, before, question)
        life = replace(life, tree=tree)
        if life.went is None:
            return life, tree.remarks, []
        progress.stage("comparing the last backup that has it with the next")
        after = session.rows(backups[life.went.after])
        return replace(life, aftermath=_aftermath(question, before, after, graph, tree)), tree.remarks, []
    except RowsFailed as error:
        return life, [], [str(error)]


def _tree(life: Life, graph: Graph, rows: RowSource, question: Question) -> Tree:
    """Of the last version; of the first row that has the key, should there be more."""
    return referrers(rows, graph, dict(life.versions[-1].rows[0].raw), question.most)


def _aftermath(question: Question, before: RowSource, after: RowSource, graph: Graph, tree: Tree) -> Aftermath:
    files, more = files_beside(before, after, question.table, graph, tree, question.key)
    gone = gone_between(before, after, question.classify, question.most)
    return Aftermath(fates(tree, graph, after), files, more, gone)
