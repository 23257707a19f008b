"""What the documents say of the tool is what the tool says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from auditor.plugins import load_rules
from auditor.scan.columns import ObjectClass
from auditor.scan.rulebook import all_infos
from auditor.scan.summary import EXIT_CANNOT_START, EXIT_CLEAN, EXIT_FINDINGS, EXIT_INCOMPLETE
from tests.deploy.units import taken
from tests.scan.simulation.test_broken import FOUND, FOUND_RARELY
from tests.scanning import auditor

ROOT = Path(__file__).resolve().parents[1]
BROKEN = [*FOUND, *FOUND_RARELY]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_the_help_text() -> None:
    assert auditor("scan", "--help").stdout.strip() in README


def test_the_readme_shows_what_explain_prints() -> None:
    samples = re.findall(r"^\$ auditor explain (\S+)\n([^$`].*?)^```", README, re.MULTILINE | re.DOTALL)
    assert samples
    for key, output in samples:
        assert auditor("explain", key).stdout == output


def test_the_command_line_takes_every_command_of_the_readme() -> None:
    lines = [line.partition(" #")[0] for line in README.splitlines() if re.match(r"\$ (?:cut .*\| )?auditor ", line)]
    assert len(lines) > 25
    for line in lines:
        name, given = taken(*shlex.split(line.partition("auditor ")[2]))
        assert name, line
        assert given, line


def test_the_readme_lists_every_rule() -> None:
    for info in all_infos(load_rules()).values():
        assert f"| {info.code} {info.name} | {info.severity} | {info.summary} |" in README


def test_the_readme_explains_every_class_that_a_run_can_give() -> None:
    explained = set(re.findall(r"^\| `([a-z-]+)` ", README, re.MULTILINE))
    assert {str(name) for name in ObjectClass} <= explained


def test_the_readme_lists_the_exit_codes() -> None:
    codes = re.findall(r"^\| ([0-9]) \|", README, re.MULTILINE)
    assert codes == [str(code) for code in (EXIT_CLEAN, EXIT_FINDINGS, EXIT_CANNOT_START, EXIT_INCOMPLETE)]


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```|``[^`]+``|`[^`]+`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", prose)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, ahead = set[Path](), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached:
            reached.add(page)
            links = re.findall(r"\]\((?!https?://|#)([^)#]+\.md)", page.read_text(encoding="utf-8"))
            ahead += [found for link in links if (found := (page.parent / link).resolve()).is_file()]
    assert sorted(set((ROOT / "docs").glob("*.md")) - reached) == []


def test_every_broken_rule_is_in_the_proof() -> None:
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", (ROOT / "docs/correctness.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(rows[rows.index("broken rule") + 1 :]) == sorted(BROKEN)


def test_the_changelog_speaks_of_this_version() -> None:
    from auditor import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
