"""What the formats of `auditor spec drift` have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass

from auditor.spec import Specification
from auditor.spec.drift import Drift, Tally
from auditor.text import human_bytes, printable


@dataclass(frozen=True)
class Said:
    """What was found, measured against which document, and whether the run had rows to compare with."""

    specification: Specification
    drift: Drift
    rows_known: bool


def amount(tally: Tally) -> str:
    return f"{counted(tally.objects, 'object')} ({human_bytes(tally.size)})"


def counted(number: int, noun: str) -> str:
    """
    >>> counted(1, "object"), counted(12034, "object")
    ('1 object', '12,034 objects')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def code(text: str) -> str:
    """A code span that shows any text, whatever it holds.

    >>> print(code("a`b"), code("`"))
    ``a`b`` `` ` ``
    """
    text = printable(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(language: str, text: str) -> str:
    """A code block; no line of the text ends it."""
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
