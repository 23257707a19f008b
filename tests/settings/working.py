"""A working folder with settings, and no others: neither of the environment nor of a folder above."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.scanning import auditor


class Working:
    """`deep` is the working folder, below the folder whose settings are written."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.deep = folder / "some" / "where"
        self.deep.mkdir(parents=True)
        self._patch = patch
        for name in [name for name in os.environ if name.startswith("AUDITOR_")]:
            patch.delenv(name)
        patch.chdir(self.deep)

    def write(self, text: str, *, mode: int = 0o600, name: str = "auditor.toml") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self._patch.setenv(name, value)

    def refused(self, *arguments: str) -> str:
        """What is said on standard error by a call that does not start, with this folder's name shortened."""
        result = auditor(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        return result.stderr.replace(f"{self.folder}/", "")

    def shown(self, *arguments: str) -> dict[str, tuple[Any, str]]:
        """Value and origin by the name of the setting, for one command."""
        result = auditor("config", "show", *arguments, "--format", "json")
        assert result.exit_code == 0, result.stderr
        found = json.loads(result.stdout.replace(f"{self.folder}/", ""))["settings"]
        return {one["name"]: (one["value"], one["origin"]) for one in found}
