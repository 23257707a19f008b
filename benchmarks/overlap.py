"""Proofs of overlap for all pairs of many templates, beside two libraries that intersect regular expressions.

    python benchmarks/overlap.py [templates, default 200]

For each shape of a document: our CPU time for all pairs, witnesses included. Then, in the same run, the CPU time for
one pair on the first templates of the document, ours and the libraries', which are only asked whether the pair shares a
key at all, as neither finds a witness in reasonable time. Building an automaton counts for all of them; a library that
needs more than LIMIT seconds of CPU for the few pairs is given up. Exits 1 when a document needs more than 10 seconds.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import combinations

import greenery
import interegular

from auditor.spec import Family, Source, compile_specification, overlaps
from auditor.spec.pieces import compiled
from rules.shipped import file_service

BAR = 10.0
SUBSET = 6
LIMIT = 20
UNTYPED: Mapping[str, str] = {}
TYPED = {"uid": "uid(cf)", "name": "slug", "random": "token(8)"}

SHAPES: dict[str, tuple[str, Mapping[str, str]]] = {
    "differ at once": ("s3_files/{number}/{{uid}}/{{name}}/{{random}}.ts", TYPED),
    "differ behind a uid": ("s3_files/content/{{uid}}/{number}/{{random}}.ts", TYPED),
    "differ at the very end": ("s3_files/content/{{uid}}/{{name}}/{{random}}.{number}", TYPED),
    "differ between name and random": ("s3_files/content/{{uid}}/{{name}}-{number}-{{random}}.ts", TYPED),
    "all overlap, untyped": ("s3_files/content/{{uid}}/{{name}}-{number}-{{random}}.ts", UNTYPED),
    "all overlap, typed": ("s3_files/content/{{uid}}/{{name}}-{number}-{{random}}.ts", TYPED | {"random": "slug"}),
}


class TooLongError(Exception):
    pass


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    documents = {"shipped": _shipped(bound=True), "shipped, untyped": _shipped(bound=False)}
    documents |= {name: _families(*shape, count) for name, shape in SHAPES.items()}
    worst = 0.0
    print(
        f"{'document':32} {'pairs':>7} {'overlaps':>9} {'seconds':>8}   ms for one of the pairs of {SUBSET} templates"
    )
    for name, families in documents.items():
        seconds, found = _timed(lambda families=families: sum(1 for _ in overlaps(families)))
        pairs = len(families) * (len(families) - 1) // 2
        print(f"{name:32} {pairs:7,} {found:9,} {seconds:8.2f}   {_beside(families[:SUBSET])}", flush=True)
        worst = max(worst, seconds)
    return int(worst > BAR)


def _shipped(*, bound: bool) -> Sequence[Family]:
    document, bindings = file_service()
    return compile_specification(document, bindings if bound else None).families


def _families(template: str, kinds: Mapping[str, str], count: int) -> Sequence[Family]:
    texts = [template.format(number=1000 + number) for number in range(count)]
    document = "".join(f"- `{text}`: prose\n" for text in texts)
    fields = "\n".join(f"{name} = '{kind}'" for name, kind in kinds.items() if f"{{{name}}}" in texts[0])
    bindings = "".join(f"[templates.'{text}'.fields]\n{fields}\n" for text in texts)
    return compile_specification(Source("d", document.encode()), Source("b", bindings.encode()), strict=True).families


def _beside(families: Sequence[Family]) -> str:
    pairs = len(families) * (len(families) - 1) // 2
    ours, found = _timed(lambda: sum(1 for _ in overlaps(families)))
    answers = [f"ours {ours / pairs * 1000:.2f}"]
    for library in (_interegular, _greenery):
        try:
            with _limit():
                theirs, said = _timed(lambda library=library: library(families))
        except TooLongError:
            answers.append(f"{library.__name__[1:]} not in {LIMIT} s")
            continue
        assert said == found, (library.__name__, said, found)
        answers.append(f"{library.__name__[1:]} {theirs / pairs * 1000:.1f} ({theirs / ours:,.0f} times)")
    return ", ".join(answers)


def _interegular(families: Sequence[Family]) -> int:
    machines = [interegular.parse_pattern(_pattern(family)).to_fsm() for family in families]
    return sum(not (one & other).empty() for one, other in combinations(machines, 2))


def _greenery(families: Sequence[Family]) -> int:
    # It has no flags, its dot is any character, and a hyphen stands for itself only behind a backslash.
    patterns = [_pattern(family).replace("_-]", r"_\-]").replace("(?s:.+)", ".+") for family in families]
    machines = [greenery.parse(pattern).to_fsm() for pattern in patterns]
    return sum(not (one & other).empty() for one, other in combinations(machines, 2))


def _pattern(family: Family) -> str:
    return family.matching(shapes=False).removeprefix(r"\A").removesuffix(r"\z")


def _timed(run: Callable[[], int]) -> tuple[float, int]:
    compiled.cache_clear()
    start = time.process_time()
    answer = run()
    return time.process_time() - start, answer


@contextmanager
def _limit() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLongError

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


if __name__ == "__main__":
    sys.exit(main())
