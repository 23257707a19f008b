"""Keys by arithmetic: the key at any position of a bucket of any size, without those before it.

A block holds all keys with one beginning. Its uids begin with a counter in an alphabet that is in ASCII order, so that
positions and keys sort alike; the rest of each uid and token is a hash of the position.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Positions = np.ndarray
_SORTED = np.frombuffer(b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz", np.uint8)
_LAST_OF_16 = np.frombuffer(b"AQgw", np.uint8)  # what base64url of 16 bytes can end in
_LAST_OF_8 = np.frombuffer(b"048AEIMQUYcgkosw", np.uint8)
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


def mixed(positions: Positions, salt: int) -> Positions:
    """64 bits of chance for each position (splitmix64)."""
    value = positions.astype(np.uint64) + np.uint64((salt * 0x9E3779B97F4A7C15) % 2**64)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def strings(matrix: np.ndarray) -> pa.Array:
    """A uint8 matrix as strings, one for each line."""
    count, width = matrix.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(matrix)))


def _digits(values: Positions, count: int, alphabet: np.ndarray) -> np.ndarray:
    """The lowest `count` digits, most significant first."""
    bits = len(alphabet).bit_length() - 1
    shifts = np.arange(count - 1, -1, -1, dtype=np.uint64) * np.uint64(bits)
    return alphabet[(values[:, None] >> shifts) & np.uint64(len(alphabet) - 1)]


def uids(numbers: Positions, of: int, salt: int) -> pa.Array:
    """22 characters each; increasing with `numbers`, which lie in [0, of)."""
    counter = numbers.astype(np.uint64) * np.uint64(2**30) // np.uint64(of)
    first, second = mixed(numbers, salt), mixed(numbers, salt + 1)
    parts = (_digits(counter, 5, _SORTED), _digits(first, 10, _SORTED), _digits(second, 6, _SORTED))
    return strings(np.hstack([*parts, _LAST_OF_16[(second >> np.uint64(40)) & np.uint64(3)][:, None]]))


def tokens(positions: Positions, leading: Positions, salt: int) -> pa.Array:
    """11 characters each, the first one chosen by `leading` in [0, 64), in ASCII order."""
    chance = mixed(positions, salt)
    last = _LAST_OF_8[(chance >> np.uint64(58)) & np.uint64(15)]
    return strings(np.hstack([_SORTED[leading.astype(np.int64)][:, None], _digits(chance, 9, _SORTED), last[:, None]]))


def hexadecimal(positions: Positions, salt: int) -> pa.Array:
    """Quoted ETags of 32 digits."""
    quote = np.full((len(positions), 1), ord('"'), np.uint8)
    halves = [_digits(mixed(positions, salt + half), 16, _HEX) for half in (0, 1)]
    return strings(np.hstack([quote, *halves, quote]))


@dataclass(frozen=True)
class Block:
    """All keys of one beginning (below `s3_files/`): stem of an owner, then per part middle, token, ending.

    Middles of one owner are in ASCII order where they differ; where they do not, the tokens' first characters are.
    """

    family: str | None
    beginning: str
    count: int
    middles: tuple[str, ...] = ("/",)
    endings: tuple[str, ...] = ("",)
    sizes: tuple[int, int] = (1_000, 200_000)  # bytes, from and below
    content_type: str = "application/octet-stream"
    has_rows: bool = True
    has_token: bool = True
    stem: Callable[[Positions, int, int], pa.Array] = field(default=uids)

    def keys(self, positions: Positions, salt: int) -> pa.Array:
        """The keys at these positions of the block (int64, in [0, count))."""
        parts = len(self.middles)
        owner, part = positions // parts, positions % parts
        stem = self.stem(owner, -(-self.count // parts), salt)
        middle = pc.take(pa.array(self.middles), pa.array(part))
        ending = pc.take(pa.array(self.endings), pa.array(positions % len(self.endings)))
        token = tokens(positions, part, salt + 7) if self.has_token else ""
        return pc.binary_join_element_wise(f"s3_files/{self.beginning}", stem, middle, token, ending, "")


def timestamps(numbers: Positions, of: int, salt: int) -> pa.Array:
    """Ten digits each, over a year and a half."""
    return pc.cast(pa.array(1_684_000_000 + numbers * (47_000_000 // max(1, of))), pa.string())


def moments(numbers: Positions, of: int, salt: int) -> pa.Array:
    """What `datetime.isoformat()` says, with microseconds."""
    seconds = pa.array(1_684_000_000 + numbers * (47_000_000 // max(1, of))).cast(pa.timestamp("s"))
    return pc.strftime(seconds, format="%Y-%m-%dT%H:%M:%S.123456")
