"""The same questions, answered by a library that makes the automata deterministic first.

It takes long for some templates and has no fast way to a witness, so it judges our proofs of small ones.
"""

from __future__ import annotations

import heapq

import interegular
from interegular.fsm import FSM, anything_else

from auditor.spec import Family


def intersection(first: Family, second: Family) -> FSM:
    # Not `isdisjoint`, which takes a character that only one of the two patterns names for one that the other refuses.
    return _fsm(first) & _fsm(second)


def shortest(fsm: FSM) -> int | None:
    """The length in UTF-8 of the shortest text of one character or more, found by Dijkstra's algorithm."""
    queue, done = [(0, fsm.initial)], set()
    while queue:
        length, state = heapq.heappop(queue)
        if state in fsm.finals and length:
            return length
        if state in done:
            continue
        if length:
            done.add(state)
        for key, reached in fsm.map.get(state, {}).items():
            heapq.heappush(queue, (length + min(map(_bytes, fsm.alphabet.by_transition[key])), reached))
    return None


def _fsm(family: Family) -> FSM:
    pattern = family.matching(shapes=False).removeprefix(r"\A").removesuffix(r"\z")
    return interegular.parse_pattern(pattern).to_fsm()


def _bytes(symbol: object) -> int:
    return 1 if symbol is anything_else else len(str(symbol).encode())
