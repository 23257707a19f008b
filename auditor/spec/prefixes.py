"""Where a key departs from the document, as a label that the keys beside it share: ten thousand keys, one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.spec.explanation import Explanation
from auditor.spec.family import Family
from auditor.spec.model import Fit
from auditor.spec.quoting import quoted
from auditor.spec.specification import Specification
from auditor.spec.template import Field

UNEXPLAINED = frozenset({Fit.UNKNOWN, Fit.MALFORMED, Fit.INVALID_FIELD, Fit.AMBIGUOUS})

# A value of the wrong kind that is a word is a folder of its own (`videos/journey_videos/`) rather than a wrong uid,
# and there are few words: a line for each says more than one line for the field.
_WORD = re.compile("[a-z][a-z_-]*")


@dataclass(frozen=True)
class KeyPrefix:
    """What unexplained keys have in common. `nearest` is a template's text; None where not even a folder agrees.

    `text`, by `fit`: UNKNOWN, the key up to and with the first folder that no template has there; MALFORMED, the
    nearest template as far as the key agrees, and the folder where it departs; in both, the folder before it where the
    key departs in its last name (empty at the top of the bucket). INVALID_FIELD, the template, and in `field` the
    first field that is wrong. AMBIGUOUS, the templates that tie, with ` or ` between them.
    """

    fit: Fit
    text: str
    nearest: str | None = None
    field: str | None = None

    @property
    def words(self) -> str:
        """A noun phrase for people; nothing in it moves a cursor."""
        match self.fit:
            case Fit.INVALID_FIELD:
                return f"keys of {quoted(self.text)} with an invalid {quoted(self.field or '')}"
            case Fit.AMBIGUOUS:
                return f"ambiguous keys of {quoted(self.text)}"
        place = f"in {quoted(self.text)}" if self.text else "at the top of the bucket"
        return f"{self.fit} keys {place}"


def prefix_of(explanation: Explanation, specification: Specification) -> KeyPrefix:
    """The label of a key whose fit is one of UNEXPLAINED."""
    fit, key = explanation.fit, explanation.key
    match fit:
        case Fit.AMBIGUOUS:
            texts = (specification.family(name).template.text for name in explanation.candidates)
            return KeyPrefix(fit, " or ".join(texts))
        case Fit.INVALID_FIELD:
            template = specification.family(explanation.family or "").template.text
            return KeyPrefix(fit, template, template, explanation.invalid[0].name)
    nearest = specification.family(explanation.nearest or "")
    if fit is Fit.MALFORMED:
        return KeyPrefix(fit, _departed(explanation, nearest), nearest.template.text)
    folder = explanation.unknown_from or ""
    text = folder if folder.endswith("/") else key[: key.rfind("/") + 1]
    agrees = explanation.column != 1
    return KeyPrefix(fit, text, nearest.template.text if agrees else None)


def _departed(explanation: Explanation, nearest: Family) -> str:
    """The template as far as the key agrees with it, then the key up to the end of that folder.

    Where the folder is the last name of the key, the text ends before it: at the last slash of the literals, since
    values and names of fields may hold slashes, too.
    """
    text, folder, at = "", 0, 0
    for piece, field in _agreed(explanation, nearest):
        if field is None and "/" in piece:
            folder = len(text) + piece.rfind("/") + 1
        text += piece if field is None else f"{{{field}}}"
        at += len(piece)
    end = explanation.key.find("/", at) + 1
    return text + explanation.key[at:end] if end else text[:folder]


def _agreed(explanation: Explanation, nearest: Family) -> Iterator[tuple[str, str | None]]:
    """The pieces of the key that agree with the template, each with the name of its field; None for literal text."""
    values = iter(explanation.read)
    left = (explanation.column or 1) - 1  # characters before the departure
    for part in nearest.template.parts:
        if isinstance(part, Field):
            value = next(values, None)
            if value is None or _is_folder(value, nearest, part):
                return
            yield value, part.name
            left -= len(value)
        else:
            yield part.text[:left], None
            left -= len(part.text[:left])


def _is_folder(value: str, family: Family, field: Field) -> bool:
    return _WORD.fullmatch(value) is not None and not family.kinds[field.name].accepts(value)
