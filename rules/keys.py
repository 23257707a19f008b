"""KEY001-KEY005: what the key alone says about an object. At most one of them for a key."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from auditor.findings import Problem, RuleInfo, RuleKind, Severity
from auditor.protocols import Context
from auditor.spec import Explanation, Fit, Specification
from auditor.text import printable

_UID = "oseh_s3fu_mKc0l1ZpAx9TqUe_4rW-7Q"
_GOOD = f"s3_files/uploads/{_UID}/1/mKc0l1ZpAx8"

UNKNOWN = RuleInfo(
    code="KEY001",
    name="unknown-prefix",
    severity=Severity.WARNING,
    kind=RuleKind.BATCH,
    summary="No template begins like this key.",
    why="An object that the key specification does not know of is cared for by nobody: no rule checks it, and whoever"
    " cleans up cannot tell whether it is needed.",
    action="Describe the key in the key specification, list it under [ignore] in the bindings, or find out who writes"
    " there and move or remove the objects.",
    good=_GOOD,
    bad=f"s3_files/upload/{_UID}/1/mKc0l1ZpAx8",
)
MALFORMED = RuleInfo(
    code="KEY002",
    name="malformed-key",
    severity=Severity.WARNING,
    kind=RuleKind.BATCH,
    summary="The key begins like a template and then departs from it.",
    why="Either the writer has a fault, or it has moved on and the key specification has not. Until they agree the"
    " object belongs to no family.",
    action="Compare the writer with the template at the column that is named, and correct the one that is wrong.",
    good=_GOOD,
    bad=f"s3_files/uploads/{_UID}/mKc0l1ZpAx8",
)
INVALID = RuleInfo(
    code="KEY003",
    name="invalid-field",
    severity=Severity.WARNING,
    kind=RuleKind.BATCH,
    summary="The key has a template's form, but the value of a field is not of its kind.",
    why="A field of the wrong kind comes from a writer with a fault or from bindings that are too narrow; the object"
    " is still judged as one of its family.",
    action="Correct the writer, or widen the field's kind in the bindings.",
    good=_GOOD,
    bad=f"s3_files/uploads/{_UID}/one/mKc0l1ZpAx8",
)
AMBIGUOUS = RuleInfo(
    code="KEY004",
    name="ambiguous-key",
    severity=Severity.WARNING,
    kind=RuleKind.BATCH,
    summary="More than one template fits the key.",
    why="Nobody can say which rules hold for the object, so it belongs to no family.",
    action="Make the templates differ in a literal or in the kinds of their fields, so that one of them wins.",
    good="logs/1.txt, with the templates logs/{day}.txt and logs/{day}.csv",
    bad="logs/1-2_3, with the templates logs/{day}-{part} and logs/{day}_{hour}",
)
MARKER = RuleInfo(
    code="KEY005",
    name="directory-marker",
    severity=Severity.INFO,
    kind=RuleKind.BATCH,
    summary="An empty object whose name ends in a slash.",
    why="Consoles and sync tools write such objects to show a folder that S3 does not have; they hold nothing.",
    action="Remove it when nothing lists folders by it.",
    good=_GOOD,
    bad="s3_files/uploads/",
)

Mask = npt.NDArray[np.bool_]

_RULES = {
    Fit.UNKNOWN: UNKNOWN,
    Fit.MALFORMED: MALFORMED,
    Fit.INVALID_FIELD: INVALID,
    Fit.AMBIGUOUS: AMBIGUOUS,
}


class KeyRules:
    """Judges the keys of listed objects; rows without an object have no key finding."""

    infos = (UNKNOWN, MALFORMED, INVALID, AMBIGUOUS, MARKER)

    def check_batch(self, frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
        """Uses the columns key, size, class, fit and row_class; the subject of KEY003 is the field's name."""
        listed = _true(frame["class"].notna())
        markers = listed & _markers(frame)
        wrong = listed & ~markers & _true(frame["fit"].isin([str(fit) for fit in _RULES]))
        for position in np.flatnonzero(markers):
            message = "An empty object that only marks a folder."
            yield Problem(MARKER.code, message, MARKER.action, position=int(position))
        yield from _departures(frame, np.flatnonzero(wrong), context)


def _markers(frame: pd.DataFrame) -> Mask:
    # What a glob ignores has the class as well, and nobody wants to hear of it.
    candidates = _true(frame["class"] == "ignored") & _true(frame["size"] == 0) & ~_true(frame["fit"] == Fit.IGNORED)
    candidates[candidates] = _true(frame.loc[candidates, "key"].str.endswith("/"))
    return candidates


def _true(answer: pd.Series[bool]) -> Mask:
    return answer.to_numpy(dtype=bool, na_value=False)


def _departures(frame: pd.DataFrame, positions: npt.NDArray[np.intp], context: Context) -> Iterator[Problem]:
    keys = frame["key"].iloc[positions].tolist()
    with_row = _true(frame["row_class"].iloc[positions].notna())
    for position, row, explanation in zip(positions, with_row, context.spec.explanations(keys), strict=True):
        rule = _RULES.get(explanation.fit)
        if rule is not None:
            message = printable(_message(explanation, context.spec, _about_row(bool(row), context))) + "."
            subject = explanation.invalid[0].name if explanation.invalid else None
            yield Problem(rule.code, message, rule.action, subject, int(position))


def _about_row(row: bool, context: Context) -> str:
    if row:
        return "; a row has this key"
    return "; no row has this key" if context.has_rows else ""


def _message(explanation: Explanation, spec: Specification, about_row: str) -> str:
    match explanation.fit:
        case Fit.UNKNOWN:
            return _unknown(explanation, spec) + about_row
        case Fit.AMBIGUOUS:
            templates = (f"`{spec.family(name).template.text}`" for name in explanation.candidates)
            return "The key fits more than one template: " + ", ".join(templates)
        case Fit.MALFORMED:
            return f"The key departs from `{_nearest(explanation, spec)}` {explanation.departure}"
    return f"The key {explanation.sentence}"


def _unknown(explanation: Explanation, spec: Specification) -> str:
    nearest = f"the nearest template, `{_nearest(explanation, spec)}`,"
    if explanation.unknown_from is None:
        ends = f"The key ends at column {len(explanation.key)}, before it is a key of any template"
        return f"{ends}; {nearest} has {explanation.expected} from column {explanation.column} on"
    here = f"{explanation.expected} instead of {explanation.found}"
    return f"No template begins with `{explanation.unknown_from}`; {nearest} has {here}"


def _nearest(explanation: Explanation, spec: Specification) -> str:
    return spec.family(explanation.nearest or "").template.text
