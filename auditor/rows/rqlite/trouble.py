"""Why a question to a node of rqlite had no answer. Inside of this package alone; no message names the node.

Trouble
├── Unavailable   ask another node, or this one later
│   └── Behind      the node itself says that its copy is too old
├── Refused       this node will never answer: credentials, certificate, no rqlite
├── TooLarge      more bytes than anybody may hold: ask for less
└── Rejected      SQLite could not run a statement
"""

from __future__ import annotations


class Trouble(Exception):
    """Base; the message reads on after a node's name: "refused the connection"."""


class Unavailable(Trouble):
    pass


class Behind(Unavailable):
    pass


class Refused(Trouble):
    pass


class TooLarge(Trouble):
    pass


class Rejected(Trouble):
    def __init__(self, said: str, sentence: str | None = None) -> None:
        super().__init__(sentence or f"could not run a statement: {said}")
        self.said = said  # SQLite's own words
