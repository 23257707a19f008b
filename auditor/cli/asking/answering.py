"""What objects and findings have in common when they are asked: rows in an order, or sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import click
import pyarrow as pa

from auditor.cli.asking.layout import Column, Layout, size
from auditor.cli.asking.output import Output
from auditor.cli.parameters import Command
from auditor.runs.asking.engine import BATCH, Engine
from auditor.runs.asking.question import SORTS, Question
from auditor.runs.asking.sums import DEEPEST, Sum, Summed
from auditor.runs.asking.sums import SORTS as SORTS_OF_SUMS
from auditor.text import printable, share

_TOP = "(top)"  # the prefix of keys that lie in no folder


def order_options(sums: tuple[str, ...]) -> Callable[[Command], Command]:
    """`--sort`, `--limit`, `--sum` and `--depth`, handed over as `sort`, `limit`, `by` and `depth`."""
    sorts = dict.fromkeys((*SORTS, *SORTS_OF_SUMS))
    options = (
        click.option("--sort", type=click.Choice(list(sorts)), help="With - for descending. Sums: key, size, count."),
        click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many; the rest is counted."),
        click.option("--sum", "by", type=click.Choice(sums), help="Sums instead of rows."),
        click.option(
            "--depth",
            type=click.IntRange(1, DEEPEST),
            default=1,
            show_default=True,
            help="Folders of a prefix, with --sum prefix.",
        ),
    )

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def refuse_unfit_sort(sort: str | None, by: str | None) -> None:
    fitting = SORTS_OF_SUMS if by else SORTS
    if sort is not None and sort not in fitting:
        what = "sums" if by else "rows"
        raise click.UsageError(f"--sort {sort} is not for {what}: take one of {', '.join(fitting)}")


def tell_rows(engine: Engine, question: Question, output: Output, layout: Layout) -> None:
    output.write(question.source.schema, question.ask(engine), layout)
    if question.limit is not None:
        say_more(question.count(engine) - question.limit)


def say_more(left: int) -> None:
    if left > 0:
        click.echo(f"and {left:,} more: raise --limit, or narrow the question", err=True)


@dataclass(frozen=True)
class ToldSums:
    """`counted` names what a sum counts; `whole` is what its share is of, by `share_of` (count or bytes)."""

    by: str
    counted: str
    share_of: str
    whole: int

    def tell(self, summed: Summed, output: Output, limit: int | None) -> None:
        total, count = summed.whole()
        output.write(self._schema(), self._tables(summed.each(limit)), self._layout(total))
        say_more(count - (count if limit is None else limit))

    def _schema(self) -> pa.Schema:
        names = dict.fromkeys((self.counted, "objects", "bytes"))
        numbers = [(name, pa.int64()) for name in names]
        return pa.schema([(self.by.replace("-", "_"), pa.string()), *numbers, ("share", pa.float64())])

    def _tables(self, sums: Iterator[Sum]) -> Iterator[pa.Table]:
        schema = self._schema()
        while page := list(islice(sums, BATCH)):
            columns: list[list[Any]] = [[one.name for one in page]]
            columns += [[self._number(one, name) for one in page] for name in schema.names[1:-1]]
            columns.append([self._share(one) for one in page])
            yield pa.table(columns, schema=schema)

    def _number(self, one: Sum, name: str) -> int:
        return int(getattr(one, "count" if name == self.counted else name))

    def _share(self, one: Sum) -> float | None:
        return round(getattr(one, self.share_of) / self.whole, 6) if self.whole else None

    def _layout(self, total: Sum) -> Layout:
        numbers = (
            Column(self.counted.upper(), 12, self._count, right=True),
            Column("SIZE", 9, size("bytes"), right=True),
            Column("SHARE", 7, self._part, right=True),
        )
        row = {self.counted: total.count, "bytes": total.bytes}
        foot = "  ".join([*(column.cell(column.tell(row)) for column in numbers), "in all"])
        return Layout((*numbers, Column(self.by.upper(), 0, self._name)), foot=(foot,))

    def _count(self, row: Any) -> str:
        return f"{row[self.counted]:,}"

    def _part(self, row: Any) -> str:
        return share(row[self.counted if self.share_of == "count" else "bytes"], self.whole)

    def _name(self, row: Any) -> str:
        name = row[self.by.replace("-", "_")]
        if name is None:
            return "-"
        return printable(name) if name or self.by != "prefix" else _TOP
