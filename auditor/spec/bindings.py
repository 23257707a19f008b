"""The bindings: what the document leaves out, template by template. The form is described in docs/specification.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from auditor.spec.bindings_references import read_references
from auditor.spec.faults import Fault, FaultCode, SpecificationError, Text
from auditor.spec.kinds import Kind, KindError, read_kind
from auditor.spec.model import PendingBinding, RowPolicy
from auditor.spec.quoting import quoted
from auditor.spec.references import References
from auditor.spec.series import SERIES_KEYS, Series, read_series
from auditor.spec.toml import Path, Toml, read_toml
from auditor.spec.uses import ContentTypes, Expiry, Part
from auditor.spec.uses_reader import UsesReader

ROW_COLUMNS = ("name", "key", "uid", "size", "content_type", "created_at")
TEMPLATE_KEYS = (
    *("name", "rows", "tables", "fields", "owners", "content", "secret"),
    *("references", "content_types", "expires", "part"),
    *("expected_tables", "series"),
)
OPTIONAL_COLUMNS = ("uid", "size", "content_type", "created_at")  # "" says that there is none

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OWNER = re.compile(rf"{_IDENTIFIER.pattern}[.]{_IDENTIFIER.pattern}")
_SELECT = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
_ELSEWHERE = "elsewhere"
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NAMES = "letters, digits and `_`"
_POLICIES = (RowPolicy.REQUIRED.value, RowPolicy.NONE.value)


@dataclass(frozen=True)
class Binding:
    """What is said of one template; None and empty where nothing is said."""

    name: str | None = None
    rows: RowPolicy = RowPolicy.UNMANAGED
    tables: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    content: str | None = None
    secret: bool = False
    elsewhere: bool = False
    content_types: ContentTypes | None = None
    expires: Expiry | None = None
    part: Part | None = None
    expected_tables: tuple[str, ...] = ()
    series: Series | None = None


@dataclass(frozen=True)
class Bindings:
    """A whole bindings file; `templates` by the template's text."""

    toml: Toml
    root: str | None
    rows: Mapping[str, str]
    ignore: tuple[str, ...]
    database_backups: tuple[str, ...]
    redis_backups: tuple[str, ...]
    pending: PendingBinding | None
    templates: Mapping[str, Binding]
    references: References | None = None


def read_bindings(source: Text) -> Bindings:
    """Raises SpecificationError with everything that is wrong in itself, whatever the document says."""
    toml = read_toml(source)
    reader = Reader(toml)
    bindings = reader.bindings()
    if reader.faults:
        raise SpecificationError(sorted(reader.faults))
    return bindings


