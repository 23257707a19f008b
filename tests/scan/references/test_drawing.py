"""What is in doubt counts as used, and is said."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auditor.rows.references import Mortal
from auditor.scan.references.drawing import CannotTell, Drawn
from auditor.spec.references import References, Superseded
from tests.scan.references.making import FILES, IMAGES, SAID, drawn_from, lonely, made

ROWS = (
    "INSERT INTO images (id, uid, original_id) VALUES (1, 'i1', 1), (2, 'i2', 2), (3, 'i3', NULL)",
    "INSERT INTO exports (id, image_id, file_id) VALUES (1, 1, 3), (2, 2, 4), (3, NULL, 5)",
    "INSERT INTO pages (id, image_id) VALUES (1, 1), (2, NULL)",
)


def drawn(said: References = SAID, *statements: str) -> Drawn:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in (*IMAGES, *statements):
            connection.execute(statement)
        return drawn_from(connection, said)


def test_files_live_with_their_image(tmp_path: Path) -> None:
    assert lonely(made(tmp_path / "rows.db", *IMAGES, *ROWS)) == {"f2", "f4", "f5", "f6"}


def test_nulls_refer_to_nothing(tmp_path: Path) -> None:
    assert lonely(made(tmp_path / "rows.db", *IMAGES, ROWS[2])) == {f"f{n}" for n in range(1, 7)}


def test_a_new_table_is_found_by_its_foreign_key_and_named(tmp_path: Path) -> None:
    """Nobody told the bindings of it: what it refers to is in use, and the run says that it does not know it."""
    new = "CREATE TABLE stickers (id INTEGER PRIMARY KEY, picture INTEGER REFERENCES Images(id))"
    path = made(tmp_path / "rows.db", *IMAGES, new, *ROWS, "INSERT INTO stickers (picture) VALUES (2)")
    assert lonely(path) == {"f5", "f6"}
    assert drawn(SAID, new).remarks == [
        "[references] of the bindings lack table stickers (picture -> images): all that it refers to counts as used"
    ]


def test_a_new_column_of_a_known_table_needs_no_word(tmp_path: Path) -> None:
    more = "ALTER TABLE pages ADD COLUMN cover_id INTEGER REFERENCES s3_files(id)"
    path = made(tmp_path / "rows.db", *IMAGES, *ROWS, more, "UPDATE pages SET cover_id = 6 WHERE id = 2")
    assert lonely(path) == {"f2", "f4", "f5"}
    assert drawn(SAID, more).remarks == []


def test_a_table_that_is_gone_is_named() -> None:
    said = replace(SAID, libraries=("albums",), texts={("notes", "body"): {"oseh_if_": ("images", "uid")}})
    assert drawn(said).remarks == ["the database lacks albums, notes, which the bindings name"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"dependants": {"exports": "uid"}}, "exports count as in use, since its uid is no foreign key"),
        ({"dependants": {}, "superseded": {"exports": Superseded("born")}}, "exports count as in use, since it lacks"),
        ({"texts": {("pages", "text"): {"oseh_if_": ("images", "uid")}}}, "images count as in use, since pages has no"),
        ({"texts": {("pages", "body"): {"oseh_if_": ("images", "code")}}}, "images count as in use, since it has no"),
    ],
)
def test_a_place_that_the_schema_does_not_bear_out_is_no_place(change: dict[str, Any], why: str) -> None:
    found = drawn(replace(SAID, **change))
    assert {"images", "exports"} - set(found.plan.mortals)
    assert any(why in remark for remark in found.remarks)


def test_an_owner_that_nothing_refers_to_is_in_use() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in IMAGES[:3]:
            connection.execute(statement)
        found = drawn_from(connection, replace(SAID, uses=()))
    assert found.remarks == ["all rows of images count as in use, since no foreign key refers to it"]


def test_rows_that_keep_each_other_alive_are_in_use() -> None:
    ring = "ALTER TABLE images ADD COLUMN of_export INTEGER REFERENCES exports(id)"
    back = "ALTER TABLE exports ADD COLUMN kept INTEGER REFERENCES images(id)"
    found = drawn(SAID, ring, back)
    assert found.plan.mortals == {}
    assert all("such rows keep each other alive" in remark for remark in found.remarks)


@pytest.mark.parametrize(
    ("statements", "said", "why"),
    [
        ([FILES], SAID, "no foreign key refers to table s3_files"),
        ([*IMAGES, "CREATE TABLE albums (cover INTEGER)"], replace(SAID, libraries=("albums",)), "table albums, which"),
        (IMAGES, replace(SAID, columns={("pages", "file"): ("s3_files", "uid")}), "table pages has no column file"),
        (
            IMAGES,
            replace(SAID, texts={("pages", "t"): {"key": ("s3_files", "key")}}),
            "table pages has no column t, whose text",
        ),
    ],
)
def test_where_references_are_out_of_sight_nothing_is_said(statements: Any, said: References, why: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements:
            connection.execute(statement)
        with pytest.raises(CannotTell, match=why):
            drawn_from(connection, said)


def test_references_that_the_schema_does_not_declare(tmp_path: Path) -> None:
    said = replace(SAID, columns={("pages", "body"): ("s3_files", "uid")})
    path = made(tmp_path / "rows.db", *IMAGES, *ROWS, "INSERT INTO pages (body) VALUES ('uid6')")
    assert lonely(path, said) == {"f2", "f4", "f5"}


def test_the_ways_from_a_file() -> None:
    found = drawn().plan
    assert found.mortals.keys() == {"images", "exports"}
    assert found.mortals["images"] == Mortal("images")
    ways = [[hop.table for hop in arm.hops] for arm in found.arms]
    assert sorted(ways) == [["exports"], ["exports", "images"], ["images"]]
