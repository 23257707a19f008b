"""Placeholders as other tools write them. In a template they are literal text, which is hardly what was meant.

>>> [text for _, text, _ in foreign("sub-<label>/:run/$HOME/${x}/%Y-%m/*.gz/YYYY/MM/a%2Fb/c:d/{e:f}")]
['<label>', ':run', '$HOME', '$', '%Y-%m', '*', 'YYYY/MM']
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# No alternative holds two unbounded repetitions that could share a character.
_FOREIGN = re.compile(
    r"""\{[^{}]*\}
    |<(?P<angle>[A-Za-z][^<>{}/]*)>
    |(?<![^/]):(?P<colon>[A-Za-z_][A-Za-z0-9_]*)(?![^/])
    |(?P<prefix>[$\#])(?=\{)
    |\$(?P<shell>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<clock>%[YymdHMSjs](?:[-_/.:T]?%[YymdHMSjs])*)(?![0-9A-Za-z])
    |%(?P<printf>0?[0-9]{0,3}d|\([A-Za-z_][A-Za-z0-9_]*\)[sd])(?![0-9A-Za-z])
    |(?P<glob>\*+)
    |(?<![A-Za-z0-9])(?P<date>(?:YYYY|yyyy)(?:[-_/.]?(?:MM|mm|DD|dd|HH|hh|SS|ss)){0,6})(?![A-Za-z0-9])
    """,
    re.VERBOSE,
)


def foreign(text: str) -> Iterator[tuple[int, str, str]]:
    """Offset, text and a fitting field for each such placeholder; fields are stepped over."""
    for match in _FOREIGN.finditer(text):
        if match.lastgroup is not None:
            yield match.start(), match[0], _instead(match, text)


def _instead(match: re.Match[str], text: str) -> str:
    if match["prefix"]:
        return text[match.end() : text.find("}", match.end()) + 1] or "{name}"
    name = match["angle"] or match["colon"] or match["shell"]
    if name:
        return f"{{{name.strip()}}}"
    return "{name}" if match["glob"] or match["printf"] or match[0] == "%s" else "{date}"
