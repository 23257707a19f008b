"""How much the explaining side does for keys that nearly fit: counted, not timed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from auditor.spec import Fit
from auditor.spec.grammar import Exactly, GreedyField
from tests.spec.building import compiled


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each element that is tried at a place, and for each end that is considered for a field."""
    noted: list[str] = []
    for element in (Exactly, GreedyField):
        monkeypatch.setattr(element, "parseImpl", _noting(element.parseImpl, noted))
    ends = GreedyField._ends

    def considered(field: GreedyField, *arguments: object) -> Iterator[int]:
        for end in ends(field, *arguments):
            noted.append("end")
            yield end

    monkeypatch.setattr(GreedyField, "_ends", considered)
    return noted


def _noting(parse: object, noted: list[str]) -> object:
    def parse_and_note(element: object, *arguments: object) -> object:
        noted.append("element")
        return parse(element, *arguments)  # type: ignore[operator]

    return parse_and_note


def count(attempts: list[str], template: str, kind: str, key: str) -> int:
    fields = [part.partition("}")[0] for part in template.split("{")[1:]]
    spec = compiled({template: dict.fromkeys(fields, kind)})
    attempts.clear()
    assert spec.explain(key).fit in (Fit.MALFORMED, Fit.INVALID_FIELD)
    return len(attempts)


NEAR_MISSES = [
    ("{x}-{y}-{z}.bak", "segment", "a-"),
    ("{x}-{y}-{z}.bak", "slug", "a-"),
    ("{x}-{y}-{z}.bak", "path", "a-/"),
    ("{x}{y}{z}.bak", "int", "1"),
    ("{x}{y}{z}{w}/end", "segment", "a"),
    ("{x}/{y}/{z}.bak", "path", "/a"),
]


@pytest.mark.parametrize(("template", "kind", "piece"), NEAR_MISSES)
def test_work_grows_with_the_length_of_the_key(attempts: list[str], template: str, kind: str, piece: str) -> None:
    lengths = [count(attempts, template, kind, piece * repeated) for repeated in (32, 64, 128)]
    assert lengths[0] >= 32
    assert all(longer <= 2.2 * shorter for shorter, longer in pairwise(lengths))


def test_work_grows_with_the_square_of_the_length_at_most(attempts: list[str]) -> None:
    lengths = [
        count(attempts, "{w}{x}{y}{z}.bak", "timestamp(hint)", "123456789a" * repeated) for repeated in (8, 16, 32)
    ]
    assert all(longer <= 4.4 * shorter for shorter, longer in pairwise(lengths))


@pytest.mark.parametrize("kind", ["segment", "slug"])
@pytest.mark.parametrize("between", ["-", ""])
def test_work_grows_with_the_number_of_fields(attempts: list[str], between: str, kind: str) -> None:
    def of(fields: int) -> int:
        template = between.join(f"{{f{number}}}" for number in range(fields)) + ".bak"
        return count(attempts, template, kind, "a-" * 64)

    numbers = [of(fields) for fields in (4, 8, 16)]
    assert all(more <= 2.2 * fewer for fewer, more in pairwise(numbers))
