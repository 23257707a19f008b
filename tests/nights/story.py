"""A service that lives through a script, and what the audit of each night must say of it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.nights.life import Life
from tests.nights.planned import clean_up, meet
from tests.nights.script import Event

Said = frozenset[tuple[str, str]]  # rule and key


@dataclass(frozen=True)
class Digest:
    """What one night tells."""

    new: Said = frozenset()
    known: Said = frozenset()
    fixed: Said = frozenset()


@dataclass
class Story:
    life: Life
    script: Sequence[Event]
    in_trouble: Container[int]  # nights
    _keys: dict[int, list[str]] = field(default_factory=dict)  # by the event's place in the script
    _repairs: dict[int, Iterator[list[str]]] = field(default_factory=dict)

    # -- what happens

    def live_through(self, day: int) -> None:
        self.life.day(day, repair=lambda: self._repair(day), mishap=lambda: self._harm(day))

    def between_plan_and_verification(self) -> None:
        for number, event in self._events(lambda event: event.fate is not None):
            for key in self._keys[number]:
                meet(self.life, event.fate, key)

    def cleanup(self, split: Mapping[str, str]) -> None:
        """By what the verification said of each key; after it, nothing of what was planned is wrong any more."""
        clean_up(self.life, split)

    def _harm(self, day: int) -> None:
        for number, event in self._events(lambda event: event.day == day):
            self._repairs[number] = event.mishap.act(self.life)
            self._keys[number] = next(self._repairs[number])

    def _repair(self, day: int) -> None:
        """What the cleanup takes is not repaired by hand."""
        for number, _ in self._events(lambda event: event.repaired == day and event.fate is None):
            assert next(self._repairs.pop(number), None) is None

    # -- what is true

    def digest(self, night: int) -> Digest:
        """A night in trouble tells nothing."""
        if night in self.in_trouble:
            return Digest()
        return Digest(
            new=self._said(lambda event: event.seen and event.told == night),
            known=self._said(lambda event: event.told < night < event.fixed),
            fixed=self._said(lambda event: event.seen and event.fixed == night),
        )

    def there(self, night: int) -> Said:
        """What an audit may say, be it whole or not."""
        return self._said(lambda event: event.there(night))

    def ever_told(self) -> Said:
        """What all digests together have as new, and as fixed."""
        return self._said(lambda event: event.seen)

    def split(self) -> dict[str, str]:
        """Each key of the plan, and what its verification must say of it."""
        planned = self._events(lambda event: event.fate is not None)
        return {key: event.fate.verdict for number, event in planned for key in self._keys[number]}

    def _said(self, wanted: Callable[[Event], bool]) -> Said:
        return frozenset(
            (event.mishap.rule, key) for number, event in self._events(wanted) for key in self._keys[number]
        )

    def _events(self, wanted: Callable[[Event], bool]) -> Iterator[tuple[int, Event]]:
        return ((number, event) for number, event in enumerate(self.script) if wanted(event))
