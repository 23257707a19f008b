"""How a server is asked what nothing refers to."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.rows.references.plan import Plan
from auditor.rows.references.sql import Wording, unreferenced
from auditor.rows.server.statements import ServerSql
from auditor.rows.sql import quoted


@dataclass(frozen=True)
class ServerWording(Wording):
    text_type: str = "CHAR"

    def table(self, name: str) -> str:
        return named(name)

    def column(self, name: str) -> str:
        return quoted(name)

    def text(self, expression: str) -> str:
        return f"CAST({expression} AS {self.text_type})"

    def without(self, columns: list[tuple[str, str]]) -> tuple[str, str]:
        """Joins, which a server can hash or look up; PostgreSQL does a large NOT IN once for every row."""
        numbered = list(enumerate(columns))
        joins = [f" LEFT JOIN {name} AS f{n} ON f{n}.v = {column}" for n, (column, name) in numbered]
        return "".join(joins), " AND ".join(f"f{n}.v IS NULL" for n, _ in numbered)


def question(sql: ServerSql, plan: Plan, after: bytes | None, until: bytes | None) -> str:
    """A SELECT of the `Witness`es of rows with a key in (after, until]."""
    wording = ServerWording(
        files=sql.shape.relation,
        key=sql.key_text,
        uid=f"CAST({sql.text('uid')} AS {sql.text_type})",
        wanted=sql.in_range(after, until),
        text_type=sql.text_type,
    )
    return unreferenced(plan, wording)


def texts_of(table: str, column: str | None) -> str:
    """A column, or all columns, of a whole table."""
    return f"SELECT t.{quoted(column) if column else '*'} FROM {named(table)} AS t"  # noqa: S608 -- quoted


def named(table: str) -> str:
    """Quoted; a table outside of the default schema comes with the schema's name before a dot.

    >>> named("s3_files"), named("old.parts")
    ('"s3_files"', '"old"."parts"')
    """
    return ".".join(quoted(part) for part in table.split(".", 1))
