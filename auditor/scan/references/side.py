"""The side that tells `referenced`: one reading of all references before each look, then a merge by key."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from auditor.errors import RowsFailed
from auditor.frames import plain
from auditor.rows.base import RowSource, RowTable
from auditor.scan.columns import SIDES, Mask, codes_of
from auditor.scan.merge import ROW_COLUMNS, prefix_range
from auditor.scan.options import Options
from auditor.scan.references.chain import chain
from auditor.scan.references.drawing import Drawn
from auditor.scan.references.spool import Spool
from auditor.scan.references.texts import names_in
from auditor.spec.references import ALL_COLUMNS, Column

_Told = Sequence[tuple[int, str | None]]


@dataclass
class ReferencesSide:
    """`elsewhere` are the families whose referrers are not in the database: nothing is known of their rows."""

    rows: RowSource
    table: RowTable
    drawn: Drawn
    options: Options
    cutoff: datetime
    elsewhere: Collection[str] = ()
    name: str = "what refers to rows"
    fields: Sequence[pa.Field] = (SIDES.field("referenced"), SIDES.field("reference_chain"))
    _spool: Spool | None = None

    @property
    def unreferenced(self) -> int:
        """How many rows the last reading left."""
        return self._spool.rows() if self._spool else 0

    def begin(self, *, again: bool) -> None:
        """Reads all references anew, in transactions of its own; of a backup once, since nothing changes there."""
        if again and self.rows.as_of is not None and self._spool is not None:
            return
        self.close()
        after, until = prefix_range(self.options.prefix)
        spool = Spool(self.rows.unreferenced(self.drawn.plan, after, until, surely=again))
        try:
            self._thin_out(spool)
        except BaseException:
            spool.close()
            raise
        self._spool = spool

    def columns(self, table: pa.Table, *, again: bool) -> Mapping[str, pa.Array]:
        keys = plain(table["key"]).to_pylist()
        told = self._told(keys)
        doubtful = self._doubtful(told, table, keys) if again else set()
        known = self._has_row(table) & ~self._is_elsewhere(table)
        referenced = (
            [
                (key not in told if key not in doubtful else None) if here else None
                for key, here in zip(keys, known, strict=True)
            ]
            if told
            else pa.array([True] * len(keys), mask=~known)
        )
        chains = (
            [
                chain(self.drawn.plan, told[key]) if said is False else None
                for key, said in zip(keys, referenced, strict=True)
            ]
            if told
            else pa.nulls(len(keys), pa.string())
        )
        return {"referenced": pa.array(referenced, pa.bool_()), "reference_chain": pa.array(chains, pa.string())}

    def close(self) -> None:
        if self._spool:
            self._spool.close()
        self._spool = None

    def _thin_out(self, spool: Spool) -> None:
        self._check_share(spool.rows())
        spool.clear_since(lambda text: not _before(text, self.cutoff))
        sources = self._sources(spool)
        if not sources:
            return
        for (table, column), names in self.drawn.texts.items():
            wanted = {prefix: target for prefix, target in names.items() if _what(target) in sources}
            if wanted:
                spool.name(self._named(table, None if column == ALL_COLUMNS else column, wanted))
        for what, places in sources.items():
            for arm, place in places:
                spool.clear_named(what, arm, place)

    def _check_share(self, lonely: int) -> None:
        """As for orphans: when nothing refers to most rows, what was read of the references is wrong."""
        if self.options.prefix or lonely < self.options.breaker_least:
            return
        rows = self.rows.count()
        if lonely > rows * self.options.breaker_share:
            raise RowsFailed(
                f"nothing refers to {lonely} of {rows} rows of {self.table.name}, more than can be: the tables that "
                "refer to them are empty, or [references] of the bindings are wrong"
            )

    def _sources(self, spool: Spool) -> dict[str, list[tuple[int, str]]]:
        """What texts may name, by where the spool has it: arm and column; nothing for what no lonely row has."""
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        if not spool.rows():
            return found
        found[_what((self.drawn.plan.files, self.table.key))].append((0, "key"))
        found[_what((self.drawn.plan.files, self.table.uid))].append((0, "label"))
        for number, arm in enumerate(self.drawn.plan.arms, start=1):
            if arm.label and spool.labels(number):
                found[_what((arm.hops[-1].table, arm.label))].append((number, "label"))
        return found

    def _named(self, table: str, column: str | None, wanted: Mapping[str, Column]) -> Iterator[list[tuple[str, str]]]:
        for texts in self.rows.texts(table, column):
            yield [(_what(wanted[what]), value) for text in texts for what, value in names_in(text, wanted)]

    def _told(self, keys: Sequence[str]) -> dict[str, _Told]:
        """What is known of those of the keys that nothing refers to."""
        found: dict[str, list[tuple[int, str | None]]] = defaultdict(list)
        if keys and self._spool:
            here = set(keys)
            for key, arm, label in self._spool.between(min(keys, key=str.encode), max(keys, key=str.encode)):
                if key in here:
                    found[key].append((arm, label))
        return dict(found)

    def _doubtful(self, told: Mapping[str, _Told], table: pa.Table, keys: Sequence[str]) -> set[str]:
        """Keys of which another row was read than is shown, or more rows than nothing refers to."""
        if not told:
            return set()
        rows = Counter(self.rows.lookup(list(told))["key"].to_pylist())
        shown = dict(zip(keys, table["row_uid"].to_pylist(), strict=True))
        doubtful = set()
        for key, witnessed in told.items():
            own = [label for arm, label in witnessed if arm == 0]
            if len(own) != rows[key] or (shown[key] is not None and shown[key] not in own):
                doubtful.add(key)
        return doubtful

    def _has_row(self, table: pa.Table) -> Mask:
        here: Mask = sum(plain(table[name]).is_valid().to_numpy(zero_copy_only=False) for name in ROW_COLUMNS) > 0
        return here

    def _is_elsewhere(self, table: pa.Table) -> Mask:
        found: Mask = codes_of(table["family"], dict.fromkeys(self.elsewhere, 1)) == 1
        return found


def _what(column: Column) -> str:
    return ".".join(column).casefold()


def _before(text: str, moment: datetime) -> bool:
    """Whether the time that the database wrote is surely before the moment."""
    for read in _READINGS:
        try:
            told = read(text)
        except (ValueError, OverflowError, OSError):
            continue
        return told < moment
    return False


_READINGS: tuple[Callable[[str], datetime], ...] = (
    lambda text: datetime.fromtimestamp(float(text), UTC),
    lambda text: _aware(datetime.fromisoformat(text)),
)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
