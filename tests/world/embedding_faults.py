"""One change for each fault of an embedding file, made so that no other rule has anything to say about the file.

A record whose uid field is wrong belongs to an item whose journey was deleted since (NULL), so that the item's offset
has no uid that it could miss. Faults lie in the middle: the first records tell a reader how long a record is.
"""

from __future__ import annotations

from tests.world.embeddings import Change, Draft, Journey, Record, draft, padded, write
from tests.world.files import Files
from tests.world.ledger import DAY, EmbeddingFault

_AT = 5  # the record that is wrong


def _length(made: Draft) -> None:
    made.trailing = b"\x3f" * 40


def _items(made: Draft) -> None:
    made.lost_items = 2


def _padding(made: Draft) -> None:
    """A writer that took "padded with 0" for the digit."""
    record = made.records[_AT]
    record.uid_field = record.uid_field.lstrip(b"\0").rjust(len(record.uid_field), b"0")


def _uid(made: Draft) -> None:
    record = made.records[_AT]
    record.uid_field = record.uid_field.replace(b"oseh_j_", b"oseh_u_")
    record.item = None


def _not_finite(made: Draft) -> None:
    made.records[_AT].vector[3] = float("nan")


def _infinite(made: Draft) -> None:
    made.records[_AT].vector[0] = float("-inf")


def _checksum(made: Draft) -> None:
    made.sha512 = "0" * 128


def _duplicate(made: Draft) -> None:
    made.records[_AT + 1].uid_field = made.records[_AT].uid_field
    made.records[_AT + 1].item = None


def _unknown_journey(made: Draft) -> None:
    """The journey's row is gone, so its item holds NULL; the uid sorts right where it stands."""
    record: Record = made.records[_AT]
    uid = record.uid_field.lstrip(b"\0").decode()
    record.uid_field = padded(uid[:-4] + ("zzzA" if not uid.endswith("zzzA") else "zzyA"))
    record.item = None


def _offset(made: Draft) -> None:
    made.records[_AT].offset = made.records[_AT + 1].offset


def _zero(made: Draft) -> None:
    made.records[_AT].vector[:] = 0.0


def _long(made: Draft) -> None:
    made.records[_AT].vector *= 40.0


CHANGES: tuple[tuple[str, str, Change], ...] = (
    ("EMB001", "file", _length),
    ("EMB001", "absence", _items),
    ("EMB002", "file", _padding),
    ("EMB003", "file", _uid),
    ("EMB004", "file", _not_finite),
    ("EMB004", "file", _infinite),
    ("EMB005", "tables", _checksum),
    ("EMB006", "file", _duplicate),
    ("EMB007", "tables", _unknown_journey),
    ("EMB008", "absence", _offset),
    ("EMB009", "file", _zero),
    ("EMB009", "file", _long),
)


def plant(files: Files, journeys: list[Journey]) -> None:
    """One file for each fault, months old; the first NaN in a file of the real dimensions."""
    real = True
    for code, needs, change in CHANGES:
        made = draft(files, journeys[:10], 3072 if code == "EMB004" and real else 8)
        real = real and code != "EMB004"
        change(made)
        made.notes.append(EmbeddingFault(code, needs))
        files.plant(code, write(files, made, files.moment(30 * DAY, 300 * DAY)))
