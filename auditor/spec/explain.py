"""One key at a time: what it is, and where and why it departs from the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from auditor.spec import globs
from auditor.spec.explanation import Explanation, FieldValue
from auditor.spec.family import Family
from auditor.spec.grammar import Departure, Exactly, KeyGrammar
from auditor.spec.kinds import Kind
from auditor.spec.model import Fit
from auditor.spec.precedence import ranks, winner
from auditor.spec.template import Literal

_NearestUnknown = tuple[str, int, str, bool]  # family, column, expected, whether the key stops short


class Explainer:
    """The slow and thorough reader of keys; what it decides, the classifier decides as well."""

    def __init__(self, families: Sequence[Family], ignore: Sequence[str]) -> None:
        self._families = families
        self._rank = ranks(families)
        self._ignore = globs.matchers(ignore)
        self._grammars = [KeyGrammar(family.template, _kinds(family)) for family in families]
        self._folders = _known_folders(families)
        # Most unknown keys share a few unknown folders.
        self._nearest = lru_cache(maxsize=4096)(self._find_nearest)

    def explain(self, key: str) -> Explanation:
        if any(glob.match(key) for glob in self._ignore):
            return Explanation(key, Fit.IGNORED)
        begun = self._begun(key)
        departures: dict[int, Departure] = {}
        for shapes, fit in ((False, Fit.FITS), (True, Fit.INVALID_FIELD)):
            values, departures = self._read(key, begun, shapes=shapes)
            if values:
                best = winner(values, self._rank)
                return self.fitting(key, best, values[best], fit) if best is not None else self._ambiguous(key, values)
        return self._malformed(key, departures) if begun else self.unknown(key)

    def fitting(self, key: str, index: int, values: Sequence[str], fit: Fit) -> Explanation:
        """A key of the family with that index, whose fields have these values."""
        family = self._families[index]
        fields = tuple(_field_values(family, values))
        wrong = next((field for field in fields if not field.valid), None)
        if wrong is None:
            return Explanation(key, fit, family.name, fields)
        return Explanation(key, fit, family.name, fields, (), family.name, wrong.column, wrong.expected)

    def unknown(self, key: str) -> Explanation:
        """A key that has no template's literal beginning."""
        beginning = self._unknown_from(key)
        nearest, column, expected, stops_short = self._nearest(beginning)
        unknown_from = None if stops_short else beginning
        return Explanation(key, Fit.UNKNOWN, None, (), (), nearest, column, expected, unknown_from)

    def malformed(self, key: str) -> Explanation:
        """A key that begins like some templates and is known to have no template's form."""
        _, departures = self._read(key, self._begun(key), shapes=True)
        return self._malformed(key, departures)

    def _begun(self, key: str) -> list[int]:
        """The families whose literal beginning begins the key."""
        return [index for index, family in enumerate(self._families) if key.startswith(family.literal)]

    def _read(
        self, key: str, begun: Sequence[int], *, shapes: bool
    ) -> tuple[dict[int, tuple[str, ...]], dict[int, Departure]]:
        values, departures = {}, {}
        for index in begun:
            try:
                values[index] = self._grammars[index].read(key, shapes=shapes)
            except Departure as departure:
                departures[index] = departure
        return values, departures

    def _ambiguous(self, key: str, values: Mapping[int, Sequence[str]]) -> Explanation:
        best = min(self._rank[index] for index in values)
        tied = tuple(self._families[index].name for index in values if self._rank[index] == best)
        return Explanation(key, Fit.AMBIGUOUS, candidates=tied)

    def _malformed(self, key: str, departures: Mapping[int, Departure]) -> Explanation:
        nearest = max(departures, key=lambda index: departures[index].reach)
        departure = departures[nearest]
        name = self._families[nearest].name
        column, expected = departure.loc + 1, departure.expected
        return Explanation(key, Fit.MALFORMED, None, (), (), name, column, expected, read=departure.values)

    def _unknown_from(self, key: str) -> str:
        """The beginning of the key that ends with the first folder that no template has; the whole key if none does."""
        end = key.find("/") + 1
        while end and key[:end] in self._folders:
            end = key.find("/", end) + 1
        return key[:end] if end else key

    def _find_nearest(self, beginning: str) -> _NearestUnknown:
        literals = {family.literal: family.name for family in reversed(self._families)}
        departures = {name: Exactly(literal).departure(beginning, 0) for literal, name in literals.items()}
        nearest = max(reversed(departures), key=lambda name: departures[name].reach)
        departure = departures[nearest]
        return nearest, departure.loc + 1, departure.expected, departure.reach == len(beginning)


def _kinds(family: Family) -> list[Kind]:
    return [family.kinds[field.name] for field in family.template.fields]


def _known_folders(families: Sequence[Family]) -> frozenset[str]:
    literals = {family.literal for family in families}
    return frozenset(text[: at + 1] for text in literals for at, character in enumerate(text) if character == "/")


def _field_values(family: Family, values: Sequence[str]) -> list[FieldValue]:
    column, left, found = 1, iter(values), []
    for part in family.template.parts:
        text = part.text if isinstance(part, Literal) else next(left)
        if not isinstance(part, Literal):
            kind = family.kinds[part.name]
            found.append(FieldValue(part.name, text, kind.text, kind.accepts(text), kind.words, column))
        column += len(text)
    return found
