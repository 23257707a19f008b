"""`auditor trace KEY`: one row through all backups of the database."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import click
import pyarrow as pa

from auditor.cli.abandoned import tidy_up
from auditor.cli.explain import refuse_impossible
from auditor.cli.interrupts import terminated_like_interrupted
from auditor.cli.parameters import load_specification, screen, specification_options
from auditor.cli.progress import shown_progress
from auditor.cli.trace.as_data import as_data
from auditor.cli.trace.cost import agree
from auditor.cli.trace.options import search_options, source_options
from auditor.cli.trace.page import Around, page
from auditor.cli.trace.sources import Place, open_now, open_place
from auditor.rows import RowTable
from auditor.spec import Specification
from auditor.store.base import ObjectFacts
from auditor.tracing import Question, Session, Story
from auditor.tracing import trace as trace_row

TOLD, NEVER_SEEN, INCOMPLETE = 0, 1, 3
LISTED = {"text": 20, "json": 1_000}  # of every list, at most


@click.command(short_help="Follow a row through all database backups.")
@click.argument("key")
@click.argument("bucket", required=False)
@source_options
@search_options
@click.option("--format", "form", type=click.Choice([*LISTED]), default="text", show_default=True)
@specification_options
@click.pass_context
def trace(context: click.Context, /, key: str, bucket: str | None, **given: Any) -> None:
    """Follow the database row of KEY through all backups: when it was there, what it said, who referred to it,
    between which two backups it went, and what went with it.

    Backups are those in BUCKET (s3://name or file:///folder), or the files of a folder. As few as possible are
    downloaded, to private copies that are removed at the end. Nothing is ever changed. Exit codes: 0 it was seen,
    1 it was not, 2 could not start, 3 something could not be read that may tell more.
    """
    refuse_impossible(key)
    compiled = load_specification(given["spec_file"], given["bindings"])
    with terminated_like_interrupted(), ExitStack() as stack:
        place = open_place(stack, bucket, given, compiled)
        agree(place, probes=given["probes"], every=given["every"], limit=given["max_download"], yes=given["yes"])
        story, around = _traced(stack, key, place, compiled, given, given["max_download"])
    _tell(story, around, given["form"])
    context.exit(INCOMPLETE if story.incomplete else TOLD if story.seen else NEVER_SEEN)


def _traced(
    stack: ExitStack, key: str, place: Place, compiled: Specification, given: dict[str, Any], limit: int
) -> tuple[Story, Around]:
    table = RowTable(**compiled.rows)
    progress = stack.enter_context(shown_progress())
    tidy_up(progress)
    now = open_now(stack, given["db"], table, place, progress)
    session = stack.enter_context(Session(place.files(limit), table, progress, now))
    head = place.head(key)
    question = Question(
        key=key,
        table=table,
        references=compiled.references,
        classify=lambda keys: _families(compiled, keys),
        written=head.last_modified if isinstance(head, ObjectFacts) else None,
        every=given["every"],
        probes=given["probes"],
        most=LISTED[given["form"]],
    )
    story = trace_row(question, [*place.backups, *now], session, progress)
    family = compiled.explain(key).family
    return story, Around(place.shown, family, str(table.name), head, place.store is not None, place.remote)


def _families(compiled: Specification, keys: pa.ChunkedArray) -> list[str | None]:
    names: list[str | None] = compiled.classify(keys).family.to_pylist()
    return names


def _tell(story: Story, around: Around, form: str) -> None:
    if form == "json":
        click.echo(json.dumps(as_data(story, around), ensure_ascii=False, indent=2))
        return
    width, _ = screen()
    for line in page(story, around, width):
        click.echo(line)
