"""Reads the table `[references]` of the bindings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from auditor.spec.kinds import KindError, read_kind
from auditor.spec.quoting import quoted
from auditor.spec.references import KEY, Column, References, Superseded
from auditor.spec.toml import Path

if TYPE_CHECKING:
    from auditor.spec.bindings import Reader

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_COLUMN = re.compile(rf"({_NAME})[.]({_NAME})")
_TEXT = re.compile(rf"({_NAME})[.]({_NAME}|[*])")
_LISTS = ("uses", "libraries", "owners")
_KEYS = ("files", *_LISTS, "dependants", "superseded", "columns", "texts")


def read_references(reader: Reader, value: Any) -> References | None:
    """None where the bindings have no such table."""
    if value is None:
        return None
    path: Path = ("references",)
    table = reader.table(path, value, _KEYS)
    uses, libraries, owners = (reader.table_names((*path, name), table.get(name)) for name in _LISTS)
    read = References(
        _name(reader, (*path, "files"), table.get("files")),
        uses,
        libraries,
        owners,
        _dependants(reader, (*path, "dependants"), table.get("dependants")),
        _superseded(reader, (*path, "superseded"), table.get("superseded")),
        _columns(reader, (*path, "columns"), table.get("columns")),
        _texts(reader, (*path, "texts"), table.get("texts")),
    )
    _once(reader, path, read)
    return read


def _name(reader: Reader, path: Path, value: Any) -> str | None:
    if value is None:
        return None
    if reader.is_name(value):
        return str(value)
    reader.misnamed(path, f"{quoted(str(value))} is no name of a table or column", "letters, digits and `_`")
    return None


def _dependants(reader: Reader, path: Path, value: Any) -> dict[str, str]:
    found = {table: _name(reader, (*path, table), column) for table, column in reader.table(path, value).items()}
    return {table: column for table, column in found.items() if column is not None}


def _superseded(reader: Reader, path: Path, value: Any) -> dict[str, Superseded]:
    found = {}
    for name, entry in reader.table(path, value).items():
        inner = reader.table((*path, name), entry, ("newest", "per"))
        newest = _name(reader, (*path, name, "newest"), inner.get("newest"))
        if newest is None and "newest" not in inner:
            reader.misnamed((*path, name), f"{quoted(name)} has no column `newest`", 'such as `newest = "created_at"`')
        if newest is not None:
            found[name] = Superseded(newest, _name(reader, (*path, name, "per"), inner.get("per")))
    return found


def _columns(reader: Reader, path: Path, value: Any) -> dict[Column, Column]:
    found = {}
    for text, target in reader.table(path, value).items():
        pair = _column(reader, (*path, text), text, _COLUMN), _column(reader, (*path, text), target, _COLUMN)
        if pair[0] and pair[1]:
            found[pair[0]] = pair[1]
    return found


def _texts(reader: Reader, path: Path, value: Any) -> dict[Column, dict[str, Column]]:
    found: dict[Column, dict[str, Column]] = {}
    for text, entry in reader.table(path, value).items():
        source = _column(reader, (*path, text), text, _TEXT)
        named = {}
        for kind, target in reader.table((*path, text), entry).items():
            place = (*path, text, kind)
            prefix, column = _prefix(reader, place, kind), _column(reader, place, target, _COLUMN)
            if prefix is not None and column is not None:
                named[prefix] = column
        if source:
            found[source] = named
    return found


def _column(reader: Reader, path: Path, value: Any, form: re.Pattern[str]) -> Column | None:
    match = form.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        reader.misnamed(path, f"{quoted(str(value))} is no column", '`"table.column"`')
        return None
    return match[1], match[2]


def _prefix(reader: Reader, path: Path, text: str) -> str | None:
    """The beginning of such uids, or KEY."""
    try:
        if text == KEY or (read_kind(text).rung == "uid" and not text.endswith("?")):
            return text if text == KEY else read_kind(text).prefix
    except KindError:
        pass
    reader.misnamed(path, f"{quoted(text)} cannot be found in a text", f"`uid(PREFIX)` or `{KEY}`")
    return None


def _once(reader: Reader, path: Path, read: References) -> None:
    seen: set[str] = set()
    for name in read.tables:
        if name in seen:
            reader.misnamed(path, f"table {quoted(name)} has two places in [references]", "one place for each table")
        seen.add(name)
