"""The list as a running redis has it, read by TYPE and ZSCAN and nothing else.

A cursor of ZSCAN means something only to the process that gave it: another one hashes members in another order, and
would leave some out without a word. So a scan has one connection, which is never made anew under way, and a scan whose
connection breaks begins at its beginning, with whatever is the master by then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from auditor.errors import CannotStart, RowsFailed
from auditor.pending.address import Address
from auditor.pending.base import PendingList
from auditor.pending.connecting import Connection, Misfit, connect, hopeless, reason
from auditor.pending.members import Members, TooMany
from auditor.progress import Progress
from auditor.text import printable

Answer = TypeVar("Answer")

COUNT = 1000  # members asked for at a time: redis answers nobody else meanwhile
_ROUNDS = 1_000_000  # a scan that long does not end
_PATIENCE, _AT_START = 60.0, 10.0  # seconds until a redis that does not answer is given up; at the start
_PAUSE = 0.5


class RedisPending:
    """Reads the sorted set `key` anew whenever it is asked. Opening it asks for the type of the key.

    Raises CannotStart when redis cannot be asked, or has something else under the key.
    """

    as_of: datetime | None = None

    def __init__(self, address: Address, key: str, bucket: str, progress: Progress) -> None:
        self._address = address
        self._key = key
        self._bucket = bucket
        self._progress = progress
        self.source = str(address)
        try:
            self._patiently(self._check_kind, _AT_START)
        except RowsFailed as error:
            raise CannotStart(f"{error}: see what --pending names") from error

    def read(self) -> PendingList:
        found = self._patiently(self._scan, _PATIENCE)
        self._progress.note(f"{len(found.keys):,} files are about to be deleted, says {self.source}")
        return found

    def close(self) -> None:
        return None

    def _patiently(self, ask: Callable[[Connection], Answer], seconds: float) -> Answer:
        """Asks on a new connection until there is an answer, or for so long. Raises RowsFailed."""
        until = time.monotonic() + seconds
        while True:
            try:
                with connect(self._address) as connection:
                    return ask(connection)
            except (Misfit, TooMany) as error:
                raise RowsFailed(f"{printable(self._key)!r} in {self.source} cannot be the list: {error}") from error
            except OSError as error:
                why, final = reason(error), hopeless(error)
            if final or time.monotonic() > until:
                raise RowsFailed(f"the list of pending deletions could not be read from {self.source} ({why})")
            time.sleep(_PAUSE)

    def _check_kind(self, connection: Connection) -> None:
        kind = connection.ask("TYPE", self._key)
        if kind not in (b"zset", b"none"):
            raise Misfit(f"it is no sorted set but a {printable(str(kind, 'ascii', 'replace'))}")

    def _scan(self, connection: Connection) -> PendingList:
        collected = Members(self._bucket)
        cursor = b"0"
        for _ in range(_ROUNDS):
            cursor, flat = connection.ask_page("ZSCAN", self._key, cursor, "COUNT", COUNT)
            for member, score in zip(flat[::2], flat[1::2], strict=True):
                collected.add(member, float(score))
            if cursor == b"0":
                return collected.finish()
        raise Misfit("the scan does not end")
