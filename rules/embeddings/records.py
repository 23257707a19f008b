"""The checks of single records, a chunk of them at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from auditor.findings import Problem
from rules.embeddings import vectors
from rules.embeddings.known import Known
from rules.embeddings.layout import Layout
from rules.embeddings.ledger import Ledger
from rules.embeddings.offsets import Offsets
from rules.embeddings.uids import UidField


class Records:
    """Keeps each journey's first record for EMB006: some 150 bytes for every 24,608 of the file."""

    def __init__(self, layout: Layout, known: Known, ledger: Ledger) -> None:
        self._layout = layout
        self._known = known
        self._ledger = ledger
        self._field = UidField(layout.uid_length)
        self._decoder = vectors.Decoder(layout.uid_length)
        self._first: dict[str, int] = {}
        self.offsets = Offsets(layout, known.items if known.items and known.settled else (), ledger)
        self.count = 0
        self.repeated = 0

    def check(self, view: memoryview) -> None:
        """The next whole records of the file; what is left over at the end of `view` is not looked at."""
        length = self._layout.record_length
        whole = len(view) // length
        if not whole:
            return
        records = np.frombuffer(view, np.uint8, whole * length).reshape(whole, length)
        uids = [self._uid(self.count + row, field) for row, field in enumerate(self._fields(records))]
        decoded = self._decoder.decode(records)
        for row in vectors.suspects(decoded):
            self._vector(self.count + row, uids[row], decoded[row])
        self.count += whole

    def _fields(self, records: npt.NDArray[np.uint8]) -> Iterator[bytes]:
        length = self._layout.uid_length
        fields = records[:, :length].tobytes()
        return (fields[start : start + length] for start in range(0, len(fields), length))

    def _uid(self, number: int, field: bytes) -> str | None:
        uid, fault = self._field.read(field)
        if fault:
            expected = f"{self._layout.uid_start} NUL bytes, then oseh_j_ and 22 characters of A-Z, a-z, 0-9, - and _"
            self._add(fault.code, number, uid, f"has a uid field that {fault.there}; expected {expected}")
        if uid is None:
            self.offsets.skip(number)
        else:
            self._journey(number, uid)
        return uid

    def _journey(self, number: int, uid: str) -> None:
        first = self._first.setdefault(uid, number)
        if first != number:
            self.repeated += 1
            self.offsets.skip(number)
            self._add("EMB006", number, uid, f"is for the journey of record {first}; expected one record for each")
            return
        self.offsets.meet(number, uid)
        journeys = self._known.journeys
        if journeys is not None and self._known.settled and uid not in journeys:
            self._add("EMB007", number, uid, "is for a journey that the table journeys lacks; expected its row")

    def _vector(self, number: int, uid: str | None, vector: vectors.Vectors) -> None:
        if bad := vectors.not_finite(vector):
            there = f"holds NaN or infinity in {len(bad)} of its {len(vector)} numbers, first at position {bad[0]}"
            self._add("EMB004", number, uid, f"{there}; expected finite numbers")
            return
        length = vectors.norm(vector)
        there = f"has an embedding of length {length:.6g}" if length else "has an embedding that is all zero"
        self._add("EMB009", number, uid, f"{there}; expected length 1, give or take {vectors.TOLERANCE}")

    def _add(self, code: str, number: int, uid: str | None, what: str) -> None:
        place = f"Record {number} (byte {number * self._layout.record_length:,}{', ' + uid if uid else ''})"
        self._ledger.add(Problem(code, f"{place} {what}.", subject=uid or f"record {number}"))
