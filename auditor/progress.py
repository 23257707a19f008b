"""How the engine says how far it is, without printing."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    def stage(self, name: str, total: int | None = None) -> None:
        """A new stage begins; `total` is None where nobody can know."""
        ...

    def advance(self, amount: int) -> None: ...

    def note(self, sentence: str) -> None:
        """Something worth a line of its own."""
        ...


class Silent:
    """For tests and for callers that do not care."""

    def stage(self, name: str, total: int | None = None) -> None:
        return None

    def advance(self, amount: int) -> None:
        return None

    def note(self, sentence: str) -> None:
        return None
