"""Field values cut out of whole batches: the same as a regular expression's groups, wherever they stand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from auditor.spec import Fit
from tests.spec.building import compiled

UID = "oseh_c_" + "A" * 22


@pytest.mark.parametrize(
    ("template", "kinds", "key", "values"),
    [
        ("{a}", {}, "x", ("x",)),
        ("{a}/é/{b}", {"a": "uid(c)", "b": "token(1)"}, f"{UID}/é/xy", (UID, "xy")),
        ("é{a}/{b}.{c}", {"a": "token(1)", "c": "token(1)"}, "éab/ü-ü.cd", ("ab", "ü-ü", "cd")),
        ("{a}{b}{c}", {"a": "int", "b": "choice(x, y)", "c": "token(1)"}, "123xyz", ("123", "x", "yz")),
        ("{a}-{b}.bak", {}, "x-y-z.bak", ("x-y", "z")),
        ("{a}-{b}", {"b": "choice(é, ab)"}, "x-y-é", ("x-y", "é")),  # of one length in bytes
        ("plain", {}, "plain", ()),
    ],
)
def test_each_field_is_cut_where_it_stands(
    template: str, kinds: dict[str, str], key: str, values: tuple[str, ...]
) -> None:
    spec = compiled({template: kinds})
    keys = pa.array(["other/1", key, key, "zzz/other"])
    for order in (keys, keys.take(pa.array([1, 0, 2, 3]))):  # a slice of the batch, and scattered keys
        (found,) = [found for found in spec.field_values(order) if found.family.template.text == template]
        assert [order[position].as_py() for position in found.positions.tolist()] == [key, key]
        assert found.by_key() == [values, values]


def test_an_invalid_field_is_found_by_the_form() -> None:
    spec = compiled({"{a}/{b}": {"a": "token(1)", "b": "token(1)"}})
    (found,) = spec.field_values(pa.array(["abcd/ef"]))
    assert (found.fit, found.by_key()) == (Fit.INVALID_FIELD, [("abcd", "ef")])


def test_keys_without_a_family_have_no_fields() -> None:
    spec = compiled({"logs/{day}-{part}": {}, "logs/{day}_{hour}": {}, "{a}-{b}-{c}/": {}, "{a}-{b}_{c}/": {}})
    assert list(spec.field_values(pa.array(["b", "a-b-c_d/", None]))) == []
