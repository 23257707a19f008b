"""One run with a history and a baseline, in every format: all of them count the same, and none obeys a key."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from auditor.runs.folder import open_run
from auditor.text import printable
from reports.embedded import FIELDS
from reports.labels import everything, label
from tests.reports.test_html import embedded
from tests.reports.test_markdown import GITHUB, tokens
from tests.reports.test_sarif import VALIDATOR
from tests.scanning import Scanned, auditor, placed, scan, world

Counts = Counter[tuple[str, str]]  # by rule and by new, known, fixed or suppressed
FORMATS = ("csv", "json", "html", "terminal", "sarif", "jsonl", "markdown", "junit", "new", "fixed")
STRANGE = ("<img src=x onerror=alert(1)>", "=1+1|calc", "\x1b[31mred", "**bold** @somebody `tick`", "new\nline")
ENTRIES = [  # the first is exceeded, and suppresses nothing
    {"rule": "KEY001", "glob": "strange*", "at_most": 1, "reason": "one is enough", "added": "2026-01-01"},
    {"rule": "REF001", "glob": "*", "at_most": 10_000, "reason": "=known|*to* <b>us</b>", "added": "2026-01-01"},
]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """The second of two nights: strange keys have come, and as many old ones are gone."""
    folder = tmp_path_factory.mktemp("two-nights")
    made = world(5, 290, "folder")
    baseline = folder / "baseline.jsonl"
    baseline.write_text("".join(json.dumps(entry) + "\n" for entry in ENTRIES))
    with placed(made, "folder", folder) as bucket:
        here = Path(bucket[0].removeprefix("file://"))
        options = ["--no-content", "--baseline", str(baseline)]
        first = scan(bucket, folder / "runs" / "1", *options)
        for key in [finding.key for finding in first.findings() if finding.rule == "KEY001"][: len(STRANGE)]:
            (here / key).unlink()
        for key in STRANGE:
            (here / f"strange{key}").write_text("strange")
        asked = [part for name in FORMATS for part in ("--format", name)]
        return scan(bucket, folder / "runs" / "2", *options, *asked)


@pytest.fixture(scope="module")
def truth(night: Scanned) -> Counts:
    counts = Counter((finding.rule, label(finding)) for finding in everything(open_run(night.out)))
    assert {state for _, state in counts} == {"new", "known", "fixed", "suppressed"}
    assert counts["KEY001", "new"] == counts["KEY001", "fixed"] == len(STRANGE)
    return counts


# -- what each format counts


def of_summary(run: Scanned) -> Counts:
    rules, baseline = run.summary["history"]["rules"], run.summary["baseline"]
    counts = {(code, state): rule[state] for code, rule in rules.items() for state in ("new", "known", "fixed")}
    return Counter(counts | {(code, "suppressed"): count for code, count in baseline["suppressed"].items()})


def of_page(run: Scanned) -> Counts:
    rows = embedded((run.out / "report.html").read_text())["rows"]
    named = (dict(zip(FIELDS, row, strict=False)) for row in rows)
    return Counter((row["rule"], row["state"]) for row in named)


def of_lines(run: Scanned) -> Counts:
    lines = map(json.loads, (run.out / "findings.jsonl").read_text().splitlines())
    return Counter((line["rule"], line["state"] if line["suppressed"] is None else "suppressed") for line in lines)


def of_sarif(run: Scanned) -> Counts:
    names = {"new": "new", "unchanged": "known", "absent": "fixed"}
    return Counter(
        (result["ruleId"], "suppressed" if result["suppressions"] else names[result["baselineState"]])
        for result in sarif(run)["results"]
    )


def of_junit(run: Scanned) -> Counts:
    counts: Counts = Counter()
    for case in ElementTree.parse(run.out / "junit.xml").iter("testcase"):  # noqa: S314 - our own text
        for said in case:
            for state, count in re.findall(r"^(\w+): ([\d,]+)$", said.text or "", re.MULTILINE):
                counts[case.attrib["name"].partition(" ")[0], state] += int(count.replace(",", ""))
    return counts


def of_markdown(run: Scanned) -> Counts:
    rows = re.findall(
        r"^\| ([A-Z]+\d+) [a-z0-9-]+ \| \w+ \| (\w+) \| ([\d,]+) \|", (run.out / "summary.md").read_text(), re.MULTILINE
    )
    return Counter({(rule, state): int(count.replace(",", "")) for rule, state, count in rows})


@pytest.mark.parametrize("counted", [of_summary, of_page, of_lines, of_sarif, of_junit, of_markdown])
def test_every_format_counts_the_same(night: Scanned, truth: Counts, counted: Callable[[Scanned], Counts]) -> None:
    assert +counted(night) == truth


def test_the_tables_hold_what_is_counted(night: Scanned, truth: Counts) -> None:
    def by_rule(*states: str) -> Counter[str]:
        return sum((Counter({rule: n}) for (rule, state), n in truth.items() if state in states), Counter[str]())

    def lines(name: str) -> Counter[str]:
        with (night.out / name).open(newline="") as file:
            return Counter(line["rule"] for line in csv.DictReader(file))

    assert lines("findings.csv") == by_rule("new", "known", "suppressed") == night.summary["findings"]
    assert lines("new.csv") == by_rule("new")
    assert lines("fixed.csv") == by_rule("fixed")
    assert night.summary["history"]["states"] == {state: by_rule(state).total() for state in ("new", "known", "fixed")}


def test_the_first_lines_say_the_same(night: Scanned, truth: Counts) -> None:
    totals = {state: sum(n for (_, one), n in truth.items() if one == state) for _, state in truth}
    headline = re.compile(
        rf"COMPLETE: {totals['new']} new and {totals['fixed']} fixed since [\d: -]+ UTC, {totals['known']} known"
    )
    for text in (
        night.stdout,
        *((night.out / name).read_text() for name in ("report.html", "summary.md", "junit.xml")),
    ):
        assert headline.search(" ".join(text.split()))
    for said in (
        f"Known: {totals['known']}",
        f"Fixed: {totals['fixed']}",
        f"Baseline: {totals['suppressed']} suppressed",
    ):
        assert said in night.stdout
    assert "group KEY001 strange* is exceeded and suppresses nothing: 5 found, 1 allowed" in " ".join(
        night.stdout.split()
    )


def test_diff_and_questions_count_the_same(night: Scanned, truth: Counts) -> None:
    compared = json.loads(auditor("diff", "--format", "json", str(night.out.parent / "1"), str(night.out)).stdout)
    fixed = sum(n for (_, state), n in truth.items() if state == "fixed")
    assert compared["totals"]["fixed"] == fixed
    for state in ("new", "known", "fixed", "suppressed"):
        told = auditor("findings", str(night.out), "--state", state, "--format", "jsonl").stdout.splitlines()
        assert Counter(json.loads(line)["rule"] for line in told) == {
            rule: n for (rule, one), n in truth.items() if one == state
        }


# -- and what each does with a key that something obeys


def sarif(run: Scanned) -> dict[str, Any]:
    log = json.loads((run.out / "report.sarif").read_text())
    VALIDATOR.validate(log)
    return dict(log["runs"][0])


def test_no_output_holds_a_character_that_moves_a_cursor(night: Scanned) -> None:
    exact = {"findings.csv", "new.csv", "fixed.csv"}  # by contract: for programs
    texts = {path.name: path.read_text() for path in night.out.iterdir() if path.suffix not in (".parquet",)}
    assert len(texts) == 10 - 1, sorted(texts)
    for name, text in (texts | {"terminal": night.stdout + night.stderr}).items():
        if name not in exact:
            assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text) == [], name


def test_no_cell_is_a_formula(night: Scanned) -> None:
    for name in ("findings.csv", "new.csv", "fixed.csv"):
        with (night.out / name).open(newline="") as file:
            assert [cell for line in csv.reader(file) for cell in line if re.match(r"[=+\-@\t\r]", cell)] == []


def test_no_key_is_markup(night: Scanned) -> None:
    text = (night.out / "summary.md").read_text()
    assert {token.type for token in tokens(text)} & {
        "html_inline",
        "html_block",
        "link_open",
        "image",
        "em_open",
    } == set()
    assert "@somebody" not in "".join(token.content for token in tokens(text) if token.type == "text")
    assert GITHUB.render(text).count("<img") == 0
    assert "<img src=x" not in (night.out / "report.html").read_text()
    shown = {printable(f"strange{key}") for key in STRANGE}
    assert shown <= {token.content for token in tokens(text) if token.type == "code_inline"}
