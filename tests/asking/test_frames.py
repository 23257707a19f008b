"""`auditor.open_run`: frames whose columns and dtypes are the documented ones, and the notebook that uses them."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import auditor
from auditor.errors import CannotStart
from auditor.findings import State
from auditor.runs.frames import OpenedRun
from tests.asking.folders import Thing, run_folder
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.sample import STARTED, finding

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs/notebooks/investigating.ipynb"
FOUND = replace(finding("REF001", "b", family="uploads"), state=State.NEW, first_seen=STARTED, nights=1)


@pytest.fixture
def run(tmp_path: Path) -> OpenedRun:
    held = [
        *(Thing(key) for key in HOSTILE_KEYS),
        Thing("b", 7, name="orphan"),
        Thing("c", family=None, name="unknown"),
    ]
    return auditor.open_run(run_folder(tmp_path / "run", held, [FOUND], fixed=[finding("REF003", "z")]))


def documented(method: object) -> dict[str, str]:
    rows = re.findall(r"^\s*\| (\w+) +\| (\w\S*(?: \S+)*?) +\|", method.__doc__ or "", re.MULTILINE)
    return {column: dtype for column, dtype in rows if column != "column"}


@pytest.mark.parametrize("name", ["objects", "findings", "families"])
def test_frames_are_as_documented(run: OpenedRun, name: str) -> None:
    frame = getattr(run, name)()
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == documented(getattr(OpenedRun, name))
    assert list(frame.columns) == list(documented(getattr(OpenedRun, name)))
    assert len(frame)


def test_objects(run: OpenedRun) -> None:
    assert list(run.objects()["key"]) == sorted([*HOSTILE_KEYS, "b", "c"], key=str.encode)
    some = run.objects(["size", "key"], families=["images/exports"], classes=iter(["orphan"]))
    assert some.to_dict("list") == {"size": [7], "key": ["b"]}
    assert list(run.objects(families=[None])["key"]) == ["c"]
    assert run.objects(classes=[]).dtypes.equals(run.objects().dtypes)
    assert len(run.objects(classes=[])) == 0


def test_batches_are_the_same(run: OpenedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.runs.asking.engine.BATCH", 10)
    batches = list(run.batches())
    assert len(batches) > 1
    pd.testing.assert_frame_equal(pd.concat(batches, ignore_index=True), run.objects())


def test_findings_and_what_is_fixed(run: OpenedRun) -> None:
    (found,) = run.findings().to_dict("records")
    assert (found["key"], found["state"], found["nights"], found["first_seen"]) == ("b", "new", 1, STARTED)
    assert pd.isna(found["suppressed"])
    fixed = run.fixed()
    assert list(fixed["state"]) == ["fixed"]
    assert fixed.dtypes.equals(run.findings().dtypes)


def test_families_add_up(run: OpenedRun) -> None:
    families = run.families()
    assert families["objects"].sum() == sum(tally["objects"] for tally in run.summary["classes"].values())
    assert families["family"].isna().any()


def test_what_cannot_be_opened(run: OpenedRun, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="objects have no column 'colour'"):
        run.objects(["colour"])
    with pytest.raises(CannotStart, match=r"has no summary\.json"):
        auditor.open_run(str(tmp_path / "run" / "nothing"))
    assert auditor.open_run(str(tmp_path)).folder == tmp_path / "run"


def test_the_package_stays_light() -> None:
    code = """if True:
        import auditor, sys
        auditor.__version__
        assert not {"pandas", "duckdb"} & {*sys.modules}
        import auditor.cli
        assert not {"duckdb", "textual"} & {*sys.modules}
    """
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    with pytest.raises(AttributeError, match="'nothing'"):
        auditor.nothing  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.slow
def test_the_notebook_runs_and_is_kept_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = [Thing(f"a/{number}", number) for number in range(9)] + [Thing("b", 7, name="orphan")]
    monkeypatch.setenv("AUDITOR_RUN", str(run_folder(tmp_path / "run", held, [FOUND])))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in cells)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    (orphans,) = [output["data"]["text/plain"] for output in cells[4].outputs]
    assert orphans.split() == ["count", "sum", "last_modified", "2026-02", "1", "7"]
    (largest,) = [output["data"]["text/plain"] for output in cells[-1].outputs]
    assert len(largest.split("\n")) == 6
