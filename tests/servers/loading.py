"""The world's rows in a real database server: the same tables, foreign keys and indexes as in its SQLite file."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from tests.servers.databases import DatabaseServer
from tests.world import database
from tests.world.schema import SQL, TABLES
from tests.world.world import World


def load(server: DatabaseServer, name: str, world: World) -> str:
    """Makes the database `name` and fills it with the rows that are there now; returns its URL."""
    server.create(name)
    statements = [text for text in (part.strip() for part in _schema(server).split(";")) if text]
    server.execute(name, *statements)
    by_table: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in database.rows_at(world.ledger, None):
        by_table[row.table].append(_typed(row.values) if row.table == "s3_files" else row.values)
    for table in TABLES:
        if rows := by_table[table]:
            columns = ", ".join(server.quoted(column) for column in rows[0])
            marks = ", ".join(f"%({column})s" for column in rows[0])
            server.execute(name, f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows=rows)
    return server.url(name)


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """A server keeps no text in a column of times: what is no time becomes NULL."""
    at = values["created_at"]
    sane = isinstance(at, int | float) and at < datetime.max.replace(tzinfo=UTC).timestamp()
    return values | {"created_at": datetime.fromtimestamp(at, UTC) if sane else None}


def _schema(server: DatabaseServer) -> str:
    text = re.sub("--.*", "", SQL)
    for word in ("key", "offset", "schema"):  # reserved
        text = re.sub(rf"\b{word}\b(?= (TEXT|INTEGER))|(?<=\(){word}(?=\))", server.quoted(word), text)
    text = re.sub(r"\bTEXT UNIQUE\b", f"{server.text} UNIQUE", text)
    text = re.sub(rf"(?<={re.escape(server.quoted('key'))} )TEXT\b", server.whole_key, text)
    text = text.replace("TIMESTAMP NOT NULL", f"{server.moment} NULL").replace("REAL", "DOUBLE PRECISION")
    text = re.sub(r"\bINTEGER\b", "BIGINT", text)
    text = re.sub(r"\bTEXT\b(?! CHARACTER)", server.long_text, text)
    return text.replace(f"s3_files({server.quoted('key')})", f"s3_files({server.key_in_order})")
