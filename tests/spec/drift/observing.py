"""Drift in memory: a few keys, proposed for, and everything checked that holds for any proposals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pyarrow as pa

from auditor.spec import Family, Fit, Source, common_key
from auditor.spec.drift import OBSERVED, Base, Drift, propose
from rules.shipped import file_service
from tests.spec.building import classified

DAY = timedelta(days=1)
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
BATCH = 100  # keys: several batches even of few keys


def shipped() -> Base:
    document, bindings = file_service()
    return Base(document, bindings, strict=True)


def base(document: str, bindings: str | None = None) -> Base:
    bound = None if bindings is None else Source("keys.toml", bindings.encode())
    return Base(Source("keys.md", document.encode()), bound)


def observed(keys: Iterable[str], recorded: Iterable[str] = ()) -> pa.Table:
    """Objects of 10 bytes, one a day, in the order in which they are listed; those `recorded` have a row."""
    listed = sorted(set(keys), key=str.encode)
    rows = set(recorded)
    days = [FIRST + number * DAY for number in range(len(listed))]
    columns = [listed, [10] * len(listed), days, [key in rows for key in listed]]
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, OBSERVED, strict=True)], OBSERVED)


def drift_of(base: Base, keys: Iterable[str], recorded: Iterable[str] = (), least: int = 1) -> Drift:
    """What is proposed for the keys; see `sound`."""
    table = observed(keys, recorded)
    drift = propose(base, lambda: _batches(table), least=least)
    sound(base, drift, table["key"].to_pylist())
    return drift


def _batches(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, BATCH):
        yield table.slice(start, BATCH)


def sound(base: Base, drift: Drift, keys: Sequence[str]) -> None:
    """The proposals compile, share no key with anything, cover exactly what they say, and nothing is lost."""
    new = [one for one in drift.proposals if not one.replaces]
    wide = {one.family.template.text: one.family for one in drift.proposals if one.replaces}
    before, after = base.extended([]), base.extended(one.named for one in new)
    families = [wide.get(family.template.text, family) for family in after.families]
    old = {family.template.text for family in before.families}
    for first, second in combinations(families, 2):
        if not {first.template.text, second.template.text} <= old - set(wide):
            assert common_key(first, second) is None
    counts: dict[str, int] = {}
    left = 0
    for key, (name, fit) in zip(keys, classified(after, *keys), strict=True):
        texts = [family.template.text for family in families if fit == Fit.FITS and family.name == name]
        texts += [text for text, family in wide.items() if fit != Fit.FITS and classified_by(family, key)]
        assert len(texts) < 2, key
        left += not texts
        for text in texts:
            counts[text] = counts.get(text, 0) + 1
    assert {one.named.text: one.tally.objects for one in drift.proposals} == counts
    assert drift.left.objects == left


def classified_by(family: Family, key: str) -> bool:
    return re.fullmatch(family.pattern, key) is not None


def templates(drift: Drift) -> dict[str, int]:
    """Text of each new template -> the objects that it covers."""
    return {one.named.text: one.tally.objects for one in drift.proposals if not one.replaces}


def kinds(drift: Drift) -> Mapping[str, Mapping[str, str]]:
    return {one.named.text: one.named.kinds for one in drift.proposals if not one.replaces}
