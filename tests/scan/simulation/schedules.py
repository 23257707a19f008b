"""What happens in a world, and when: plain values that hypothesis can draw, shrink and print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

HOUR = 3600
MIN_AGE, SETTLE = 24 * HOUR, 60  # of the audit, in seconds
WINDOW = 12 * HOUR  # the protection window: the second half of a pair comes this soon after the first, or never
SKEW = 2 * HOUR  # a writer's clock is wrong by no more than this; WINDOW + SKEW < MIN_AGE

# What whoever writes does to one key, step by step; each step falls anywhere between the requests of the audit.
PHASES: dict[str, tuple[str, ...]] = {
    "upload, then row": ("put", "insert"),
    "upload, then crash": ("put",),
    "row, then upload": ("insert", "put"),
    "row, then crash": ("insert",),
    "delete row, then object": ("remove", "delete"),
    "delete object, then row": ("delete", "remove"),
    "lose the row": ("remove",),
    "lose the object": ("delete",),
    "overwrite, then row": ("put longer", "lengthen"),
    "row, then overwrite": ("lengthen", "put longer"),
    "rewrite the object": ("delete", "put"),
    "replace the row": ("remove", "insert"),
    "purge and upload anew": ("remove", "delete", "put", "insert"),
}
CREATING = ("upload, then row", "row, then upload", "upload, then crash", "row, then crash")

# Moments below zero are seconds before the audit; the others are numbers of its requests: a second
# before that one is sent.
LONG_AGO = (-900 * HOUR, -60 * HOUR)
EDGES = (-37 * HOUR, -27 * HOUR, -25 * HOUR, -23 * HOUR, -13 * HOUR, -11 * HOUR, -HOUR, -30, -1)
REQUESTS = 30
FEW_REQUESTS = 18  # of an audit of three keys
DELAYS = (1, 1, 5, 20, 45, 90, 5 * HOUR, 30 * HOUR)  # seconds that a request takes


@dataclass(frozen=True)
class Life:
    """What happens to one key: each moment belongs to one step of the phases."""

    phases: tuple[str, ...]
    moments: tuple[int, ...]

    def steps(self) -> list[tuple[int, str]]:
        steps = [step for phase in self.phases for step in PHASES[phase]]
        return list(zip(self.moments, steps, strict=True))


STEADY = Life(("upload, then row",), LONG_AGO)  # always there; the canary has pairs


@dataclass(frozen=True)
class Copy:
    """A backup: its time, and how long after it the copy was really made (seconds)."""

    age: int
    lag: int


@dataclass(frozen=True)
class Schedule:
    lives: tuple[Life, ...]
    delays: tuple[int, ...]  # of the requests, in turn
    skews: tuple[int, ...] = (0,)  # of the clocks of those who write rows, in turn
    failing: frozenset[int] = frozenset()  # requests that fail if they are HEADs
    backup: Copy | None = None
    cuts: frozenset[int] = frozenset()  # keys, by number, at which one shard ends and the next begins


_moments = st.one_of(st.integers(0, FEW_REQUESTS), st.integers(0, REQUESTS), st.sampled_from(EDGES))


@st.composite
def lives(draw: st.DrawFn, later: Sequence[str] = tuple(PHASES)) -> Life:
    """A key that comes to be, mostly long ago, and what happens to it afterwards."""
    phases = [draw(st.sampled_from(CREATING)), *draw(st.lists(st.sampled_from(later), max_size=2))]
    created = len(PHASES[phases[0]])
    rest = sum(len(PHASES[phase]) for phase in phases) - created
    if draw(st.booleans()):
        first = list(LONG_AGO[:created])
    else:
        first, rest = [], rest + created
    moments = sorted([*first, *draw(st.lists(_moments, min_size=rest, max_size=rest))])
    return Life(tuple(phases), tuple(moments))


@st.composite
def lives_of(draw: st.DrawFn, phases: Sequence[str], begun: Sequence[int], moments: tuple[int, int]) -> Life:
    """A key whose first steps come at `begun`, and the others at requests out of a range."""
    steps = sum(len(PHASES[phase]) for phase in phases) - len(begun)
    later = draw(st.lists(st.integers(*moments), min_size=steps, max_size=steps))
    return Life(tuple(phases), tuple(sorted([*begun, *later])))


def focused(
    *phases: str,
    begun: Sequence[int] = LONG_AGO,
    moments: tuple[int, int] = (0, FEW_REQUESTS),
    slow: int = 20,
    failing: Sequence[int] = (),
) -> st.SearchStrategy[Schedule]:
    """A key goes through these phases, between two that are always there, and one request is slow."""
    return st.builds(
        Schedule,
        lives=st.tuples(st.just(STEADY), lives_of(phases, begun, moments), st.just(STEADY)),
        delays=st.integers(0, FEW_REQUESTS).map(lambda quick: (1,) * quick + (slow,) + (1,) * REQUESTS),
        failing=st.just(frozenset(failing)),
    )


def schedules(
    later: Sequence[str] = tuple(PHASES),
    delays: Sequence[int] = DELAYS,
    failing: bool = True,
    backup: bool | None = None,
) -> st.SearchStrategy[Schedule]:
    copies = st.builds(Copy, st.sampled_from([HOUR, 20 * HOUR, 50 * HOUR]), st.sampled_from([0, 600]))
    backups = {None: st.none() | copies, True: copies, False: st.none()}[backup]
    return st.builds(
        Schedule,
        lives=st.lists(lives(later), min_size=1, max_size=4).map(lambda drawn: (STEADY, *drawn, STEADY)),
        delays=st.lists(st.sampled_from(delays), min_size=1, max_size=8).map(tuple),
        skews=st.lists(st.sampled_from([0, SKEW, -SKEW, 60]), min_size=1, max_size=3).map(tuple),
        failing=st.frozensets(st.integers(0, REQUESTS), max_size=2) if failing else st.just(frozenset()),
        backup=backups,
        cuts=st.frozensets(st.integers(0, 4), max_size=2),
    )
