"""Where each field's kind and each family's row policy come from."""

from __future__ import annotations

from auditor.spec import Location, RowPolicy, Source, compile_specification
from rules.shipped import file_service
from tests.spec.building import document

BINDINGS = """\
[templates."a/{x}/{y}"]
fields = { x = "int" }
rows = "none"

[templates."b/{x}/{y z}/{w}".fields]
x = 'int'
"y z" = 'slug'

[templates."c/{x}"]
fields.x = "segment"
"""


def test_every_field_knows_the_place_that_binds_it_or_that_nothing_does() -> None:
    spec = compile_specification(document("a/{x}/{y}", "b/{x}/{y z}/{w}", "c/{x}"), Source("k.toml", BINDINGS.encode()))
    assert [dict(family.kinds_from) for family in spec.families] == [
        {"x": Location("k.toml", 2, 12)},
        {"x": Location("k.toml", 6, 1), "y z": Location("k.toml", 7, 1)},
        {"x": Location("k.toml", 10, 8)},
    ]
    assert [(family.rows, family.rows_from) for family in spec.families] == [
        (RowPolicy.NONE, Location("k.toml", 3, 1)),
        (RowPolicy.UNMANAGED, None),
        (RowPolicy.UNMANAGED, None),
    ]


def test_the_places_are_those_of_the_shipped_file() -> None:
    shipped = file_service()
    lines = shipped.bindings.data.decode().split("\n")
    for family in compile_specification(*shipped).families:
        assert set(family.kinds_from) == set(family.kinds)
        assert family.rows_from is not None
        for name, place in {**family.kinds_from, "rows": family.rows_from}.items():
            assert place.file == "rules/file_service.toml"
            assert lines[place.line - 1][place.column - 1 :].startswith((name, f'"{name}"'))
        heading = max(number for number in range(family.rows_from.line) if lines[number].startswith("[templates"))
        assert lines[heading] == f'[templates."{family.template.text}"]'


def test_without_bindings_nothing_binds() -> None:
    for family in compile_specification(file_service().document).families:
        assert dict(family.kinds_from) == {}
        assert family.rows_from is None
