"""The tree as it is walked with keys; no terminal is needed for that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from auditor.cli.asking.walk import Entries, Walk
from auditor.cli.asking.walk_words import Help
from auditor.errors import AuditorError, CannotStart
from auditor.runs.asking.engine import open_engine
from auditor.runs.asking.question import objects_of
from auditor.runs.asking.tree import Tree
from auditor.runs.folder import open_run
from tests.asking.folders import Thing, run_folder

HELD = (
    Thing("deep/er/a//b/c/x", 50, name="orphan"),
    Thing("deep/er/y", 5),
    Thing("many/1", 10),
    Thing("many/2", 10),
    Thing("[red]bold/\x1b[2J", 1, name="unknown"),
    Thing("top", 3),
)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    with open_engine() as engine:
        yield Tree(engine, objects_of(open_run(run_folder(tmp_path / "run", HELD))))


Seen = tuple[str, list[str], str]


def walked(tree: Tree, *keys: str) -> list[Seen]:
    """At the start and after each key: where one is, the names that are shown, and the one under the cursor."""

    async def walk() -> list[Seen]:
        app = Walk(tree, "s3://oseh/")
        async with app.run_test(size=(100, 30)) as pilot:
            await settled(pilot)
            steps = [seen(app)]
            for key in keys:
                await pilot.press(key)
                await settled(pilot)
                steps.append(seen(app))
        return steps

    return asyncio.run(walk())


async def settled(pilot: Pilot[AuditorError]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def seen(app: Walk) -> Seen:
    table = app.query_one(Entries)
    names = [str(table.get_row_at(row)[-1]) for row in range(table.row_count)]
    return str(app.query_one("#where").render()), names, names[table.cursor_row] if names else ""


TOP = ["deep/", "many/", "(files)", "  top", "[red]bold/"]


def places(tree: Tree, *keys: str) -> list[str]:
    return [where.removeprefix("s3://oseh/") for where, _, _ in walked(tree, *keys)]


def test_walking_down_and_up_again(tree: Tree) -> None:
    down = ("enter", "right", "l", "enter", "enter")
    up = ("left", "h", "backspace", "left", "left", "left")
    there = ["", "deep/", "deep/er/", "deep/er/a/", "deep/er/a//", "deep/er/a//b/"]
    assert places(tree, *down, *up) == [*there, *reversed(there[:-1]), ""]


def test_back_is_where_one_came_from_and_files_cannot_be_opened(tree: Tree) -> None:
    steps = walked(tree, "down", "enter", "left", "down", "enter")
    assert steps[0] == ("s3://oseh/", TOP, "deep/")
    assert steps[2] == ("s3://oseh/many/", ["(files)", "  1", "  2"], "(files)")
    assert steps[3] == ("s3://oseh/", TOP, "many/")
    assert steps[5] == ("s3://oseh/", TOP, "(files)")


def test_orders(tree: Tree) -> None:
    _, name, orphaned, objects, size = [names for _, names, _ in walked(tree, "n", "r", "o", "s")]
    assert name == ["(files)", "  top", "[red]bold/", "deep/", "many/"]
    assert orphaned[:2] == ["deep/", "[red]bold/"]
    assert objects == ["deep/", "many/", "(files)", "  top", "[red]bold/"]
    assert size == TOP


@pytest.mark.slow
def test_searching_and_all_again(tree: Tree) -> None:
    steps = walked(tree, "slash", "r", "e", "d", "enter", "escape", "slash", "q", "n", "enter")
    assert steps[5] == ("s3://oseh/", ["[red]bold/"], "[red]bold/")
    assert steps[6] == ("s3://oseh/", TOP, "deep/")
    assert steps[-1][1] == []  # letters are letters there


def test_help_comes_and_goes_and_q_ends(tree: Tree) -> None:
    async def walk() -> None:
        app = Walk(tree, "s3://oseh/")
        async with app.run_test() as pilot:
            await pilot.press("question_mark")
            assert isinstance(app.screen, Help)
            await pilot.press("x")
            assert not isinstance(app.screen, Help)
            await pilot.press("q")
            await pilot.pause()
            assert (app.is_running, app.return_value) == (False, None)

    asyncio.run(walk())


def test_a_record_that_goes_away_ends_the_walk_with_a_reason(tree: Tree, tmp_path: Path) -> None:
    async def walk() -> Walk:
        app = Walk(tree, "s3://oseh/", "deep/er/a/")
        (tmp_path / "run/objects.parquet").unlink()
        async with app.run_test() as pilot:
            with suppress(WorkerCancelled):  # by the end of the app
                await settled(pilot)
        return app

    assert isinstance(asyncio.run(walk()).return_value, CannotStart)


def test_a_hostile_name_moves_nothing(tree: Tree) -> None:
    assert walked(tree, *("down",) * 4, "enter")[-1][1] == ["(files)", "  \\x1b[2J  unknown"]
