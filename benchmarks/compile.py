"""Compiling grows with the document, not with its square: the same kinds of documents at one and at ten times the size.

Run `python benchmarks/compile.py`. A ratio of 10 is linear, 100 is quadratic. Each kind makes another part of the
compiler work: names that clash, places in long code spans and long paragraphs, bindings and what is wrong with them.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from contextlib import suppress

from auditor.spec import Source, SpecificationError, compile_specification

Document = tuple[str, str]  # document and bindings
RUNS = 3


def items(number: int) -> Document:
    """List items with two fields, prose, a link and bindings of their own."""
    templates = [f"root/folder-{index}/{{uid}}/{{name}}.bin" for index in range(number)]
    text = "".join(f"- `{one}`: Prose about it, see [row](../db/rows.md).\n  NOTE: more of it.\n" for one in templates)
    bound = (f'[templates.{json.dumps(one)}]\nrows = "none"\nfields = {{ uid = "int" }}\n' for one in templates)
    return text, "".join(bound)


def one_folder(number: int) -> Document:
    """Every family would have the same name."""
    return "".join(f"- `root/{{uid}}/{index}.bin`: prose\n" for index in range(number)), ""


def paragraph(number: int) -> Document:
    """One item with a template and a paragraph of so many lines, each with what looks like something."""
    line = "  some prose with `code`, [a link](../db/t.md) and [../db/u.md] in it\n"
    return "- `root/{uid}`: prose\n" + line * number, ""


def misses(number: int) -> Document:
    """Items that nearly have a template, and one that has."""
    return "- `root/{uid}`: prose\n" + "".join(f"- `root/{index}/{{uid}}` - prose\n" for index in range(number)), ""


def wide(number: int) -> Document:
    """One template of so many characters, wrapped now and then, which is too long for a key."""
    return "- `root/{uid}" + "/abcdefgh\n  {a b}" * number + "`: prose\n", ""


def unclosed(number: int) -> Document:
    """One template with a brace that is never closed."""
    return "- `root/{" + "abcdefgh" * number + "`: prose\n", ""


def strangers(number: int) -> Document:
    """Bindings for templates that are not there, in a document with as many."""
    document, _ = items(number)
    return document, "".join(f"[templates.'root/holder-{index}/{{uid}}/{{name}}.bin']\n" for index in range(number))


KINDS: tuple[tuple[Callable[[int], Document], int], ...] = (
    (items, 200),
    (one_folder, 200),
    (paragraph, 300),
    (misses, 300),
    (wide, 1_000),
    (unclosed, 10_000),
    (strangers, 100),
)


def seconds(document: Document) -> float:
    """The best of a few runs; a document with faults takes as long as it takes to find them."""
    text, bindings = (Source("file", part.encode()) for part in document)
    best = float("inf")
    for _ in range(RUNS):
        gc.collect()
        start = time.process_time()
        with suppress(SpecificationError):
            compile_specification(text, bindings, strict=True)
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    compile_specification(Source("warm", b"- `a/{b}`: c"))
    print(f"{'kind':<12} {'number':>8} {'seconds':>9}  {'x 10':>9} {'seconds':>9}  ratio")
    for make, number in KINDS:
        small, large = seconds(make(number)), seconds(make(10 * number))
        print(f"{make.__name__:<12} {number:>8,} {small:>9.3f}  {10 * number:>9,} {large:>9.3f}  {large / small:>5.1f}")


if __name__ == "__main__":
    main()
