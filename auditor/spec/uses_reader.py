"""Reads `content_types`, `expires` and `part` of one template's bindings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from auditor.spec.quoting import quoted
from auditor.spec.toml import Path
from auditor.spec.uses import ContentTypes, Expiry, Part

_NAMES = "letters, digits and `_`"


class UsesReader(ABC):
    """Rests on what a reader of bindings offers: values of the right type, and a fault for every other."""

    @abstractmethod
    def _wrong(self, path: Path, message: str, expected: str) -> None: ...

    @abstractmethod
    def misnamed(self, path: Path, message: str, expected: str) -> None: ...

    @abstractmethod
    def table(self, path: Path, value: Any, known: tuple[str, ...] = ()) -> dict[str, Any]: ...

    @abstractmethod
    def is_name(self, value: Any) -> bool: ...

    @abstractmethod
    def _strings(self, path: Path, value: Any) -> tuple[str, ...]: ...

    def _content_types(self, path: Path, value: Any) -> ContentTypes | None:
        """A list of globs, or `{ field = { value = globs } }`."""
        if value is None:
            return None
        if not isinstance(value, dict):
            return ContentTypes(None, {"": self._globs(path, value)})
        if len(value) != 1:
            self._wrong(path, "`content_types` does not name one field", "`{ field = { value = [types] } }`")
            return None
        ((field, by_value),) = value.items()
        values = self.table((*path, field), by_value)
        return ContentTypes(field, {one: self._globs((*path, field, one), globs) for one, globs in values.items()})

    def _globs(self, path: Path, value: Any) -> tuple[str, ...]:
        globs = (value,) if isinstance(value, str) and value else self._strings(path, value)
        if value == []:
            self._wrong(path, "no content type is named", "at least one")
        for glob in globs:
            if "/" not in glob and glob != "*":
                self._wrong(path, f"{quoted(glob)} is no content type", "such as `image/png` or `image/*`")
        return globs

    def _expires(self, path: Path, value: Any) -> Expiry | None:
        said = self._names(path, value, required=("table", "column"), optional=("done", "deadline"), free=("field",))
        if said is None:
            return None
        if "done" not in said and "deadline" not in said:
            self._wrong(path, "`expires` names no time", "a column of times as `done`, as `deadline`, or both")
            return None
        return Expiry(said["field"], said["table"], said["column"], said.get("done"), said.get("deadline"))

    def _part(self, path: Path, value: Any) -> Part | None:
        said = self._names(path, value, required=("table", "file", "start", "end"), optional=("id",))
        if said is None:
            return None
        return Part(said["table"], said["file"], said.get("id", "id"), said["start"], said["end"])

    def _names(
        self, path: Path, value: Any, required: tuple[str, ...], optional: tuple[str, ...], free: tuple[str, ...] = ()
    ) -> dict[str, str] | None:
        """A table of names of tables and columns; those that are `free` name something else. None with a fault."""
        if value is None:
            return None
        table = self.table(path, value, (*free, *required, *optional))
        wanted = (*free, *required)
        if lacking := [name for name in wanted if name not in table]:
            self._wrong(path, f"{quoted(path[-1])} does not say {quoted(lacking[0])}", "all of " + ", ".join(wanted))
            return None
        known = {name: given for name, given in table.items() if name in (*wanted, *optional)}
        for name, given in known.items():
            if not isinstance(given, str) or not (given if name in free else self.is_name(given)):
                self.misnamed((*path, name), f"{quoted(str(given))} is no name of a table or column", _NAMES)
                return None
        return known
