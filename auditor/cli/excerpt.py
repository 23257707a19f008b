"""A key with a caret under one of its characters, cut to the width that there is."""

from __future__ import annotations

from rich.cells import cell_len

from auditor.text import printable_pieces

_CUT = "…"


def excerpt(key: str, column: int, width: int) -> tuple[str, str]:
    """The printable key, and white space with a caret under the 1-based column; neither is wider than `width` cells.

    >>> print(*excerpt("folder/name.txt", 8, 80), sep="\\n")
    folder/name.txt
           ^
    >>> print(*excerpt("folder/name.txt", 8, 11), sep="\\n")
    …er/name.t…
        ^
    """
    pieces = [*printable_pieces(key), " "]  # the place behind the key can be pointed at, too
    widths = [cell_len(piece) for piece in pieces]
    start, stop = _window(widths, column - 1, width)
    before, after = _CUT * (start > 0), _CUT * (stop < len(pieces))
    line = before + "".join(pieces[start : min(stop, len(key))]) + after
    caret = " " * (len(before) + sum(widths[start : column - 1])) + "^"
    return line, caret


def _window(widths: list[int], at: int, width: int) -> tuple[int, int]:
    """The pieces around that one which fit, with room for the marks of what is cut off: as many before as after."""
    if sum(widths) <= width + 1:  # the place behind the key is no part of it
        return 0, len(widths)
    room, start, stop = width - 2, at, at + 1
    used = widths[at]
    while True:
        left = start > 0 and used + widths[start - 1] <= room
        right = stop < len(widths) and used + widths[stop] <= room
        if not left and not right:
            return start, stop
        if left and (not right or at - start <= stop - 1 - at):
            start -= 1
            used += widths[start]
        else:
            used += widths[stop]
            stop += 1
