"""The tree as it is walked with keys; no terminal is needed for that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from auditor.cli.asking.walk import Entries, Walk
from auditor.cli.asking.walk_words import Help
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


def walked(tree: Tree, *keys: str) -> tuple[str, list[str], str]:
    """Where one is after these keys, the names that are shown, and the one under the cursor."""

    async def walk() -> tuple[str, list[str], str]:
        app = Walk(tree, "s3://oseh/")
        async with app.run_test(size=(100, 30)) as pilot:
            await settled(pilot)
            for key in keys:
                await pilot.press(key)
                await settled(pilot)
            return seen(app)

    return asyncio.run(walk())


async def settled(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def seen(app: Walk) -> tuple[str, list[str], str]:
    table = app.query_one(Entries)
    names = [str(table.get_row_at(row)[-1]) for row in range(table.row_count)]
    return str(app.query_one("#where").render()), names, names[table.cursor_row] if names else ""


TOP = ["deep/", "many/", "(files)", "  top", "[red]bold/"]


def test_the_top_is_shown_as_text(tree: Tree) -> None:
    assert walked(tree) == ("s3://oseh/", TOP, "deep/")


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        (("enter",), "deep/"),
        (("right", "l", "enter"), "deep/er/a/"),
        (("enter", "enter", "enter", "enter", "enter"), "deep/er/a//b/"),
        (("enter", "enter", "enter", "enter", "left", "h"), "deep/er/"),
        (("enter", "backspace", "backspace"), ""),
        (("down", "down", "enter"), ""),  # files cannot be opened
    ],
)
def test_walking(tree: Tree, keys: tuple[str, ...], where: str) -> None:
    assert walked(tree, *keys)[0] == f"s3://oseh/{where}"


def test_back_is_where_one_came_from(tree: Tree) -> None:
    assert walked(tree, "down", "enter", "left") == ("s3://oseh/", TOP, "many/")


def test_orders(tree: Tree) -> None:
    assert walked(tree, "n")[1] == ["(files)", "  top", "[red]bold/", "deep/", "many/"]
    assert walked(tree, "r")[1][:2] == ["deep/", "[red]bold/"]
    assert walked(tree, "n", "s")[1] == TOP


def test_searching_and_all_again(tree: Tree) -> None:
    assert walked(tree, "slash", "r", "e", "d", "enter") == ("s3://oseh/", ["[red]bold/"], "[red]bold/")
    assert walked(tree, "slash", "r", "e", "d", "enter", "escape")[1] == TOP
    assert walked(tree, "slash", "q", "n", "enter")[1] == []  # letters are letters there


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
            assert not app.is_running

    asyncio.run(walk())


def test_a_hostile_name_moves_nothing(tree: Tree) -> None:
    _, names, _ = walked(tree, *("down",) * 4, "enter")
    assert names == ["(files)", "  \\x1b[2J  unknown"]
