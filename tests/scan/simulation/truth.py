"""What was really so. Nothing here knows how the audit looks; it knows the world's history and what was said.

A half of a pair is overdue when its other half is missing although the protection window is over. Whatever is accused
must have been overdue at two moments that lie a settling time apart, and still at the last look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from tests.scan.running import Ran
from tests.scan.simulation.schedules import MIN_AGE, SETTLE, WINDOW
from tests.scan.simulation.world import State, World

FOREVER = float("inf")

Since = Callable[[State], tuple[int, float] | None]  # (which half, overdue from when on) where one half is missing


def unborne(world: World, ran: Ran) -> list[str]:
    """Everything that the audit said, or failed to say, against the truth."""
    return [*false_accusations(world, ran), *_omissions(world, ran), *_books(world, ran)]


def false_accusations(world: World, ran: Ran) -> list[str]:
    return list(_false_accusations(world, ran))


def _false_accusations(world: World, ran: Ran) -> Iterator[str]:
    judges = {"REF001": _orphan, "REF002": _dangling, "REF003": _mismatch}
    for finding in ran.found:
        wrong = judges[finding.rule](world, finding.key)
        if wrong:
            yield f"{finding.rule} {finding.key}: {wrong}"
        status = "seen" if finding.rule == "REF003" else "snapshot" if world.copy else "confirmed"
        if finding.status != status:
            yield f"{finding.rule} {finding.key} is {finding.status}"


def _orphan(world: World, key: str) -> str | None:
    if world.copy is not None:
        return _orphan_by_backup(world, key)
    lasting = _lasting(world, key, _object_overdue)
    if not lasting:
        return "no object under this key was overdue for a settling time"
    looked = _last_look(world, key)
    if looked is None:
        return None
    if not any(state.stored and state.stored.number in lasting for state in _at(world, key, looked)):
        return "it was gone, or another object, at the last look"
    if all(state.row for _, _, state in _states(world, key, looked)):
        return "a row had it at the last look"
    return None


def _dangling(world: World, key: str) -> str | None:
    if world.copy is not None:
        return _dangling_by_backup(world, key)
    lasting = _lasting(world, key, _row_overdue)
    if not lasting:
        return "no row with this key was overdue for a settling time"
    looked = _last_look(world, key)
    if looked is None:
        return None
    if not any(s.row and s.row.number in lasting and not s.stored for s in _at(world, key, looked)):
        return "at the last look there was an object, or another row, or none"
    return None


def _mismatch(world: World, key: str) -> str | None:
    """Sizes of two moments must not be compared: row and object stood side by side and disagreed."""
    differ = [s for _, _, s in _states(world, key) if s.stored and s.row and s.stored.size != s.row.size]
    return None if differ or world.copy is not None else "row and object never disagreed"


def _orphan_by_backup(world: World, key: str) -> str | None:
    assert world.copy is not None
    assert world.schedule.backup is not None
    if key in world.copy.rows:
        return "the backup has a row"
    overdue = -world.schedule.backup.age - WINDOW
    there = any(s.stored and s.stored.uploaded <= overdue for s in _at(world, key, _last_look(world, key)))
    return None if there else "at the last look it was gone, or its row may have come after the backup"


def _dangling_by_backup(world: World, key: str) -> str | None:
    assert world.copy is not None
    if key not in world.copy.rows:
        return "the backup has no such row"
    gone = any(not s.stored for s in _at(world, key, _last_look(world, key)))
    return None if gone else "its object was there at the last look"


def never_overdue(world: World, ran: Ran) -> list[str]:
    """Keys that are accused and were not overdue for a single moment."""
    objects = [key for key in ran.about("REF001") if not _lasting(world, key, _object_overdue, 0)]
    return objects + [key for key in ran.about("REF002") if not _lasting(world, key, _row_overdue, 0)]


def _omissions(world: World, ran: Ran) -> Iterator[str]:
    """What stood still through the audit and is older than the cutoff must have been found."""
    backup = world.schedule.backup
    oldest = -MIN_AGE - (backup.age if backup else 0)
    for key in world.history:
        states = list(_states(world, key))
        if len(states) > 1 or key in world.failed:
            continue
        (_, _, state) = states[0]
        row = world.rows.rows.get(key)
        created = None if row is None or row[2] is None else (row[2] - world.store.now).total_seconds()
        if state.stored and row is None and state.stored.uploaded < oldest and key not in ran.about("REF001"):
            yield f"{key} is an orphan, and nothing was said"
        if not state.stored and created is not None and created < -MIN_AGE and key not in ran.about("REF002"):
            yield f"the row of {key} dangles, and nothing was said"


def _books(world: World, ran: Ran) -> Iterator[str]:
    summary = ran.summary
    if sum(entry["objects"] for entry in summary["classes"].values()) != len(ran.keys):
        yield "objects do not add up"
    if sum(summary["row_classes"].values()) != summary["rows"]["count"]:
        yield "rows do not add up"
    if any(error["what"] == "accounting" for error in summary["errors"]):
        yield "the audit says itself that its books do not balance"
    if summary["complete"] != (not world.failed):
        yield f"complete is {summary['complete']}, errors are {summary['errors']}"


def _object_overdue(state: State) -> tuple[int, float] | None:
    if state.stored is None or state.row is not None:
        return None
    return state.stored.number, state.stored.uploaded + WINDOW


def _row_overdue(state: State) -> tuple[int, float] | None:
    if state.row is None or state.stored is not None:
        return None
    return state.row.number, state.row.committed + WINDOW


def _lasting(world: World, key: str, since: Since, seconds: float = SETTLE) -> set[int]:
    """The halves that were overdue at two moments so far apart.

    Counted from a settling time before the audit on, so that an audit that takes no time may still say what was so.
    """
    spans: dict[int, tuple[float, float]] = {}
    for begin, end, state in _states(world, key, -SETTLE):
        half = since(state)
        if half is not None and max(begin, half[1]) <= end:
            first, _ = spans.get(half[0], (max(begin, half[1]), end))
            spans[half[0]] = (first, end)
    return {number for number, (first, last) in spans.items() if last - first >= seconds}


def _states(world: World, key: str, after: float = 0) -> Iterator[tuple[float, float, State]]:
    """(begin, end, state) within the audit, or what is left of it from `after` on."""
    ends = [*world.history[key], State(FOREVER)]
    for state, following in pairwise(ends):
        begin, end = max(state.since, after), min(following.since, world.now)
        if begin < end or (begin == end == world.now):
            yield begin, end, state


def _at(world: World, key: str, moment: float | None) -> list[State]:
    """What the key was at this moment (None: at some moment of the audit); two states where it changed in it."""
    return [s for begin, end, s in _states(world, key) if moment is None or begin <= moment <= end]


def _last_look(world: World, key: str) -> float | None:
    return world.heads[key][-1] if world.heads.get(key) else None
