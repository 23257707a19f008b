"""What is new, known, fixed and suppressed in a run, by its summary: shared by every report that people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.findings import Severity, State
from reports import words
from reports.labels import FOUND, SUPPRESSED

Summary = Mapping[str, Any]
_MANY = 10  # groups of the baseline that are named


def history(summary: Summary) -> Mapping[str, Any] | None:
    """None where no history is kept; runs of before there was one have no entry."""
    found: Mapping[str, Any] | None = summary.get("history")
    return found


def compared(summary: Summary) -> Mapping[str, Any] | None:
    """The history, if there is a run on record that this one was compared with."""
    found = history(summary)
    return found if found and found["previous"] else None


def baseline(summary: Summary) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = summary.get("baseline")
    return found


def has_states(summary: Summary) -> bool:
    """Whether findings of this run differ in more than what was found."""
    return history(summary) is not None or baseline(summary) is not None


def suppressed(summary: Summary, code: str) -> int:
    found = baseline(summary)
    return int(found["suppressed"].get(code, 0)) if found else 0


def all_suppressed(summary: Summary) -> int:
    found = baseline(summary)
    return sum(found["suppressed"].values()) if found else 0


def left(summary: Summary, code: str) -> int:
    """How many findings of a rule the baseline leaves."""
    return int(summary["rules"][code]["count"]) - suppressed(summary, code)


def in_state(summary: Summary, code: str, state: State) -> int:
    """How many findings of a rule are in this state, of those that count; 0 without a history."""
    found = history(summary)
    return int(found["rules"].get(code, {}).get(str(state), 0)) if found else 0


def counts(summary: Summary) -> dict[tuple[str, str], int]:
    """Findings by label and rule, as far as the summary can tell."""
    held = {(SUPPRESSED, code): suppressed(summary, code) for code in summary["findings"]}
    if (found := history(summary)) is not None:
        held |= {(state, code): rule[state] for code, rule in found["rules"].items() for state in map(str, State)}
    else:
        held |= {(FOUND, code): count - held[SUPPRESSED, code] for code, count in summary["findings"].items()}
    return held


def fails(summary: Summary, code: str) -> bool:
    """Whether this rule alone fails the run: by `--fail-on`, or by `--fail-on-new`."""
    if not summary["exit_code"]:
        return False
    rule, every, newest = summary["rules"][code], summary["fail_on"], summary.get("fail_on_new")
    severity = Severity(rule["severity"])
    if every is not None and rule["counted"] and severity >= Severity(every):
        return True
    return newest is not None and in_state(summary, code, State.NEW) > 0 and severity >= Severity(newest)


def states_phrase(summary: Summary) -> str | None:
    """`3 new and 2 fixed since 2026-03-13 03:30 UTC, 371 known`; None with nothing to compare with."""
    found = compared(summary)
    if found is None:
        return None
    states, since = found["states"], words.minute(found["previous"]["started_at"])
    changed = [f"{states['new']:,} new" if states["new"] else "nothing new"]
    changed += [f"{states['fixed']:,} fixed"] if states["fixed"] else []
    known = [f"{states['known']:,} known"] if states["known"] else []
    return ", ".join([f"{words.listed(changed)} since {since}", *known])


def history_sentence(summary: Summary) -> str | None:
    """What the run was compared with; None where no history is kept."""
    found = history(summary)
    if found is None:
        return None
    kept = "" if found["recorded"] else f"; {_why_not_recorded(summary)} and changes no state"
    if not found["previous"]:
        return f"none before this run: everything is new{kept}"
    since = "" if found["since"] is None else f" since {words.minute(found['since'])}"
    last = words.minute(found["previous"]["started_at"])
    return f"{words.counted(found['runs'], 'earlier run')}{since}, the last of {last}{kept}"


def _why_not_recorded(summary: Summary) -> str:
    return "this run began before the last one on record" if summary["complete"] else "this run is not whole"


def baseline_sentence(summary: Summary) -> str | None:
    """`9 suppressed by FILE (8 KEY001 and 1 REF001; 2 entries expired)`; None without a baseline.

    Names of files and globs are as they are: make them printable.
    """
    found = baseline(summary)
    if found is None:
        return None
    notes = [words.listed([f"{count:,} {code}" for code, count in found["suppressed"].items() if count])]
    notes += [f"{_entries(found['expired'])} expired"] if found["expired"] else []
    notes += [f"{_entries(found['unused'])} without a finding"] if found["unused"] else []
    told = "; ".join(filter(None, notes))
    return f"{all_suppressed(summary):,} suppressed by {found['file']}" + (f" ({told})" if told else "")


def exceeded_sentences(summary: Summary) -> list[str]:
    """The groups of the baseline that suppress nothing, since more was found than they allow."""
    found = baseline(summary)
    groups = found["exceeded"] if found else []
    lines = [
        f"group {group['rule']} {group['glob']} is exceeded and suppresses nothing: "
        f"{group['matched']:,} found, {group['at_most']:,} allowed"
        for group in groups[:_MANY]
    ]
    more = len(groups) - len(lines)
    return lines + ([f"and {words.counted(more, 'more group')}, see summary.json"] if more else [])


def fails_on(summary: Summary) -> str:
    """From which severity on the run fails."""
    every, newest = summary["fail_on"], summary.get("fail_on_new")
    return ", ".join(filter(None, [every, f"on what is new from {newest}" if newest else None]))


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"
