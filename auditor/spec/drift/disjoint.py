"""Which drafts become templates: each is proved to share no key with the document or with another of them.

A draft that overlaps is narrowed: fields take the few values that were seen, or stand as literals. Of two drafts that
overlap, one that covers the other's keys takes its place; two that differ only in kinds would be one template twice,
and become one with wider kinds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from auditor.spec.drift.candidate import ALONE, Candidate, Maker, Refusal
from auditor.spec.drift.grow import FEW, Draft
from auditor.spec.drift.pattern import Atom, Pattern, Slot, joined, regex, skeleton, slots
from auditor.spec.drift.wider import choice, wider
from auditor.spec.family import Family
from auditor.spec.overlap import common_key
from auditor.spec.quoting import quoted

_DOUBLE = "have a template's form and a field of the wrong kind, and the same template cannot stand there twice"
MOST = 200  # proposals
_MOST_ALONE = 40  # proposals for one key each
_TRIED = 1000  # drafts in one round
_OVERLAPPING = "would have a template that overlaps another proposal"
_TOO_MANY = f"are of so many forms that not all were tried; there are {MOST} proposals at most"
_NARROWEST = 3  # how often a draft is narrowed
_GENERAL = ("segment", "slug", "int")
_MOST_OPTIONS = 16


class Settlement:
    """Grows by `place`; what is in `accepted` is disjoint from `families` and from each other."""

    def __init__(self, maker: Maker, families: Sequence[Family], accepted: Iterable[Candidate] = ()) -> None:
        self._maker = maker
        self._families = list(families)
        self.accepted = list(accepted)
        self.refused: list[Refusal] = []

    def place_all(self, drafts: Iterable[Draft]) -> None:
        """The drafts of many keys first; those beyond what anybody reads are not even tried."""
        for number, draft in enumerate(sorted(drafts, key=lambda draft: (-len(draft.keys), str(draft.pattern)))):
            if len(self.accepted) == MOST or number >= _TRIED:
                self.refused.append(Refusal(_TOO_MANY, draft.keys))
            elif not slots(draft.pattern) and self._alone() >= _MOST_ALONE:
                self.refused.append(Refusal(ALONE, draft.keys))
            else:
                self._place(draft, _NARROWEST)

    def _alone(self) -> int:
        return sum(not slots(one.draft.pattern) for one in self.accepted)

    def _place(self, draft: Draft, patience: int) -> None:
        double = next((one for one in self._families if one.template.skeleton == skeleton(draft.pattern)), None)
        if double is not None:
            self.refused.append(Refusal(_DOUBLE, draft.keys))
            return
        candidate = self._maker.candidate(draft)
        if isinstance(candidate, Refusal):
            self.refused.append(candidate)
            return
        twin = self._twin(draft)
        if twin is not None:
            self.accepted.remove(twin)
            self._place(_united(draft, twin.draft), patience)
            return
        reason = self._against_document(candidate)
        if reason is None and self._against_each_other(candidate):
            return
        pieces = list(_narrower(draft)) if patience else []
        if not pieces:
            self.refused.append(Refusal(reason or _OVERLAPPING, draft.keys))
        for piece in pieces:
            self._place(piece, patience - 1)

    def _twin(self, draft: Draft) -> Candidate | None:
        same = (one for one in self.accepted if skeleton(one.draft.pattern) == skeleton(draft.pattern))
        return next(same, None)

    def _against_document(self, candidate: Candidate) -> str | None:
        for family in self._families:
            witness = common_key(family, candidate.family)
            if witness is not None:
                return f"would have a template that overlaps {_named(family)}: both fit {quoted(witness)}"
        return None

    def _against_each_other(self, candidate: Candidate) -> bool:
        """Whether the candidate found its place."""
        rivals = [one for one in self.accepted if common_key(one.family, candidate.family) is not None]
        fits = re.compile(candidate.family.pattern).fullmatch
        if all(fits(key) for rival in rivals for key in rival.draft.keys):
            keys = dict.fromkeys([*candidate.draft.keys, *(key for rival in rivals for key in rival.draft.keys)])
            self.accepted = [one for one in self.accepted if one not in rivals]
            draft = Draft(candidate.draft.pattern, tuple(keys))
            self.accepted.append(Candidate(draft, candidate.family, candidate.bound))
            return True
        return any(all(map(re.compile(rival.family.pattern).fullmatch, candidate.draft.keys)) for rival in rivals)


def _named(family: Family) -> str:
    return f"{quoted(family.name)} (line {family.template.line})"


def _united(first: Draft, second: Draft) -> Draft:
    pattern: list[Atom] = []
    for one, other in zip(first.pattern, second.pattern, strict=True):
        pattern.append(Slot(wider(one.kind, other.kind)) if isinstance(one, Slot) and isinstance(other, Slot) else one)
    return Draft(tuple(pattern), tuple(dict.fromkeys([*first.keys, *second.keys])))


def _narrower(draft: Draft) -> Iterator[Draft]:
    """The same keys with one general field bound to what it was seen to hold; nothing where that would be a list."""
    matches = [regex(draft.pattern).fullmatch(key) for key in draft.keys]
    number = 0
    for at, atom in enumerate(draft.pattern):
        if not isinstance(atom, Slot):
            continue
        values = [match[number + 1] if match else "" for match in matches]
        number += 1
        different = sorted(set(values))
        if atom.kind not in _GENERAL:
            continue
        if len(different) <= FEW:
            for value in different:
                keys = tuple(key for key, found in zip(draft.keys, values, strict=True) if found == value)
                yield Draft(_replaced(draft.pattern, at, value), keys)
            return
        options = choice(different) if len(different) <= _MOST_OPTIONS else None
        if options:
            yield Draft(_replaced(draft.pattern, at, Slot(options)), draft.keys)
            return


def _replaced(pattern: Pattern, at: int, atom: Atom) -> Pattern:
    return joined([*pattern[:at], atom, *pattern[at + 1 :]])
