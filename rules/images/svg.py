"""SVG as a browser would take it in: well-formed, and with nothing that runs, or that is fetched from elsewhere.

expat reads it, with handlers that keep no tree. defusedxml would refuse every document type, and drawing programs
write harmless ones; so entities are judged one by one, and the first that could grow ends the reading.
"""

from __future__ import annotations

from xml.parsers import expat

from auditor.text import printable
from rules.images.svg_values import about_attribute, about_style

BYTES = 4 << 20  # read at once, so that expat never looks at a long token twice
DEPTH = 1_000
_ENTITY = 256  # characters; drawing programs abbreviate the addresses of their namespaces

_EMBEDDED = frozenset({"iframe", "embed", "object", "frame", "applet"})
_SVG = "http://www.w3.org/2000/svg"

Said = tuple[str, str]  # what it is about, and what is there


class _Enough(Exception):
    """Reading on would cost more than it could tell."""


def faults(data: bytes) -> list[Said]:
    """(subject, the end of "the SVG …") for each sort of fault, the first of each, in the order of the file."""
    return _Reader().read(data)


class _Reader:
    def __init__(self) -> None:
        self._found: dict[str, str] = {}
        self._path: list[str] = []
        self._style: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.EntityDeclHandler = self._entity

    def read(self, data: bytes) -> list[Said]:
        try:
            self._parser.Parse(data, True)
        except _Enough:
            pass
        except (expat.ExpatError, ValueError, LookupError) as error:
            self._say("not-well-formed", f"is not well-formed XML: {_reason(error)}")
        return list(self._found.items())

    def _say(self, subject: str, there: str) -> None:
        self._found.setdefault(subject, f"{there} (line {self._parser.CurrentLineNumber:,})")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if not self._path and (local != "svg" or space not in ("", _SVG)):
            self._say("not-svg", f"has {_shown(local)} for its root element")
        self._path.append(local)
        if len(self._path) > DEPTH:
            self._say("depth", f"is nested deeper than {DEPTH:,} elements; the rest was not read")
            raise _Enough
        if local == "script":
            self._say("script", "has a script element")
        if local in _EMBEDDED:
            self._say("external-reference", f"embeds another document with {_shown(local)}")
        for attribute, value in attributes.items():
            for subject, there in about_attribute(local, attribute, value):
                self._say(subject, there)

    def _end(self, name: str) -> None:
        if self._path.pop() == "style":
            self._look_at_style()

    def _text(self, text: str) -> None:
        if self._path and self._path[-1] == "style":
            self._style.append(text)

    def _look_at_style(self) -> None:
        for subject, there in about_style("".join(self._style)):
            self._say(subject, there)
        self._style.clear()

    def _instruction(self, target: str, data: str) -> None:
        if target == "xml-stylesheet":
            self._say("external-reference", "names a style sheet of its own")

    def _entity(
        self,
        name: str,
        is_parameter: bool,
        value: str | None,
        base: str | None,
        system_id: str | None,
        public_id: str | None,
        notation: str | None,
    ) -> None:
        if value is None or is_parameter:
            self._say("entity", f"declares {_shown(name)}, an entity whose text lies elsewhere or is a declaration")
            raise _Enough
        if "&" in value or "<" in value or len(value) > _ENTITY:
            self._say("entity", f"declares {_shown(name)}, an entity that can grow: it is long or holds others")
            raise _Enough


def _reason(error: Exception) -> str:
    """expat's own words, which hold no byte of the file."""
    code = error.code if isinstance(error, expat.ExpatError) else None
    return expat.ErrorString(code) if code else "its encoding is not known"


def _shown(text: str) -> str:
    return printable(text if len(text) <= 40 else f"{text[:40]}…")
