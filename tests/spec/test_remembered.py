"""What was explained last is remembered, and never told of other keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from auditor.spec import Explanation, Specification
from auditor.spec.specification import MOST_REMEMBERED
from tests.spec.building import compiled

KEYS = ["a/1/x", "a/y", "z"]


@pytest.fixture
def spec() -> Specification:
    return compiled({"a/{b}/{c}": {"b": "int"}, "d/{e}": {}})


def told(spec: Specification, keys: Sequence[str]) -> list[str]:
    return [explanation.key for explanation in spec.explanations(keys)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many keys were explained, each time that any were."""
    counts: list[int] = []
    explained = Specification._explained

    def counting(self: Specification, keys: Sequence[str]) -> Iterator[Explanation]:
        counts.append(len(keys))
        return explained(self, keys)

    monkeypatch.setattr(Specification, "_explained", counting)
    return counts


def test_the_same_keys_are_explained_once(spec: Specification, asked: list[int]) -> None:
    first = list(spec.explanations(KEYS))
    assert list(spec.explanations(list(KEYS))) == first == [spec.explain(key) for key in KEYS]
    assert asked == [3]
    many = [f"{number}" for number in range(MOST_REMEMBERED + 1)]
    assert told(spec, many) == told(spec, many) == many
    assert asked == [3, len(many), len(many)]


def test_other_keys_are_explained_anew(spec: Specification) -> None:
    keys = list(KEYS)
    assert told(spec, keys) == keys
    keys[0] = "a/2/x"
    assert told(spec, keys) == keys
    assert told(spec, []) == []
    assert told(spec, KEYS) == KEYS


def test_each_thread_remembers_for_itself(spec: Specification, asked: list[int]) -> None:
    with ThreadPoolExecutor(1) as executor:
        assert told(spec, KEYS) == executor.submit(told, spec, KEYS).result() == KEYS
        assert asked == [3, 3]
        assert executor.submit(told, spec, KEYS[:2]).result() == KEYS[:2]
    assert told(spec, KEYS) == KEYS
    assert asked == [3, 3, 2]
