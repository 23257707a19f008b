"""Hands a target to libFuzzer."""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path

import atheris

_INSTRUMENTED = ["auditor.spec", "auditor.formats", "rules", "markdown_it", "tests.fuzz"]


def main() -> None:
    _, name, *arguments = sys.argv
    with atheris.instrument_imports(include=_INSTRUMENTED):
        target = import_module(f"tests.fuzz.{name}")
    with tempfile.TemporaryDirectory() as seeds, tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.SEEDS):
            (Path(seeds) / str(number)).write_bytes(seed)
        # libFuzzer writes what it finds into the first folder, and only reads the others.
        kept = [] if any(not argument.startswith("-") for argument in arguments) else [corpus]
        atheris.Setup([name, *arguments, *kept, seeds], target.one)
        atheris.Fuzz()


main()
