"""What columns of every sane type become."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from auditor.rows import RowTable
from tests.rows.making import plain
from tests.rows.server.conftest import Servers
from tests.rows.server.making import DATABASE, insert, make_table, opened
from tests.servers.databases import DatabaseServer

pytestmark = pytest.mark.server

MOMENT = datetime(2024, 5, 6, 7, 8, 9, 250_000, tzinfo=UTC)
SECONDS = MOMENT.timestamp()
WHOLE_SECOND = MOMENT.replace(microsecond=0)
MAX = 2**63 - 1
TIMES: list[tuple[str, str, Any, datetime | None]] = [
    ("postgresql", "DOUBLE PRECISION", SECONDS, MOMENT),
    ("postgresql", "DOUBLE PRECISION", float("inf"), None),
    ("postgresql", "DOUBLE PRECISION", float("nan"), None),
    ("postgresql", "DOUBLE PRECISION", 1e300, None),
    ("postgresql", "NUMERIC(20, 6)", SECONDS, MOMENT),
    ("postgresql", "INTEGER", int(SECONDS), WHOLE_SECOND),
    ("postgresql", "BIGINT", int(SECONDS), WHOLE_SECOND),
    ("postgresql", "BIGINT", MAX, None),
    ("postgresql", "TIMESTAMP WITH TIME ZONE", "2024-05-06 09:08:09.25+02:00", MOMENT),
    ("postgresql", "TIMESTAMP", "2024-05-06 07:08:09.25", MOMENT),
    ("postgresql", "TIMESTAMP", "infinity", None),
    ("postgresql", "TIMESTAMP", "-infinity", None),
    ("postgresql", "TIMESTAMP", "12024-01-01", None),
    ("postgresql", "DATE", "2024-05-06", datetime(2024, 5, 6, tzinfo=UTC)),
    ("postgresql", "TEXT", "2024-05-06T09:08:09.25+02:00", MOMENT),
    ("postgresql", "TEXT", "soon", None),
    ("postgresql", "TEXT", "", None),
    ("postgresql", "JSON", '{"a": 1}', None),
    ("postgresql", "BOOLEAN", True, None),
    ("mariadb", "DOUBLE", SECONDS, MOMENT),
    ("mariadb", "DOUBLE", 1e300, None),
    ("mariadb", "DECIMAL(20, 6)", SECONDS, MOMENT),
    ("mariadb", "INT UNSIGNED", int(SECONDS), WHOLE_SECOND),
    ("mariadb", "BIGINT", MAX, None),
    ("mariadb", "DATETIME(6)", "2024-05-06 07:08:09.25", MOMENT),
    ("mariadb", "DATETIME", "2024-05-06 07:08:09", WHOLE_SECOND),
    ("mariadb", "DATE", "2024-05-06", datetime(2024, 5, 6, tzinfo=UTC)),
    ("mariadb", "VARCHAR(40)", "2024-05-06T09:08:09.25+02:00", MOMENT),
    ("mariadb", "VARCHAR(40)", "soon", None),
    ("mariadb", "VARBINARY(40)", b"2024-05-06", None),
]
SIZES: list[tuple[str, str, Any, int | None]] = [
    ("postgresql", "BIGINT", MAX, MAX),
    ("postgresql", "INTEGER", -1, -1),
    ("postgresql", "NUMERIC", 12, 12),
    ("postgresql", "NUMERIC", 12.5, None),
    ("postgresql", "NUMERIC", 10**30, None),
    ("postgresql", "DOUBLE PRECISION", 12.0, 12),
    ("postgresql", "DOUBLE PRECISION", float("nan"), None),
    ("postgresql", "DOUBLE PRECISION", 1e300, None),
    ("postgresql", "TEXT", "12", 12),
    ("postgresql", "TEXT", "-1", -1),
    ("postgresql", "TEXT", "012", None),
    ("postgresql", "TEXT", "12\n", None),
    ("postgresql", "TEXT", "9" * 40, None),
    ("postgresql", "TEXT", "large", None),
    ("postgresql", "BYTEA", b"12", None),
    ("mariadb", "BIGINT", -1, -1),
    ("mariadb", "BIGINT UNSIGNED", 2**64 - 1, None),
    ("mariadb", "DECIMAL(40, 2)", 12, 12),
    ("mariadb", "DECIMAL(40, 2)", 12.5, None),
    ("mariadb", "DECIMAL(40, 2)", 10**30, None),
    ("mariadb", "DOUBLE", 12.0, 12),
    ("mariadb", "VARCHAR(50)", "12", 12),
    ("mariadb", "VARCHAR(50)", "012", None),
    ("mariadb", "VARCHAR(50)", "large", None),
    ("mariadb", "VARBINARY(50)", b"12", None),
]
TEXTS: list[tuple[str, str, Any, str | None]] = [
    ("postgresql", "BIGINT", 7, "7"),
    ("postgresql", "UUID", "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000a"),
    ("postgresql", "BYTEA", b"x", None),
    ("postgresql", "DOUBLE PRECISION", 1.5, None),
    ("postgresql", "TEXT", 'é,"\n\\\t', 'é,"\n\\\t'),
    ("postgresql", "TEXT", "", ""),
    ("mariadb", "BIGINT", 7, "7"),
    ("mariadb", "ENUM('a', 'b')", "b", "b"),
    ("mariadb", "BINARY(2)", b"xy", None),
    ("mariadb", "DOUBLE", 1.5, None),
    ("mariadb", "LONGTEXT CHARACTER SET utf8mb4", 'é,"\n\\\t😀', 'é,"\n\\\t😀'),
    ("mariadb", "VARCHAR(20) CHARACTER SET latin1", "é", "é"),
]


def value(server: DatabaseServer, column: str, kind: str, given: Any, name: str) -> Any:
    made = dict.fromkeys(("uid", "content_type", "file_size", "created_at")) | {column: given}
    make_table(server, [], **{column: kind})
    insert(server, [(made["uid"], "k", made["file_size"], made["content_type"], made["created_at"])])
    insert(server, [(None, "l", None, None, None)])
    with opened(server) as rows:
        one, nulls = [row for page in rows.pages(None, None) for row in page.to_pylist()]
        assert rows.lookup(["k"]).to_pylist() == [one]
    assert nulls == {"key": "l", "uid": None, "size": None, "content_type": None, "created_at": None}
    return one[name]


@pytest.mark.parametrize(("name", "kind", "given", "expected"), TIMES)
def test_times(servers: Servers, name: str, kind: str, given: Any, expected: datetime | None) -> None:
    assert value(servers(name), "created_at", kind, given, "created_at") == expected


@pytest.mark.parametrize(("name", "kind", "given", "expected"), SIZES)
def test_sizes(servers: Servers, name: str, kind: str, given: Any, expected: int | None) -> None:
    assert value(servers(name), "file_size", kind, given, "size") == expected


@pytest.mark.parametrize(("name", "kind", "given", "expected"), TEXTS)
@pytest.mark.parametrize("column", ["uid", "content_type"])
def test_texts(servers: Servers, name: str, kind: str, given: Any, expected: str | None, column: str) -> None:
    assert value(servers(name), column, kind, given, column) == expected


def test_a_timestamp_of_mysql_does_not_depend_on_the_zone_of_the_server(servers: Servers) -> None:
    server = servers("mariadb")
    make_table(server, [], created_at="TIMESTAMP NULL")
    server.execute(
        DATABASE,
        "SET GLOBAL time_zone = '+05:00'",
        f"INSERT INTO s3_files (`key`, created_at) VALUES ('k', FROM_UNIXTIME({int(SECONDS)}))",
    )
    try:
        with opened(server) as rows:
            assert rows.lookup(["k"])["created_at"].to_pylist() == [WHOLE_SECOND]
    finally:
        server.execute(DATABASE, "SET GLOBAL time_zone = 'SYSTEM'")


def test_columns_that_there_are_not(server: DatabaseServer) -> None:
    make_table(server, plain(["a"]))
    with opened(server, RowTable(uid="", created_at="")) as rows:
        assert rows.lookup(["a"]).to_pylist() == [
            {"key": "a", "uid": None, "size": 100, "content_type": "image/webp", "created_at": None}
        ]
