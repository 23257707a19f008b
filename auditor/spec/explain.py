"""One key at a time: what it is, and where and why it departs from the templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.spec import globs
from auditor.spec.diagnosis import diagnose, standing
from auditor.spec.explanation import Explanation, FieldValue, Nearby
from auditor.spec.family import Family
from auditor.spec.folders import MOST_NEARBY, Folders
from auditor.spec.grammar import Departure, Exactly, KeyGrammar
from auditor.spec.kinds import Kind
from auditor.spec.model import Fit
from auditor.spec.precedence import ranks, winner
from auditor.spec.template import Literal

Values = Mapping[int, tuple[str, ...]]  # of the fields, by the family's index
Departures = Mapping[int, Departure]


class Explainer:
    """The slow and thorough reader of keys; what it decides, the classifier decides as well."""

    def __init__(self, families: Sequence[Family], ignore: Sequence[str]) -> None:
        self._families = families
        self._rank = ranks(families)
        self._ignore = list(zip(ignore, globs.matchers(ignore), strict=True))
        self._grammars = [KeyGrammar(family.template, _kinds(family)) for family in families]
        self._literals = [Exactly(family.literal) for family in families]
        self._folders = Folders(families)

    def explain(self, key: str) -> Explanation:
        for glob, matcher in self._ignore:
            if matcher.match(key):
                return Explanation(key, Fit.IGNORED, glob=glob)
        begun = self._begun(key)
        strict, by_kinds = self._read(key, begun, shapes=False)
        if strict:
            return self._chosen(key, strict, Fit.FITS)
        shapes, by_form = self._read(key, begun, shapes=True)
        if shapes:
            return self._chosen(key, shapes, Fit.INVALID_FIELD)
        return self._malformed(key, by_kinds, by_form) if begun else self.unknown(key)

    def fitting(self, key: str, index: int, values: Sequence[str], fit: Fit) -> Explanation:
        """A key of the family with that index, whose fields have these values."""
        family = self._families[index]
        fields = tuple(_field_values(family, values))
        return Explanation(key, fit, family.name, fields, nearby=tuple(_wrong(family, fields))[:1])

    def unknown(self, key: str) -> Explanation:
        """A key that has no template's literal beginning."""
        beginning = self._folders.unknown_from(key)
        nearby = self._folders.nearby(beginning)
        unknown_from = None if nearby[0].reach == len(beginning) else beginning
        return Explanation(key, Fit.UNKNOWN, nearby=nearby, unknown_from=unknown_from)

    def rivals(self, key: str) -> list[int]:
        """The indices of all families whose templates fit a key by kinds or else by form, the most precedent first."""
        for shapes in (False, True):
            if values := self._read(key, self._begun(key), shapes=shapes)[0]:
                return sorted(values, key=self._rank.__getitem__)
        return []

    def names_instead(self, key: str) -> tuple[str, ...]:
        """What templates have in the folder in which an unknown key leaves them."""
        return self._folders.names(key)

    def _begun(self, key: str) -> list[int]:
        return [index for index, literal in enumerate(self._literals) if key.startswith(literal.text)]

    def _read(self, key: str, begun: Sequence[int], *, shapes: bool) -> tuple[Values, Departures]:
        values, departures = {}, {}
        for index in begun:
            try:
                values[index] = self._grammars[index].read(key, shapes=shapes)
            except Departure as departure:
                departures[index] = departure
        return values, departures

    def _chosen(self, key: str, values: Values, fit: Fit) -> Explanation:
        best = winner(values, self._rank)
        if best is not None:
            return self.fitting(key, best, values[best], fit)
        first = min(self._rank[index] for index in values)
        tied = tuple(self._families[index].name for index in values if self._rank[index] == first)
        return Explanation(key, Fit.AMBIGUOUS, candidates=tied)

    def _malformed(self, key: str, by_kinds: Departures, by_form: Departures) -> Explanation:
        """The templates with the right kinds up to a place count before those that have only the form up to there."""
        reaches = {index: (by_kinds[index].reach, departure.reach) for index, departure in by_form.items()}
        departures = dict(by_form)
        for index, departure in self._further(key, max(reaches.values())[0]):
            reaches[index] = departure.reach, departure.reach
            departures[index] = departure
        order = sorted(sorted(reaches), key=reaches.__getitem__, reverse=True)[:MOST_NEARBY]
        nearby = tuple(self._nearby(key, at, departures[at]) for at in order)
        return Explanation(key, Fit.MALFORMED, nearby=nearby, read=departures[order[0]].values)

    def _further(self, key: str, reach: int) -> Iterator[tuple[int, Departure]]:
        """Templates of which not even the literal beginning is in the key, but more of it than `reach` characters."""
        for index, literal in enumerate(self._literals):
            if len(literal.text) > reach and key.startswith(literal.text[: reach + 1]):
                yield index, literal.departure(key, 0)

    def _nearby(self, key: str, index: int, departure: Departure) -> Nearby:
        found = standing(key, departure.loc)
        return Nearby(self._families[index].name, departure.loc + 1, departure.expected, found, departure.reach)


def _kinds(family: Family) -> list[Kind]:
    return [family.kinds[field.name] for field in family.template.fields]


def _field_values(family: Family, values: Sequence[str]) -> Iterator[FieldValue]:
    column, left = 1, iter(values)
    for part in family.template.parts:
        text = part.text if isinstance(part, Literal) else next(left)
        if not isinstance(part, Literal):
            yield _field_value(part.name, text, family.kinds[part.name], column)
        column += len(text)


def _field_value(name: str, value: str, kind: Kind, column: int) -> FieldValue:
    if kind.accepts(value):
        return FieldValue(name, value, kind.text, True, kind.words, column)
    diagnosis = diagnose(kind, value)
    return FieldValue(name, value, kind.text, False, kind.words, column, diagnosis.found, column + diagnosis.agrees)


def _wrong(family: Family, fields: Sequence[FieldValue]) -> Iterator[Nearby]:
    for field in fields:
        if field.departure is not None:
            yield Nearby(family.name, field.departure, field.expected, field.found or "", field.departure - 1)