class Reader(UsesReader):
    """Takes values of the right type and notes a fault for every other. An absent value (None) is never a fault."""

    def __init__(self, toml: Toml) -> None:
        self._toml = toml
        self.faults: list[Fault] = []

    def bindings(self) -> Bindings:
        known = ("root", "rows", "ignore", "database_backups", "redis_backups", "pending", "references", "templates")
        top = self.table((), self._toml.values, known)
        ignore = self.table(("ignore",), top.get("ignore"), ("globs",))
        templates = self.table(("templates",), top.get("templates"))
        return Bindings(
            self._toml,
            self._string(("root",), top.get("root")),
            self._row_table(("rows",), top.get("rows")),
            self._strings(("ignore", "globs"), ignore.get("globs")),
            self._strings(("database_backups",), top.get("database_backups")),
            self._strings(("redis_backups",), top.get("redis_backups")),
            self._pending(("pending",), top.get("pending")),
            {text: self._binding(("templates", text), value) for text, value in templates.items()},
            read_references(self, top.get("references")),
        )

    def _binding(self, path: Path, value: Any) -> Binding:
        table = self.table(path, value, TEMPLATE_KEYS)
        return Binding(
            self._string((*path, "name"), table.get("name")),
            self._policy((*path, "rows"), table.get("rows")),
            self.table_names((*path, "tables"), table.get("tables")),
            self._kinds((*path, "fields"), table.get("fields")),
            self._owners((*path, "owners"), table.get("owners")),
            self._string((*path, "content"), table.get("content")),
            self._boolean((*path, "secret"), table.get("secret")),
            self._elsewhere((*path, "references"), table.get("references")),
            self._content_types((*path, "content_types"), table.get("content_types")),
            self._expires((*path, "expires"), table.get("expires")),
            self._part((*path, "part"), table.get("part")),
            self.table_names((*path, "expected_tables"), table.get("expected_tables")),
            self._series((*path, "series"), table.get("series")),
        )

    def _wrong(
        self, path: Path, message: str, expected: str, code: FaultCode = FaultCode.UNREADABLE, within: int = 0
    ) -> None:
        self.faults.append(self._toml.fault(path, message, expected, code, at_value=True, within=within))

    def misnamed(self, path: Path, message: str, expected: str, within: int = 0) -> None:
        self._wrong(path, message, expected, FaultCode.MISNAMED, within)

    def table(self, path: Path, value: Any, known: tuple[str, ...] = ()) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._wrong(path, f"{quoted(path[-1])} is not a table", "a table")
            return {}
        for key in value:
            if known and key not in known:
                fault = self._toml.fault((*path, key), f"unknown key {quoted(key)}", "one of " + ", ".join(known))
                self.faults.append(fault)
        return value

    def _string(self, path: Path, value: Any) -> str | None:
        if value is None or (isinstance(value, str) and value):
            return value
        self._wrong(path, f"{quoted(path[-1])} is not a text", "a string that is not empty")
        return None

    def _boolean(self, path: Path, value: Any) -> bool:
        if value not in (None, True, False) or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            self._wrong(path, f"{quoted(path[-1])} is neither true nor false", "`true` or `false`")
        return value is True

    def _elsewhere(self, path: Path, value: Any) -> bool:
        if value not in (None, _ELSEWHERE):
            self.misnamed(path, f"{quoted(path[-1])} is not {quoted(_ELSEWHERE)}", f'`"{_ELSEWHERE}"`, or nothing')
        return bool(value == _ELSEWHERE)

    def is_name(self, value: Any) -> bool:
        return isinstance(value, str) and _IDENTIFIER.fullmatch(value) is not None

    def _strings(self, path: Path, value: Any) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            self._wrong(path, f"{quoted(path[-1])} is not a list", 'a list of strings, such as `["a", "b"]`')
            return ()
        for number, element in enumerate(value):
            if not isinstance(element, str) or not element:
                self._wrong((*path, str(number)), f"an element of {quoted(path[-1])} is not a text", "a string")
        return tuple(element for element in value if isinstance(element, str))

    def _policy(self, path: Path, value: Any) -> RowPolicy:
        if value is None:
            return RowPolicy.UNMANAGED
        if value not in _POLICIES:
            self.misnamed(path, f"there is no row policy {quoted(str(value))}", '`"required"` or `"none"`')
            return RowPolicy.UNMANAGED
        return RowPolicy(value)

    def _row_table(self, path: Path, value: Any) -> dict[str, str]:
        table = self.table(path, value, (*ROW_COLUMNS, "query"))
        if "query" in table:
            self._check_query((*path, "query"), table["query"], beside_name="name" in table)
        for key in (key for key in table if key in ROW_COLUMNS):
            self._check_identifier((*path, key), table[key], optional=key in OPTIONAL_COLUMNS)
        return {key: name for key, name in table.items() if isinstance(name, str)}

    def _check_identifier(self, path: Path, name: Any, *, optional: bool) -> None:
        if not isinstance(name, str) or not (_IDENTIFIER.fullmatch(name) or (optional and not name)):
            self.misnamed(path, f"{quoted(str(name))} is no name of a table or column", _NAMES)

    def _check_query(self, path: Path, query: Any, *, beside_name: bool) -> None:
        if not isinstance(query, str) or not _SELECT.match(query):
            self._wrong(path, "`query` is no SELECT", "a text that begins with SELECT or WITH")
        elif ";" in query:
            self._wrong(path, "`query` holds a `;`", "one SELECT, without `;`")
        if beside_name:
            self._wrong(path, "`query` stands in place of `name`", "one of the two")

    def _series(self, path: Path, value: Any) -> Series | None:
        if value is None:
            return None

        def wrong(key: str | None, message: str, expected: str) -> None:
            self._wrong(path if key is None else (*path, key), message, expected)

        table = self.table(path, value, SERIES_KEYS)
        return read_series({key: table[key] for key in SERIES_KEYS if key in table}, wrong) if table else None

    def _pending(self, path: Path, value: Any) -> PendingBinding | None:
        if value is None:
            return None
        table = self.table(path, value, ("key", "near"))
        key = self._string((*path, "key"), table.get("key"))
        near = self._duration((*path, "near"), table.get("near"))
        if isinstance(value, dict) and "key" not in table:
            self._wrong(path, '"pending" names no `key`', 'the sorted set, such as `key = "files:purgatory"`')
        return PendingBinding(key or "", PendingBinding.near if near is None else near)

    def _duration(self, path: Path, value: Any) -> timedelta | None:
        if value is None:
            return None
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            self._wrong(path, f"{quoted(path[-1])} is no duration", 'a text such as `"90s"`, `"10m"` or `"1h"`')
            return None
        return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])

    def table_names(self, path: Path, value: Any) -> tuple[str, ...]:
        names = self._strings(path, value)
        for number, name in enumerate(names):
            if name and not _IDENTIFIER.fullmatch(name):
                self.misnamed((*path, str(number)), f"{quoted(name)} is no name of a table", _NAMES)
        return names

    def _kinds(self, path: Path, value: Any) -> dict[str, Kind]:
        kinds = {}
        for name, text in self.table(path, value).items():
            if not isinstance(text, str):
                self._wrong((*path, name), f"the kind of {quoted(name)} is not a text", 'a kind, such as `"int"`')
                continue
            try:
                kinds[name] = read_kind(text)
            except KindError as error:
                self.misnamed((*path, name), error.message, error.expected, error.offset)
        return kinds

    def _owners(self, path: Path, value: Any) -> dict[str, str]:
        owners = self.table(path, value)
        for name, owner in owners.items():
            if not isinstance(owner, str) or not _OWNER.fullmatch(owner):
                self.misnamed((*path, name), f"the owner of {quoted(name)} is no column", '`"table.column"`')
        return owners
