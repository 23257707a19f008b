"""MPEG transport streams: packets of 188 bytes that each begin with 0x47. Source: ISO/IEC 13818-1, section 2.4.3.

A packet's payload has no checksum: what changed within it is for the decoder to find.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rules.reading import Source

PACKET = 188
_SYNC = 0x47
_MOST = 4096  # packets at a time
_NULL = 0x1FFF  # the PID of stuffing, which counts nothing
_PAT = 0

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]


def out_of_sync(length: int) -> str | None:
    """What the size alone says, as the end of "the MPEG-TS …"."""
    whole, rest = divmod(length, PACKET)
    return (
        f"has {whole:,} packets of {PACKET} bytes and {rest} bytes more: it was cut off, or is something else"
        if rest
        else None
    )


def damage(source: Source, whole: bool) -> str | None:
    """The first fault, as the end of "the MPEG-TS …"; None where all is well.

    `whole` says that the source holds all packets, so that one with the table of programmes has to be among them.
    """
    check = _Packets()
    while source.left >= PACKET:
        data = source.take(min(_MOST, source.left // PACKET) * PACKET)
        said = check.feed(np.frombuffer(data, np.uint8).reshape(-1, PACKET))
        if said:
            return said
    if whole and not check.has_programmes:
        return "has no packet with the table of its programmes (PID 0): no player can begin with it"
    return None


class _Packets:
    def __init__(self) -> None:
        self.has_programmes = False
        self._number = 0  # of the next packet, from 0
        self._counters = np.full(_NULL + 1, -1, np.int64)  # the last one by PID

    def feed(self, packets: Bytes) -> str | None:
        said = self._sync(packets) or self._continuity(packets)
        self._number += len(packets)
        return said

    def _sync(self, packets: Bytes) -> str | None:
        lost = np.flatnonzero(packets[:, 0] != _SYNC)
        if len(lost):
            return f"has {packets[lost[0], 0]:#04x} where packet {self._number + int(lost[0]):,} begins; expected 0x47"
        marked = np.flatnonzero(packets[:, 1] & 0x80)
        if len(marked):
            return f"has packet {self._number + int(marked[0]):,} marked as faulty by whoever received it"
        return None

    def _continuity(self, packets: Bytes) -> str | None:
        """Each PID counts its packets with a payload; a packet may come twice, and may say that it begins anew."""
        pids = (packets[:, 1].astype(np.int64) & 0x1F) << 8 | packets[:, 2]
        self.has_programmes |= bool((pids == _PAT).any())
        counted = np.flatnonzero((packets[:, 3] & 0x10 != 0) & (pids != _NULL))
        order = counted[np.argsort(pids[counted], kind="stable")]
        broken = self._breaks(pids[order], (packets[order, 3] & 0x0F).astype(np.int64), _anew(packets[order]))
        if not len(broken):
            return None
        first = int(order[broken].min())
        return f"lacks packets of PID {pids[first]} before packet {self._number + first:,}, by their counters"

    def _breaks(self, pids: Numbers, counters: Numbers, anew: npt.NDArray[np.bool_]) -> Numbers:
        """Positions, in packets that are sorted by PID, whose counter does not follow the one before."""
        if not len(pids):
            return np.empty(0, np.int64)
        before = np.roll(counters, 1)
        borders = pids[1:] != pids[:-1]
        firsts, lasts = np.flatnonzero(np.append(True, borders)), np.flatnonzero(np.append(borders, True))
        before[firsts] = self._counters[pids[firsts]]
        self._counters[pids[lasts]] = counters[lasts]
        follows = ((counters - before) & 0x0F) <= 1
        return np.flatnonzero(~follows & (before >= 0) & ~anew)


def _anew(packets: Bytes) -> npt.NDArray[np.bool_]:
    """Whether a packet's adaptation field says that its counter follows nothing."""
    has_field = (packets[:, 3] & 0x20 != 0) & (packets[:, 4] > 0)
    answer: npt.NDArray[np.bool_] = has_field & (packets[:, 5] & 0x80 != 0)
    return answer
