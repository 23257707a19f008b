"""How much may be read in one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock


@dataclass(frozen=True)
class Limit:
    """The most that one run may read; None for no limit."""

    size: int | None = None  # bytes
    time: timedelta | None = None

    def __str__(self) -> str:
        return "none" if self.size is None and self.time is None else f"{self.time or f'{self.size} bytes'}"


class Budget:
    """Hands out what is left of a limit.

    Objects come in the order of their turns. The first that does not fit ends the reading, so that it is among the
    first of the next run; one that is larger than a whole budget is read alone.
    """

    def __init__(self, limit: Limit, elapsed: Callable[[], float]) -> None:
        self._limit = limit
        self._elapsed = elapsed
        self._began = elapsed()
        self._lock = Lock()
        self.spent = 0  # bytes
        self.closed = False

    def take(self, size: int) -> bool:
        """Whether so many bytes may be read now."""
        with self._lock:
            if self.closed or self._too_large(size) or self._late():
                self.closed = True
                return False
            self.spent += size
            return True

    def add(self, size: int) -> None:
        """What was read beyond what had been asked for."""
        with self._lock:
            self.spent += size

    def _too_large(self, size: int) -> bool:
        return self._limit.size is not None and bool(self.spent) and self.spent + size > self._limit.size

    def _late(self) -> bool:
        limit = self._limit.time
        return limit is not None and bool(self.spent) and self._elapsed() - self._began >= limit.total_seconds()
