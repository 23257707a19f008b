"""`auditor objects RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from auditor.cli.asking.answering import ToldSums, order_options, refuse_unfit_sort, tell_rows
from auditor.cli.asking.layout import Column, Layout, minute, size, text, wide_enough
from auditor.cli.asking.output import Output, output_options, refuse_binary_on_a_terminal
from auditor.cli.asking.parameters import chosen_run, filter_options, filters, run_argument
from auditor.runs.asking.engine import open_engine
from auditor.runs.asking.question import Question, objects_of
from auditor.runs.asking.sums import OF_OBJECTS, Sums
from auditor.runs.folder import RunFolder
from auditor.scan.columns import OBJECT_CLASSES


@click.command(short_help="Ask what a run listed.")
@run_argument
@filter_options
@click.option(
    "--class",
    "classes",
    multiple=True,
    type=click.Choice([str(name) for name in OBJECT_CLASSES]),
    help="Only of this class. Repeatable.",
)
@click.option("--storage-class", "storage_classes", multiple=True, help="Only of this, such as GLACIER. Repeatable.")
@order_options(OF_OBJECTS)
@output_options
def objects(run: Path, **given: Any) -> None:
    """Ask what the folder RUN lists, or the newest complete run in a folder of runs; nothing is scanned."""
    refuse_unfit_sort(given["sort"], given["by"])
    refuse_binary_on_a_terminal(given["form"], given["out"])
    record = chosen_run(run)
    where = filters(record, given, classes=given["classes"], storage_classes=given["storage_classes"]).conditions()
    source = objects_of(record)
    with open_engine() as engine:
        output = Output(given["form"], given["out"], engine.folder)
        if given["by"]:
            sums = Sums(given["by"], given["depth"], given["sort"] or _usual(given["by"]))
            told = ToldSums(given["by"], "objects", "bytes", record.summary["listing"]["bytes"])
            told.tell(sums.of_objects(engine, source, where), output, given["limit"])
        else:
            tell_rows(engine, Question(source, where, given["sort"], given["limit"]), output, _layout(record))


def _usual(by: str) -> str:
    return "key" if by == "month" else "-size"


def _layout(run: RunFolder) -> Layout:
    return Layout(
        (
            Column("SIZE", 9, size(), right=True),
            Column("MODIFIED", 16, minute()),
            Column("CLASS", 9, text("class")),
            Column("FAMILY", wide_enough(run.summary["families"], 6), text("family")),
            Column("KEY", 0, text("key")),
        )
    )
