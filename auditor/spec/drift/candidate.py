"""A draft written as a template that may stand in the document, or why it cannot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.spec.drift.base import Base, family_of, form
from auditor.spec.drift.grow import Draft
from auditor.spec.drift.names import Named, Namer
from auditor.spec.drift.pattern import Pattern, slots
from auditor.spec.family import Family
from auditor.spec.faults import SpecificationError
from auditor.spec.quoting import quoted

_TAME = re.compile(r"[A-Za-z0-9._/-]*")
_ODD = re.compile(r"(?:^|[-._/])[-._/]")  # a name that begins with a mark, or has two of them side by side
_NO_FOLDER = re.compile(r"(?:^|/)[.]{0,2}(?:/|$)")  # empty, or a dot or two


ALONE = "stand alone, each with a name of its own"


@dataclass(frozen=True)
class Candidate:
    """A draft and the family that it would be; `bound` says that the bindings have a table for it already."""

    draft: Draft
    family: Family
    bound: bool

    @property
    def named(self) -> Named:
        return Named(self.family.template.text, {name: kind.text for name, kind in self.family.kinds.items()})


@dataclass(frozen=True)
class Refusal:
    """Keys that get no template, and the reason, which completes "they …"."""

    reason: str
    keys: tuple[str, ...]


class Maker:
    def __init__(self, base: Base, families: Sequence[Family]) -> None:
        self._base = base
        self._namer = Namer(families)

    def candidate(self, draft: Draft) -> Candidate | Refusal:
        reason = _unfit(draft.pattern) or _unbelievable(draft)
        if reason:
            return Refusal(reason, draft.keys)
        try:
            bound = self._bound(draft)
            named = self._namer.named(draft.pattern)
            family = bound.family if bound else family_of(named)
        except SpecificationError as error:
            faults = "; ".join(fault.message for fault in error.faults)
            return Refusal(f"have a form that no template can have: {faults or 'Markdown changes it'}", draft.keys)
        if bound is None and named.text in self._base.bound:
            return Refusal(f"do not fit the kinds that the bindings have for {quoted(named.text)}", draft.keys)
        return bound or Candidate(draft, family, bound=False)

    def _bound(self, draft: Draft) -> Candidate | None:
        """With the names and kinds that the bindings have for a template that the document lacks, where these fit."""
        text = self._base.bound_forms.get(form(self._namer.named(draft.pattern).text))
        if text is None:
            return None
        binding = self._base.bound[text]
        family = family_of(Named(text, {name: kind.text for name, kind in binding.kinds.items()}))
        fits = re.compile(family.pattern).fullmatch
        return Candidate(draft, family, bound=True) if all(map(fits, draft.keys)) else None


def _unfit(pattern: Pattern) -> str | None:
    """What no template can say."""
    literal = "".join(atom for atom in pattern if isinstance(atom, str))
    if not literal.isprintable() or any(character in literal for character in "{}`"):
        return "hold a character that a template cannot hold"
    first, last = pattern[0], pattern[-1]
    if (isinstance(first, str) and first[:1] == " ") or (isinstance(last, str) and last[-1:] == " "):
        return "begin or end with a blank"
    return None


def _unbelievable(draft: Draft) -> str | None:
    """What a template could say and nobody would mean."""
    literal = "".join(atom if isinstance(atom, str) else "x" for atom in draft.pattern)
    if _NO_FOLDER.search(literal):
        return "have a folder without a name"
    if not slots(draft.pattern):
        believable = "/" in literal and _TAME.fullmatch(literal) and not _ODD.search(literal)
        return None if believable else ALONE
    if len(draft.keys) == 1 and (not _TAME.fullmatch(literal) or _ODD.search(literal)):
        return ALONE
    first = draft.pattern[0]
    begins = isinstance(first, str) or first.kind.startswith("uid")
    return None if begins else "begin with nothing that is the same in all"
