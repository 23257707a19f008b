"""The text of the SELECTs, dialect by dialect."""

from __future__ import annotations

import re

import pytest

from auditor.rows import RowTable
from auditor.rows.server.mysql_sql import MysqlSql
from auditor.rows.server.postgresql_sql import PostgresqlSql
from auditor.rows.server.shape import Kind, Shape
from auditor.rows.server.statements import ServerSql

TABLE = RowTable()
KINDS = {
    "key": Kind.TEXT,
    "uid": Kind.TEXT,
    "size": Kind.WHOLE,
    "content_type": Kind.TEXT,
    "created_at": Kind.NUMBER,
}


def postgresql(table: RowTable = TABLE, **kinds: Kind) -> ServerSql:
    return PostgresqlSql(Shape(table, KINDS | kinds))


def mysql(collation: str = "utf8mb4_bin", table: RowTable = TABLE, **kinds: Kind) -> ServerSql:
    return MysqlSql(Shape(table, KINDS | kinds, collation))


def after_from(sql: str) -> str:
    return sql.split(' FROM "s3_files" AS r WHERE ')[1]


def test_a_page_of_postgresql() -> None:
    assert postgresql().page(b"a", b"b", 10) == (
        'SELECT r."key" AS "key", r."uid" AS "uid", r."file_size" AS "size", r."content_type" AS "content_type", '
        'CASE WHEN r."created_at" BETWEEN -62135596800 AND 253402300799 '
        'THEN CAST(round(r."created_at" * 1e6) AS bigint) END AS "micros", NULL AS "time_text" '
        'FROM "s3_files" AS r WHERE r."key" IS NOT NULL '
        'AND r."key" COLLATE "C" > E\'\\x61\' AND r."key" COLLATE "C" <= E\'\\x62\' '
        'ORDER BY r."key" COLLATE "C" LIMIT 10'
    )


def test_a_page_of_mysql_by_collation_of_the_key() -> None:
    cast = 'CAST(CONVERT(r."key" USING utf8mb4) AS BINARY)'
    assert after_from(mysql().page(b"b", b"c", 10)) == (
        'r."key" IS NOT NULL '
        "AND r.\"key\" >= _utf8mb4 x'61f48fbfbf' COLLATE utf8mb4_bin "
        "AND r.\"key\" <= _utf8mb4 x'63' COLLATE utf8mb4_bin "
        f"AND {cast} > x'62' AND {cast} <= x'63' ORDER BY r.\"key\" LIMIT 10"
    )
    assert after_from(mysql("utf8mb4_nopad_bin").page(b"b", None, 10)) == (
        'r."key" IS NOT NULL AND r."key" > _utf8mb4 x\'62\' COLLATE utf8mb4_nopad_bin ORDER BY r."key" LIMIT 10'
    )
    assert after_from(mysql("binary", key=Kind.BINARY).page(None, b"b", 10)) == (
        'r."key" IS NOT NULL AND r."key" <= x\'62\' ORDER BY r."key" LIMIT 10'
    )
    assert after_from(mysql("utf8mb4_general_ci").page(b"b", None, 10)) == (
        f"r.\"key\" IS NOT NULL AND {cast} > x'62' ORDER BY {cast} LIMIT 10"
    )


def test_look_ups_ask_the_index_and_then_the_bytes() -> None:
    assert after_from(postgresql().lookup([b"a"])) == 'r."key" IN (E\'\\x61\') AND r."key" COLLATE "C" IN (E\'\\x61\')'
    assert after_from(mysql("latin1_swedish_ci").lookup([b"a"])) == (
        "r.\"key\" IN (CONVERT(_utf8mb4 x'61' USING latin1) COLLATE latin1_swedish_ci) "
        "AND CAST(CONVERT(r.\"key\" USING utf8mb4) AS BINARY) IN (x'61')"
    )


@pytest.mark.parametrize("sql", [postgresql(), mysql(), mysql("binary", key=Kind.BINARY), mysql("utf8mb4_general_ci")])
def test_no_byte_of_a_key_is_in_the_text_as_it_is(sql: ServerSql) -> None:
    key = "'; DROP TABLE s3_files; -- \\ %s :x \" ` é \U0001f600".encode()
    for text in (sql.page(key, key, 5), sql.lookup([key]), sql.count(key, key), sql.nth_key(key, ">", key, 1)):
        assert re.fullmatch(r"""[A-Za-z0-9_ .,()*'"=<>\\-]*""", text), text
        assert "DROP" not in text


@pytest.mark.parametrize("make", [postgresql, lambda table: mysql(table=table)])
def test_a_query_stands_where_the_table_stood(make: type) -> None:
    sql: ServerSql = make(RowTable(query="SELECT * FROM t -- all of it", key="k"))
    assert sql.count(None, None) == 'SELECT count(*) FROM (SELECT * FROM t -- all of it\n) AS r WHERE r."k" IS NOT NULL'
    assert '(SELECT * FROM t -- all of it\n) AS r WHERE r."k" IS NOT NULL' in sql.page(None, None, 3)


def test_names_are_quoted() -> None:
    table = RowTable('odd "name', "the key", 'u"', "select", "c t", "at;")
    sql = postgresql(table).page(None, None, 1)
    assert 'FROM "odd ""name" AS r' in sql
    assert 'r."u""" AS "uid", r."select" AS "size", r."c t" AS "content_type"' in sql


def test_columns_that_there_are_not() -> None:
    table = RowTable(uid="", size="", content_type="", created_at="")
    absent = dict.fromkeys(("uid", "size", "content_type", "created_at"), Kind.ABSENT)
    assert (
        postgresql(table, **absent)
        .page(None, None, 1)
        .startswith(
            'SELECT r."key" AS "key", CAST(NULL AS text) AS "uid", CAST(NULL AS bigint) AS "size", '
            'CAST(NULL AS text) AS "content_type", CAST(NULL AS bigint) AS "micros", NULL AS "time_text" FROM'
        )
    )
    assert (
        mysql(table=table, **absent)
        .page(None, None, 1)
        .startswith(
            'SELECT r."key" AS "key", NULL AS "uid", NULL AS "size", NULL AS "content_type", '
            'NULL AS "micros", NULL AS "time_text" FROM'
        )
    )
