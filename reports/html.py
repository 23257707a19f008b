"""`report.html`: one file to look at, without a network, with or without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup

from auditor.findings import Severity
from auditor.findings_csv import FILENAME
from auditor.html import page_environment, policy_hash
from auditor.pictures.page import asset
from auditor.record import Run
from auditor.spec.tree import runs
from reports import page, standing, unexplained, words
from reports.charts import strip
from reports.embedded import decode, encode, script_json
from reports.families import family_lines, pictures
from reports.labels import PLACES, everything
from reports.sampling import Sample, take
from reports.verdict import object_account, quiet_rules, row_account, verdict

PREFIXES = 100  # of unexplained keys
ROWS = 10_000
CHARACTERS = 6_000_000  # of embedded findings; pure ASCII, so bytes
COLUMNS = (
    ("rule", "Rule"),
    ("severity", "Severity"),
    ("key", "Key and message"),
    ("family", "Family"),
    ("size", "Size"),
    ("modified", "Modified (UTC)"),
    ("status", "Status"),
)
FIXED = "fixed.csv"
COLUMN_OF_STATES = ("state", "State")
_FOLDER = files("reports") / "templates"
FIRST_ROWS = 100  # shown without JavaScript, and one page of the table with it


class HtmlReport:
    """At most `rows` findings and `CHARACTERS` of their text are in the page, whatever the size of the run."""

    filename: str | None = "report.html"

    def __init__(self, *, rows: int = ROWS, characters: int = CHARACTERS) -> None:
        self._rows = rows
        self._characters = characters

    def render(self, run: Run) -> Iterator[str]:
        advice = {code: rule["action"] for code, rule in run.summary["rules"].items()}
        row = partial(encode, advice=advice)
        expected = standing.counts(run.summary)
        sample = take(everything(run), expected, row, most=self._rows, most_characters=self._characters)
        environment = _environment()
        context = _assets() | _context(run.summary) | _findings(run.summary, sample)
        yield from environment.get_template("report.html.j2").generate(context)


@cache
def _environment() -> Environment:
    environment = page_environment(ChoiceLoader([PackageLoader("reports"), PackageLoader("auditor.pictures")]))
    environment.filters |= {"clock": words.clock, "colour": page.colour, "runs": runs, "spared": words.spared}
    return environment


def _assets() -> dict[str, Any]:
    """Style and script, and the hashes by which the page's own policy knows them."""
    style, script = ((_FOLDER / name).read_text("utf-8") for name in ("report.css", "report.js"))
    style += asset("pictures.css")
    return {
        "style": Markup(style),  # noqa: S704 - our own file
        "script": Markup(script),  # noqa: S704 - our own file
        "style_hash": policy_hash(style),
        "script_hash": policy_hash(script),
    }


def _context(summary: dict[str, Any]) -> dict[str, Any]:
    objects, rows = object_account(summary), row_account(summary)
    return {
        "summary": summary,
        "title": f"{summary['bucket']}/{summary['prefix']}".rstrip("/"),
        "verdict": verdict(summary),
        "facts": list(page.facts(summary)),
        "objects": objects,
        "object_lines": page.object_lines(summary),
        "object_strip": strip(objects.classes),
        "byte_strip": strip([(line.name, line.bytes or 0) for line in page.object_lines(summary)]),
        "rows": rows,
        "row_lines": page.row_lines(summary),
        "row_strip": strip(rows.classes),
        "families": family_lines(summary),
        "pictures": pictures(summary),
        **_unexplained(summary),
        "rules": page.rule_lines(summary),
        "quiet_rules": quiet_rules(summary),
    }


def _unexplained(summary: dict[str, Any]) -> dict[str, Any]:
    found = unexplained.entries(summary)
    return {
        "prefixes": unexplained.prefix_lines(found[:PREFIXES]),
        "prefixes_amount": unexplained.amount(found),
        "prefixes_left": len(found[PREFIXES:]),
        "prefixes_left_amount": unexplained.amount(found[PREFIXES:]),
    }


def _findings(summary: dict[str, Any], sample: Sample) -> dict[str, Any]:
    rows = sorted(map(decode, sample.rows), key=lambda row: (PLACES[row["state"]], -Severity(row["severity"]).weight))
    names = {code: rule["name"] for code, rule in summary["rules"].items()}
    names |= {line.code: line.name for line in page.rule_lines(summary)}
    stated = standing.has_states(summary)
    return {
        "sentence": page.sample_sentence(sample),
        "csv": FILENAME,
        "gone": FIXED if standing.history(summary) else None,
        "names": names,
        "columns": (COLUMN_OF_STATES, *COLUMNS) if stated else COLUMNS,
        "stated": stated,
        "first": rows[:FIRST_ROWS],
        "held": len(sample.rows),
        "data": (Markup(piece) for piece in _data(names, sample)),  # noqa: S704 - escaped by script_json
    }


def _data(names: dict[str, str], sample: Sample) -> Iterator[str]:
    yield f'{{"names":{script_json(names)},"rows":['
    for place, row in enumerate(sample.rows):
        yield row if place == 0 else f",\n{row}"
    yield "]}"
