"""An object's bytes as they come over the wire: a raw stream that knows how long it should be."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from auditor.errors import ObjectUnreadable
from auditor.store.trouble import FAILURES, reason

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


BUFFER = 1 << 18  # bytes; reads larger than this go past the buffer


class Source(Protocol):
    def readinto(self, buffer: memoryview, /) -> int | None: ...


class Body(io.RawIOBase):
    """Reads at most `length` bytes from `source`; raises ObjectUnreadable when it ends before that.

    `readinto` fills the caller's memory; wrap it in io.BufferedReader, which passes large reads straight through.
    """

    def __init__(self, key: str, source: Source, length: int, close: Callable[[], object]) -> None:
        super().__init__()
        self._key = key
        self._source = source
        self._left = length
        self._close = close

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")[: self._left]
        if not view:
            return 0
        try:
            count = self._source.readinto(view) or 0
        except FAILURES as error:
            raise ObjectUnreadable(self._key, reason(error), refused=False) from error
        if count == 0:
            raise ObjectUnreadable(self._key, f"it ended {self._left} bytes early", refused=False)
        self._left -= count
        return count

    def close(self) -> None:
        if not self.closed:
            self._close()
        super().close()
