"""Pages, look-ups and counts of real servers: the bytes of a key decide, whatever the column's type and collation."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.frames import ROWS
from auditor.rows import RowTable, ServerRows
from tests.rows.making import plain
from tests.rows.server.conftest import Servers
from tests.rows.server.making import DATABASE, HOSTILE, Notes, insert, make_table, opened
from tests.servers.databases import DatabaseServer

pytestmark = pytest.mark.server

WIDE = "VARCHAR(600) CHARACTER SET utf8mb4 COLLATE"
ICU = "CREATE COLLATION IF NOT EXISTS loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false)"
PREPARED = {"postgresql": ("CREATE EXTENSION IF NOT EXISTS citext", ICU), "mariadb": ()}
COLUMNS = [  # server, type of the key, whether the index of the test has the order of the bytes
    ("postgresql", "TEXT", True),
    ("postgresql", "VARCHAR(600)", True),
    ("postgresql", "TEXT COLLATE loose", True),
    ("postgresql", "citext", False),
    ("mariadb", f"{WIDE} utf8mb4_bin", True),
    ("mariadb", f"{WIDE} utf8mb4_nopad_bin", True),
    ("mariadb", "VARBINARY(2400)", True),
    ("mariadb", f"{WIDE} utf8mb4_general_ci", False),
    ("mariadb", f"{WIDE} utf8mb4_unicode_nopad_ci", False),
]
EXACT = [case for case in COLUMNS if "general_ci" not in case[1] and "citext" not in case[1]]


def keys_of(rows: ServerRows, after: str | None = None, until: str | None = None) -> list[str]:
    return [key for page in rows.pages(after, until) for key in page["key"].to_pylist()]


@pytest.mark.parametrize(("name", "column", "cheap"), COLUMNS)
def test_every_key_once_in_the_order_of_its_bytes(servers: Servers, name: str, column: str, cheap: bool) -> None:
    server = servers(name)
    server.execute(DATABASE, "SELECT 1", *PREPARED[name])
    make_table(server, plain(random.Random(1).sample(HOSTILE, len(HOSTILE))), key=column)
    ordered = sorted(HOSTILE, key=str.encode)
    notes = Notes()
    for page_rows in (1, 2, 7, 1000):
        with opened(server, page_rows=page_rows, progress=notes) as rows:
            assert keys_of(rows) == ordered
            assert rows.unreadable_keys == 0
    assert ["no index in the bucket's order" in note for note in notes.notes] == ([] if cheap else [True] * 4)


@pytest.mark.parametrize(("name", "column", "cheap"), COLUMNS)
def test_ranges_look_ups_and_cuts(servers: Servers, name: str, column: str, cheap: bool) -> None:
    server = servers(name)
    server.execute(DATABASE, "SELECT 1", *PREPARED[name])
    here, lacking = HOSTILE[::2], HOSTILE[1::2]
    make_table(server, plain(here), key=column)
    with opened(server, page_rows=3) as rows:
        assert sorted(rows.lookup(HOSTILE)["key"].to_pylist(), key=str.encode) == sorted(here, key=str.encode)
        assert all(rows.lookup([key])["key"].to_pylist() == [key] for key in here)
        assert rows.lookup(lacking).num_rows == rows.lookup([]).num_rows == 0
        assert rows.lookup(["a\0b", "\0"]).schema == ROWS
        for after in [None, *HOSTILE]:
            for until in [None, *HOSTILE[::5]]:
                wanted = [k for k in here if (after is None or k > after) and (until is None or k <= until)]
                assert keys_of(rows, after, until) == sorted(wanted), (after, until)
        for first, beyond in zip(HOSTILE, HOSTILE[3:], strict=False):
            assert rows.count(first, beyond) == sum(first <= key < beyond for key in here)
        assert rows.count() == len(here)
        cuts = rows.split(4)
        assert cuts == sorted(cuts)
        assert (len(cuts), set(cuts) - set(here)) == (3, set())
        assert rows.split(2, "a", "b") == sorted(rows.split(2, "a", "b"))
        assert rows.split(1) == rows.split(3, "zzz", "zzzz") == []


@pytest.mark.parametrize(("name", "column"), [(name, column) for name, column, _ in EXACT if "BINARY" not in column])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.lists(st.text("a \t\x01\x1fbé\U00010000\ue000", max_size=4), max_size=25, unique=True),
    bounds=st.tuples(*[st.none() | st.text("a \t\x01b", max_size=3)] * 2),
    page_rows=st.integers(1, 6),
)
def test_any_keys_any_range(
    servers: Servers,
    name: str,
    column: str,
    keys: list[str],
    bounds: tuple[str | None, str | None],
    page_rows: int,
) -> None:
    server, (after, until) = servers(name), bounds
    server.execute(DATABASE, "SELECT 1", *PREPARED[name])
    make_table(server, plain(keys), key=column)
    wanted = [key for key in keys if (after is None or key > after) and (until is None or key <= until)]
    with opened(server, page_rows=page_rows) as rows:
        assert keys_of(rows, after, until) == sorted(wanted)


def test_equal_keys_are_never_parted_nor_lost(server: DatabaseServer) -> None:
    keys = ["a", *["b"] * 10, "c", *["d "] * 5, "d"]
    make_table(server, plain(keys))
    with opened(server, page_rows=3) as rows:
        pages = [page.to_pylist() for page in rows.pages(None, None)]
    assert [row["key"] for page in pages for row in page] == sorted(keys)
    assert len({row["uid"] for page in pages for row in page}) == len(keys)
    assert sum(len({row["key"] for row in page}) for page in pages) == len(set(keys))


def test_keys_that_are_null_are_counted_and_nothing_else(server: DatabaseServer) -> None:
    make_table(server, plain([None, "a", None, "b"]))
    with opened(server, page_rows=1) as rows:
        assert (keys_of(rows), rows.unreadable_keys, rows.count()) == (["a", "b"], 2, 2)


def test_bytes_that_are_not_utf8_are_counted(servers: Servers) -> None:
    server = servers("mariadb")
    make_table(server, plain([b"a", b"b\xff", b"c"]), key="VARBINARY(100)")
    with opened(server, page_rows=1) as rows:
        assert (keys_of(rows), rows.unreadable_keys) == (["a", "c"], 1)


def test_text_of_another_character_set(servers: Servers) -> None:
    server, keys = servers("mariadb"), ["é", "e", "z", "ÿ", "A", "a"]
    for charset in ("latin1", "utf8mb3"):
        make_table(server, plain(keys), key=f"VARCHAR(100) CHARACTER SET {charset}")
        with opened(server) as rows:
            assert keys_of(rows) == sorted(keys)
            assert rows.lookup(["é", "\U00010000", "É"])["key"].to_pylist() == ["é"]
            assert keys_of(rows, "e", "\U00010000") == sorted(keys)[sorted(keys).index("e") + 1 :]


def test_a_page_is_read_when_it_is_asked_for_and_a_look_up_too(server: DatabaseServer) -> None:
    make_table(server, plain(["a", "b", "d"]))
    with opened(server, page_rows=2) as rows:
        pages = rows.pages(None, None)
        assert next(pages)["key"].to_pylist() == ["a", "b"]
        assert rows.lookup(["c"]).num_rows == 0
        insert(server, plain(["c"], start=9))
        assert rows.lookup(["c"]).num_rows == 1
        server.execute(DATABASE, f"DELETE FROM s3_files WHERE {server.quoted('key')} = 'a'")
        assert rows.lookup(["a"]).num_rows == 0
        assert [key for page in pages for key in page["key"].to_pylist()] == ["c", "d"]


def test_the_statements_of_one_page_see_one_state(server: DatabaseServer) -> None:
    make_table(server, plain(["a"]))
    with opened(server) as rows:
        with rows._reading() as connection:
            before = connection.exec_driver_sql(rows._sql.count(None, None)).scalar_one()
            insert(server, plain(["b"], start=1))
            assert connection.exec_driver_sql(rows._sql.count(None, None)).scalar_one() == before == 1
        assert rows.count() == 2


def test_a_query_in_place_of_the_table(server: DatabaseServer) -> None:
    make_table(server, plain(["a/1", "b/1", "a/2", "c%"]))
    key = server.quoted("key")
    query = f"""SELECT concat('x/', {key}) AS path, file_size AS bytes FROM s3_files
        WHERE {key} LIKE 'a/%' OR {key} LIKE '%c_' -- and no more than that"""
    table = RowTable(key="path", uid="", size="bytes", content_type="", created_at="", query=query)
    with opened(server, table, page_rows=2) as rows:
        read = [row for page in rows.pages("x/", None) for row in page.to_pylist()]
        assert [(row["key"], row["size"]) for row in read] == [("x/a/1", 100), ("x/a/2", 102), ("x/c%", 103)]
        assert {(row["uid"], row["content_type"], row["created_at"]) for row in read} == {(None, None, None)}
        assert rows.lookup(["x/a/2", "a/1"])["size"].to_pylist() == [102]
        assert (rows.count(), rows.unreadable_keys) == (3, 0)
