from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from reports.terminal import TerminalReport
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.nights import stated_runs
from tests.reports.prefixes import entry, prefixes_run
from tests.reports.sample import (
    SampleRun,
    clean_run,
    finding,
    incomplete_run,
    many_findings,
    named_runs,
    sample_run,
)

RUNS = named_runs() | stated_runs() | {"many": sample_run(many_findings()), "prefixes": prefixes_run()}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def told(run: SampleRun, *, width: int = 80, color: bool = False) -> str:
    return "".join(TerminalReport(width=width, color=color).render(run))


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_no_line_is_wider_than_the_terminal(run: SampleRun, width: int) -> None:
    assert max(cell_len(line) for line in told(run, width=width).split("\n")) <= width


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_a_hostile_key_does_nothing_anywhere(key: str) -> None:
    run = sample_run(
        [finding("KEY001", key)],
        bucket=key,
        prefix=key,
        complete=False,
        exit_code=3,
        errors=[{"what": key, "message": key}],
        not_audited=[{"what": key, "because": key}],
        unexplained=[
            entry("KEY001", key, 1, 1, examples=[key], nearest=key),
            entry("KEY003", key, 1, 1, examples=[key], nearest=key, field=key),
        ],
    )
    run.summary["rows"] |= {"source": key, "skipped": [{"source": key, "reason": key}]}
    run.summary["families"] = {key: run.summary["no_family"]}
    text = told(run)
    assert all(character == "\n" or character.isprintable() for character in text)
    assert not re.search("[\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", text)
    assert COLOUR.sub("", told(run, color=True)) == _padded(text, told(run, color=True))


def _padded(plain: str, coloured: str) -> str:
    """The plain text with the blanks that colour keeps at the ends of lines."""
    lines = COLOUR.sub("", coloured).split("\n")
    return "\n".join(line.ljust(len(other)) for line, other in zip(plain.split("\n"), lines, strict=True))


def test_rich_markup_in_a_key_is_shown_and_not_obeyed() -> None:
    assert "[bold red]markup[/bold red] [link=" in told(
        sample_run([finding("KEY001", key) for key in HOSTILE_KEYS if "[bold" in key])
    )


def test_piped_output_has_no_escape_and_no_blank_end() -> None:
    text = "".join(TerminalReport().render(sample_run()))
    assert "\x1b" not in text
    assert not re.search(r" $", text, re.MULTILINE)


def test_colour_is_colour_and_nothing_else() -> None:
    text = told(sample_run(), color=True)
    assert COLOUR.search(text)
    assert "\x1b" not in COLOUR.sub("", text)


def test_the_first_line_says_how_it_went() -> None:
    assert told(sample_run()).startswith("COMPLETE: 4 errors and 7 warnings (exit code 1).\n")
    assert told(incomplete_run()).startswith("NOT COMPLETE: 2 of 64 key ranges failed (exit code 3).\nDelete nothing")
    assert told(clean_run()).startswith("COMPLETE: nothing found (exit code 0).\nNothing to do.")


def test_a_long_key_is_cut_in_the_middle() -> None:
    assert "    " + "k" * 37 + "…" + "k" * 37 + "\n" in told(sample_run([finding("REF001", "k" * 1024)]), width=79)
    assert " " * 8 + "k" * 35 + "…" + "k" * 35 + "\n" in told(sample_run([finding("KEY001", "k" * 1024)]), width=79)


def test_sums_that_disagree_are_loud() -> None:
    run = sample_run()
    run.summary["classes"]["ok"]["objects"] -= 1
    run.summary["row_classes"]["matched"] += 1
    assert " ".join(told(run).split()).count("THE SUM IS WRONG, trust nothing here") == 2


def test_the_age_of_the_backup_is_said() -> None:
    assert "1773455400.bak, 1 h old when the audit" in told(sample_run(), width=120)


def test_findings_of_an_incomplete_run_are_never_called_nothing() -> None:
    run = sample_run([], complete=False, exit_code=3)
    assert "No findings in what was read, which proves nothing." in told(run)
    assert "Checked as far as it was read" in told(run)


def test_what_rests_on_a_backup_is_not_what_to_start_with() -> None:
    text = told(sample_run(), width=120)
    assert "Start with REF003" in text
    assert "(3 of 3 rest on a backup and do not fail the run.)" in " ".join(text.split())


def test_findings_that_fail_nothing_can_wait() -> None:
    text = told(sample_run([finding("KEY005", "folder/", size=0)]))
    assert text.startswith(
        "COMPLETE: 1 remark (exit code 0).\nNothing urgent, since none of it fails the run. Start with"
    )


def test_what_was_not_audited_keeps_a_clean_run_from_sounding_too_clean() -> None:
    run = clean_run()
    run.summary["not_audited"] = [{"what": "REF004", "because": "there are no rows"}]
    assert told(run).startswith("COMPLETE: nothing found, but not everything was audited (exit code 0).")


def test_long_lists_are_counted_rather_than_printed() -> None:
    errors = [{"what": f"part {place}", "message": "failed"} for place in range(500)]
    text = told(sample_run([], complete=False, exit_code=3, errors=errors))
    assert "part 9: failed" in text
    assert "part 10" not in text
    assert "and 490 more in summary.json" in text


def test_a_rule_whose_keys_are_all_beyond_the_shown_prefixes_keeps_its_examples() -> None:
    shown = [entry("KEY003", f"{number}/{{x}}", 1, 10, field="x") for number in range(10)]
    run = sample_run([finding("KEY001", "builds/x")], unexplained=[*shown, entry("KEY001", "builds/", 1, 1)])
    text = told(run)
    assert "    builds/x\n" in text
    assert "by prefix under" not in text
    assert "and 1 more in summary.json (1 object, 1 B)\n" in text


def test_a_run_of_before_there_were_prefixes_is_told_as_it_was() -> None:
    run = sample_run()
    del run.summary["unexplained"]
    assert "    builds/frontend/build.tar.gz\n" in told(run)
    assert "Unexplained" not in told(run)
