"""`auditor findings RUN`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from auditor.cli.asking.answering import ToldSums, order_options, refuse_unfit_sort, tell_rows
from auditor.cli.asking.layout import Column, Layout, minute, size, text, wide_enough
from auditor.cli.asking.output import Output, output_options, refuse_binary_on_a_terminal
from auditor.cli.asking.parameters import chosen_run, filter_options, filters, run_argument
from auditor.errors import CannotStart
from auditor.findings import State
from auditor.plugins import load_rules
from auditor.runs.asking.engine import Engine, open_engine
from auditor.runs.asking.filters import SUPPRESSED, Conditions, Standing, all_of
from auditor.runs.asking.question import Question, Source
from auditor.runs.asking.spool import spool_findings
from auditor.runs.asking.sums import OF_FINDINGS, Sums
from auditor.runs.folder import RunFolder
from auditor.scan.rulebook import all_infos
from auditor.selection import choose
from auditor.text import printable


@click.command(short_help="Ask what a run found.")
@run_argument
@filter_options
@click.option("--rule", "rules", multiple=True, help="Only of this: code, name or code prefix. Repeatable.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([*(str(state) for state in State), SUPPRESSED]),
    help="Only these. Repeatable. Default: all but what is fixed or suppressed.",
)
@click.option("--new", is_flag=True, help="The same as --state new.")
@click.option("--suppressed", is_flag=True, help="Show what the baseline suppresses, too.")
@order_options(OF_FINDINGS)
@output_options
def findings(run: Path, **given: Any) -> None:
    """Ask what the run in the folder RUN found, or the newest complete run in a folder of runs; nothing is scanned."""
    refuse_unfit_sort(given["sort"], given["by"])
    refuse_binary_on_a_terminal(given["form"], given["out"])
    record = chosen_run(run)
    codes = sorted(choose(all_infos(load_rules()), given["rules"])) if given["rules"] else []
    wanted = filters(record, given, rules=tuple(codes)).conditions()
    standing = _standing(record, given)
    with open_engine() as engine:
        source = spool_findings(record, engine.folder)
        _tell(engine, record, source, all_of(wanted, standing.shown()), given)
        _say_hidden(Question(source, all_of(wanted, standing.hidden())).count(engine))


def _standing(run: RunFolder, given: Mapping[str, Any]) -> Standing:
    """Raises CannotStart for states of a run that was compared with no other."""
    states = frozenset(given["states"]) | ({str(State.NEW)} if given["new"] else set())
    if states - {SUPPRESSED} and run.summary.get("history") is None:
        raise CannotStart(
            f"{run.folder} was not compared with the runs before it, so nothing in it is new, known or fixed: "
            "ask without --state and --new, or scan with a history"
        )
    return Standing(states, given["suppressed"])


def _tell(engine: Engine, run: RunFolder, source: Source, where: Conditions, given: Mapping[str, Any]) -> None:
    output = Output(given["form"], given["out"], engine.folder)
    if not given["by"]:
        tell_rows(engine, Question(source, where, given["sort"], given["limit"]), output, _layout(run))
        return
    sums = Sums(given["by"], given["depth"], given["sort"] or ("key" if given["by"] == "month" else "-count"))
    summed = sums.of_findings(engine, source, where)
    told = ToldSums(given["by"], "findings", "count", summed.whole()[0].count)
    told.tell(summed, output, given["limit"])


def _say_hidden(count: int) -> None:
    if count:
        click.echo(f"{count:,} suppressed by the baseline: --suppressed shows them, too", err=True)


def _layout(run: RunFolder) -> Layout:
    return Layout(
        (
            Column("RULE", 6, text("rule")),
            Column("STATE", 10, _state),
            Column("SIZE", 9, size(), right=True),
            Column("MODIFIED", 16, minute()),
            Column("FAMILY", wide_enough(run.summary.get("families", {}), 6), text("family")),
            Column("KEY, OR MESSAGE WHERE THERE IS NONE", 0, lambda row: printable(row["key"] or row["message"])),
        )
    )


def _state(row: Mapping[str, Any]) -> str:
    return SUPPRESSED if row["suppressed"] is not None else row["state"] or "-"
