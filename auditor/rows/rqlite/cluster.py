"""Several nodes as one: who is asked, how sure the answer must be, how long is waited."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock

from auditor.rows.rqlite.address import Address, Host
from auditor.rows.rqlite.answer import Result, question, results
from auditor.rows.rqlite.node import Node, Redirected
from auditor.rows.rqlite.trouble import Behind, Refused, Rejected, Unavailable


class Level(StrEnum):
    """How fresh an answer must be (https://rqlite.io/docs/api/read-consistency/), as parameters of the request."""

    BULK = "level=none&freshness=5s&freshness_strict"  # any node, from its own copy
    LEADER = "level=weak"  # the leader, as far as it knows
    SURE = "level=linearizable"  # the leader, confirmed by a majority; before 8.32 a server takes it for weak


@dataclass(frozen=True)
class Pace:
    """Seconds."""

    opening: float = 10.0  # how long the first answer may be waited for
    patience: float = 60.0  # how long any later one: elections and restarts end in that time
    attempt: float = 30.0  # one request to one node
    shortest_pause: float = 0.1
    longest_pause: float = 2.0


@dataclass
class _Round:
    """What one pass over the nodes came to."""

    refused: dict[Host, str] = field(default_factory=dict)
    failed: dict[Host, str] = field(default_factory=dict)
    rejected: Rejected | None = None
    behind: bool = False

    def __str__(self) -> str:
        return "; ".join(f"{host} {why}" for host, why in (self.refused | self.failed).items())


class Cluster:
    """Asks the node that answered last first. A node that a question failed on goes to the end of the line.

    A cluster that was waited for in vain is not waited for again until it answers: every further question gets one
    round, so that a run whose database is gone ends soon.
    """

    def __init__(self, address: Address, pace: Pace, sleep: Callable[[float], None] = time.sleep) -> None:
        self._address, self._pace, self._sleep = address, pace, sleep
        self._nodes = {host: Node(host, address) for host in address.hosts}
        self._line = list(address.hosts)
        self._lock = Lock()
        self._patience = pace.opening
        self.sent_to_leader = 0  # bulk questions that no named node could answer from its own copy

    def ask(self, statements: Sequence[str], level: Level) -> list[Result]:
        """One result for each statement, all of one read transaction. Raises Refused, Rejected, TooLarge, Unavailable.

        What the copies of the named nodes cannot answer, because they are behind or lack a table, is asked of the
        leader. What the leader's SQLite rejects is rejected.
        """
        until = time.monotonic() + self._patience
        refused: dict[Host, str] = {}
        for pause in self._pauses():
            this = _Round(refused)
            answer = self._round(statements, level, this)
            if answer is not None:
                self._patience = self._pace.patience
                return answer
            if len(refused) == len(self._nodes):
                raise Refused(self._safe(str(this)))
            if level is Level.BULK and (this.behind or this.rejected):
                level = self._escalate()
            elif this.rejected:
                raise Rejected(this.rejected.said, self._safe(str(this)))
            elif time.monotonic() + pause > until:
                break
            else:
                self._sleep(pause)
        self._patience = 0.0
        raise Unavailable(self._safe(str(this)))

    def close(self) -> None:
        for node in self._nodes.values():
            node.close()

    def _escalate(self) -> Level:
        with self._lock:
            self.sent_to_leader += 1
        return Level.LEADER

    def _round(self, statements: Sequence[str], level: Level, this: _Round) -> list[Result] | None:
        with self._lock:
            line = [host for host in self._line if host not in this.refused]
        for host in line:
            try:
                return self._follow(host, statements, level)
            except Refused as error:
                this.refused[host] = str(error)
            except Rejected as error:
                this.rejected, this.failed[host] = error, str(error)
                return None
            except Unavailable as error:
                this.failed[host] = str(error)
                this.behind |= isinstance(error, Behind)
            self._demote(host)
        return None

    def _follow(self, host: Host, statements: Sequence[str], level: Level) -> list[Result]:
        """Asks a node, and whom it redirects to."""
        for _ in self._nodes:
            mark = secrets.token_hex(8)
            try:
                body = self._nodes[host].post(self._parameters(level), question(statements, mark), self._pace.attempt)
                return results(body, len(statements), mark)
            except Redirected as to:
                host = to.host
        raise Unavailable("redirects in a circle")

    def _parameters(self, level: Level) -> str:
        """A server gives up a statement when nobody waits for it any more."""
        seconds = f"{self._pace.attempt:g}s"
        return f"{level}&transaction&timeout={seconds}&db_timeout={seconds}"

    def _demote(self, host: Host) -> None:
        with self._lock:
            self._line.remove(host)
            self._line.append(host)

    def _pauses(self) -> Iterator[float]:
        pause = self._pace.shortest_pause
        while True:
            yield pause
            pause = min(2 * pause, self._pace.longest_pause)

    def _safe(self, sentence: str) -> str:
        """A node that repeats what it was sent must not put the password into a report."""
        for secret in self._address.secrets:
            sentence = sentence.replace(secret, "***")
        return sentence
