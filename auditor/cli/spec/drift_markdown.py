"""Drift as Markdown that can be pasted into the document, with the TOML for the bindings.

All of it compiles where it stands: nothing but a proposal is a list item.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.cli.spec.drift_said import Said, amount, code, counted, fenced
from auditor.cli.spec.drift_toml import toml
from auditor.spec.drift import Drift, Proposal, Tally
from auditor.text import printable

_EXAMPLES = 3
_REASONS = 12
_WRONG = {
    "unknown": "begin like no template",
    "malformed": "begin like a template and depart from it",
    "invalid-field": "have the form of a template, with a field of the wrong kind",
    "ambiguous": "fit more than one template",
    "too-few": "would have a template that covers too few",
}


def markdown(said: Said) -> str:
    paragraphs = [f"## Not described in {code(said.specification.document)}", _summary(said.drift)]
    for heading, chosen in _sorts(said.drift).items():
        if chosen:
            paragraphs += [f"### {heading}", "\n".join(_item(one, said) for one in chosen)]
    if bindings := toml(said):
        paragraphs += ["### For the bindings", fenced("toml", bindings)]
    paragraphs += _left(said.drift)
    return "\n\n".join(filter(None, paragraphs))


def _sorts(drift: Drift) -> dict[str, list[Proposal]]:
    new = [one for one in drift.proposals if not one.replaces]
    return {
        "New families": [one for one in new if not one.form_of and one.named.kinds],
        "Objects with a name of their own": [one for one in new if not one.form_of and not one.named.kinds],
        "In the form of another family": [one for one in new if one.form_of],
    }


def _summary(drift: Drift) -> str:
    covered = Tally()
    for proposal in drift.proposals:
        covered = covered.plus(proposal.tally)
    total = covered.plus(drift.left)
    if not total.objects:
        return "Nothing: every object has a template, and every field is of its kind."
    lines = [
        f"No template fits {amount(total)}; {counted(len(drift.proposals), 'proposal')} would cover {amount(covered)}.",
        "It is proved that no key fits two of the proposals, or one of them and a template of the document.",
    ]
    return "\n".join(lines)


def _item(proposal: Proposal, said: Said) -> str:
    tally = proposal.tally
    lines = [
        f"- `{proposal.named.text}`: To be described.",
        f"  {amount(tally)}, last modified {_dates(tally)}{_rows(tally) if said.rows_known else ''}.",
    ]
    if proposal.form_of:
        lines.append(f"  The form is that of {code(proposal.form_of)}, but a field is not of its kind.")
    if proposal.named.kinds:
        lines.append(f"  Such as {code(tally.examples[0])}.")
    return "\n".join(lines)


def _dates(tally: Tally) -> str:
    days = [f"{moment:%Y-%m-%d}" for moment in (tally.first, tally.last) if moment]
    return " to ".join(dict.fromkeys(days))


def _rows(tally: Tally) -> str:
    if tally.with_rows in (0, tally.objects):
        some = "a row" if tally.with_rows else "no row"
        return f", with {some}" if tally.objects == 1 else f", all with {some}"
    return f", {tally.with_rows:,} of them with a row"


def _left(drift: Drift) -> Iterator[str]:
    if not drift.left.objects:
        return
    yield f"### Not covered by any proposal: {amount(drift.left)}"
    yield fenced("text", "\n".join(_counts(drift)))
    if drift.refused:
        yield "Why those that were looked at have none:"
        yield fenced("text", "\n".join(_reasons(drift)))


def _counts(drift: Drift) -> Iterator[str]:
    for name, tally in sorted(drift.uncovered.items(), key=lambda item: -item[1].objects):
        yield f"{amount(tally)}: {_WRONG[name]}, such as"
        yield from _shown(tally.examples)


def _reasons(drift: Drift) -> Iterator[str]:
    for refusal in drift.refused[:_REASONS]:
        yield f"They {refusal.reason}:"
        yield from _shown(list(refusal.keys))


def _shown(keys: list[str]) -> Iterator[str]:
    for found in keys[:_EXAMPLES]:
        yield f"    {printable(found)}"
