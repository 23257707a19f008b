"""One settings file held against what may be set: the values, or every fault at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.settings.faults import SettingsError, about_key, about_syntax, about_value
from auditor.settings.file import read_source
from auditor.settings.shape import Setting, Table, Unsuitable
from auditor.spec import Fault, SpecificationError, decode
from auditor.spec.likeness import Likeness
from auditor.spec.quoting import quoted
from auditor.spec.toml import Path as Keys
from auditor.spec.toml import Toml, read_toml


@dataclass(frozen=True)
class Given:
    """A value as the command takes it, and the line that says so."""

    value: Any
    line: int


@dataclass(frozen=True)
class Settings:
    """`name` is the file's for people; `values` by table and setting, in the spelling with hyphens."""

    path: Path
    name: str
    values: Mapping[Keys, Given]

    def under(self, *tables: str) -> dict[str, Given]:
        """The settings of one table."""
        return {keys[-1]: given for keys, given in self.values.items() if keys[:-1] == tables}


def read_settings(path: Path, shape: Table) -> Settings:
    """Raises SettingsError with everything that is wrong, and CannotStart if the file cannot be read."""
    source = read_source(path)
    try:
        toml = read_toml(decode(source))
    except SpecificationError as error:
        raise SettingsError(map(about_syntax, error.faults)) from None
    reader = _Reader(toml, path.absolute().parent)
    values = dict(reader.table((), (), toml.values, shape))
    if reader.faults:
        raise SettingsError(reader.faults)
    return Settings(path, source.name, values)


class _Reader:
    """`written` are keys as in the file, `meant` the same with hyphens."""

    def __init__(self, toml: Toml, folder: Path) -> None:
        self.faults: list[Fault] = []
        self._toml = toml
        self._folder = folder

    def table(
        self, written: Keys, meant: Keys, content: Mapping[str, Any], shape: Table
    ) -> Iterator[tuple[Keys, Given]]:
        seen: dict[str, str] = {}
        for key, value in content.items():
            path, name = (*written, key), key.replace("_", "-")
            if name in seen:
                self._key(path, f"{quoted(key)} sets what {quoted(seen[name])} has set", "one of the two")
            elif name in shape.settings:
                yield from self._setting(path, (*meant, name), value, shape.settings[name])
            elif name not in shape.tables:
                self._unknown(path, value, shape)
            elif isinstance(value, dict):
                yield from self.table(path, (*meant, name), value, shape.tables[name])
            else:
                self._key(path, f"{quoted(key)} is not a table", f"a table, such as `[{'.'.join((*meant, name))}]`")
            seen[name] = key

    def _setting(self, written: Keys, meant: Keys, value: Any, setting: Setting) -> Iterator[tuple[Keys, Given]]:
        try:
            read = setting.read(value, self._folder)
        except Unsuitable as fault:
            self._value(written, fault, setting)
            return
        yield meant, Given(read, self._toml.location(written).line)

    def _unknown(self, written: Keys, value: Any, shape: Table) -> None:
        tables = isinstance(value, dict) or not shape.settings
        kind = "table" if isinstance(value, dict) else "setting"
        within = f" in {quoted('.'.join(written[:-1]))}" if written[:-1] else ""
        meant = Likeness(shape.tables if tables else shape.settings).to(written[-1].replace("_", "-"))
        if not shape.settings and kind == "setting":
            meant = f"it in the table of a command, such as {quoted(_table_for(written, shape))}"
        self._key(written, f"there is no {kind} {quoted(written[-1])}{within}", meant)

    def _key(self, written: Keys, message: str, expected: str) -> None:
        self.faults.append(about_key(self._toml.fault(written, message, expected)))

    def _value(self, written: Keys, wrong: Unsuitable, setting: Setting) -> None:
        element = () if wrong.element is None else (str(wrong.element),)
        said = "has a value that it does not take" if setting.secret else wrong.message
        message = f"{quoted(written[-1])} {said}"
        fault = self._toml.fault((*written, *element), message, wrong.expected, at_value=not setting.secret)
        if setting.secret:
            self.faults.append(about_key(fault))
            return
        key = self._toml.location(written)
        self.faults.append(about_value(fault, key.column if key.line == fault.line else None))


def _table_for(written: Keys, shape: Table) -> str:
    """The header of a table below that has such a setting, or else of any."""
    *above, key = written
    having = (name for name, table in shape.tables.items() if key.replace("_", "-") in table.settings)
    return f"[{'.'.join((*above, next(having, next(iter(shape.tables), ''))))}]"
