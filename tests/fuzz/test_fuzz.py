"""The fuzz targets hold on their seeds, and on every beginning and small change of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.examples import examples
from tests.fuzz import archive, document, images, keys, media, redis, sqlite, words

TARGETS = [document, keys, redis, sqlite, archive, words, images, media]


def variants(seeds: Sequence[bytes]) -> Iterator[bytes]:
    for seed in seeds:
        step = max(1, len(seed) // examples(30))
        for at in range(0, len(seed) + 1, step):
            yield seed[:at]
            yield seed[:at] + b"{" + seed[at:]
            yield seed[:at] + b"/\x00\n" + seed[at + 1 :]


@pytest.mark.parametrize(("target", "seeds"), [(target.one, target.SEEDS) for target in TARGETS])
def test_targets_hold_near_their_seeds(target: Callable[[bytes], None], seeds: Sequence[bytes]) -> None:
    for data in variants(seeds):
        target(data)
