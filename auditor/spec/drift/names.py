"""Names for the fields of a new template: those that the document has for the same kind, where they fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.spec.drift.pattern import Pattern
from auditor.spec.family import Family
from auditor.spec.kinds import read_kind

# Of these kinds a name says what the number or word is about, which no other template can know.
_OWN_WORDS = {"int": "number", "slug": "name", "segment": "name", "choice": "name"}
_DEFAULTS = {"isodatetime": "time", "timestamp": "timestamp", "timestamp(hint)": "timestamp", "token": "random"}


@dataclass(frozen=True)
class Named:
    """A pattern written as a template; `kinds` has the kind of each field as bindings write it."""

    text: str
    kinds: Mapping[str, str]


class Namer:
    """Knows how the document calls its fields."""

    def __init__(self, families: Iterable[Family]) -> None:
        exact: Counter[tuple[str, str]] = Counter()
        for family in families:
            for name, kind in family.kinds.items():
                exact[kind.pattern, name] += 1
                exact[kind.rung, name] += 1
        self._names: dict[str, str] = {}
        for (kind_text, name), _ in exact.most_common():  # of equals the document's first
            self._names.setdefault(kind_text, name)

    def named(self, pattern: Pattern) -> Named:
        """
        >>> from auditor.spec.drift.pattern import Slot
        >>> Namer([]).named(("a/", Slot("uid(vn)"), "/", Slot("token(4)"), "-", Slot("token(4)"))).text
        'a/{vn_uid}/{random}-{random_2}'
        """
        text = ""
        kinds: dict[str, str] = {}
        for atom in pattern:
            if isinstance(atom, str):
                text += atom
            else:
                name = _unused(self._name(atom.kind), kinds)
                kinds[name] = atom.kind
                text += f"{{{name}}}"
        return Named(text, kinds)

    def _name(self, kind_text: str) -> str:
        kind = read_kind(kind_text)
        if kind.rung in _OWN_WORDS:
            return _OWN_WORDS[kind.rung]
        if kind.pattern in self._names:
            return self._names[kind.pattern]
        if kind.rung == "uid":
            return kind_text.removeprefix("uid(").removesuffix(")") + "_uid"
        return self._names.get(kind.rung, _DEFAULTS[kind.rung])


def _unused(name: str, taken: Mapping[str, str]) -> str:
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
