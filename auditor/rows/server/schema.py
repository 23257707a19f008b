"""Which columns refer to which, as the database's own schema says."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, inspect

from auditor.rows.base import ForeignKey

_OF_THE_SERVER = frozenset({"information_schema", "mysql", "performance_schema", "sys"})


def foreign_keys(connection: Connection) -> list[ForeignKey]:
    """Every foreign key of every schema that this user can see, sorted; a composite one column by column.

    Tables outside of the default schema are named with theirs. Raises SQLAlchemyError.
    """
    inspector = inspect(connection)
    default = inspector.default_schema_name
    found: set[ForeignKey] = set()
    for schema in inspector.get_schema_names():
        if schema.lower() in _OF_THE_SERVER or schema.startswith("pg_"):
            continue
        for (_, table), keys in inspector.get_multi_foreign_keys(schema=schema).items():
            for key in keys:
                name = _named(table, schema, default)
                target = _named(key["referred_table"], key["referred_schema"] or default or schema, default)
                found |= set(_parts(name, key["constrained_columns"], target, key["referred_columns"]))
    return sorted(found, key=lambda key: (key.table, key.column, key.target, key.target_column))


def _named(table: str, schema: str, default: str | None) -> str:
    return table if schema == default else f"{schema}.{table}"


def _parts(table: str, columns: list[str], target: str, target_columns: list[str]) -> Iterator[ForeignKey]:
    for column, target_column in zip(columns, target_columns, strict=True):
        yield ForeignKey(table, column, target, target_column)
