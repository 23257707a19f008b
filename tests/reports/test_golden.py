from __future__ import annotations

import pytest

from tests.reports.golden import CASES, FOLDER, rendered


@pytest.mark.parametrize("name", CASES)
def test_the_whole_output_is_as_it_was(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {"TERM": "dumb", "COLUMNS": "33", "NO_COLOR": "1", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(variable, value)
    expected = (FOLDER / name).open(encoding="utf-8", newline="").read()
    assert rendered(name) == expected


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(CASES)
