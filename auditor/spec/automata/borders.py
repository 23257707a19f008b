"""Whether a text can be read in two ways that differ in where one piece ends and the next begins.

Both readings are made by the same automaton. The first is before the border (in the pieces up to `piece`), then beyond
it while the second is not, then both are. Each state beyond the border therefore stands there twice for the first
reading: for the time when it is ahead, which lasts for one character at least, and for the time after it.
"""

from __future__ import annotations

from auditor.spec.automata.automaton import Automaton
from auditor.spec.automata.shortest import Meeting, meet


def two_readings(automaton: Automaton, piece: int, most: int) -> Meeting | None:
    """The shortest text with an uncertain border after the piece; None proves that there is none.

    Of the pairs the first states are those of the reading that crosses the border earlier; both are states of
    `automaton`.
    """
    count = len(automaton.labels)
    beyond = sum(1 << state for state, number in enumerate(automaton.piece) if number > piece)
    ahead, before = _ahead(automaton, beyond), (1 << count) - 1 & ~beyond
    allowed = (*(before if not beyond >> state & 1 else beyond for state in range(count)), *((before,) * count))
    meeting = meet(ahead, automaton, most, allowed)
    if meeting is None:
        return None
    return Meeting(meeting.text, tuple((first % count, second) for first, second in meeting.pairs))


def _ahead(automaton: Automaton, beyond: int) -> Automaton:
    """The automaton of the first reading: state `s + count` is state `s` while it is ahead of the second."""
    count = len(automaton.labels)
    follow = [
        after if beyond >> state & 1 else after & ~beyond | (after & beyond) << count
        for state, after in enumerate(automaton.follow)
    ]
    follow += [(after & beyond) << count | after & beyond for after in automaton.follow]
    accepting = automaton.accepting & beyond
    return Automaton(automaton.labels * 2, automaton.piece * 2, tuple(follow), accepting | accepting << count)
