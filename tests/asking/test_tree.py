"""`auditor tree`: sums that agree with the objects, whatever keys look like, and what is told of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.runs.asking.engine import Engine, open_engine
from auditor.runs.asking.question import objects_of
from auditor.runs.asking.tree import SORTS, Entry, Tree, View, Weight
from auditor.runs.folder import open_run
from tests.asking.folders import Thing, run_folder
from tests.reports.hostile import HOSTILE_KEYS
from tests.scanning import auditor

_numbers = count()
parts = st.sampled_from(["", "a", "b", "é", "\n", "[red]", "\U0010ffff", "\0"])
keys = st.one_of(st.lists(parts, min_size=2, max_size=6).map("/".join).filter(bool), st.sampled_from(HOSTILE_KEYS))
things = st.builds(
    Thing, key=keys, size=st.integers(0, 9), name=st.sampled_from(["ok", "orphan", "unknown", "too-new"])
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine() as opened:
        yield opened


def tree_of(engine: Engine, folder: Path, held: list[Thing], depth: int = 3) -> Tree:
    return Tree(engine, objects_of(open_run(run_folder(folder / str(next(_numbers)), held))), depth)


def weight(held: list[Thing]) -> Weight:
    orphans, unknown = ([thing for thing in held if thing.name == name] for name in ("orphan", "unknown"))
    numbers = [(len(some), sum(thing.size for thing in some)) for some in (held, orphans, unknown)]
    return Weight(*[number for pair in numbers for number in pair])


def expected(held: list[Thing], prefix: str) -> dict[str, Weight]:
    groups: dict[str, list[Thing]] = {}
    for thing in held:
        if thing.key.startswith(prefix):
            folder, slash, _ = thing.key[len(prefix) :].partition("/")
            groups.setdefault(folder + slash if slash else "", []).append(thing)
    return {name: weight(group) for name, group in groups.items()}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=st.lists(things, max_size=5, unique_by=lambda thing: thing.key), depth=st.integers(1, 3))
def test_every_level_sums_what_lies_under_it(held: list[Thing], depth: int, engine: Engine, tmp_path: Path) -> None:
    tree = tree_of(engine, tmp_path, held, depth)
    todo = [""]
    while todo:
        prefix = todo.pop()
        level = tree.level(prefix)
        under = [thing for thing in held if thing.key.startswith(prefix)]
        assert {entry.name: entry.weight for entry in level.entries} == expected(held, prefix)
        assert (level.total, level.left, level.rest) == (weight(under), 0, weight([]))
        files = sorted((-thing.size, thing.key) for thing in under if "/" not in thing.key[len(prefix) :])
        assert [(-file.size, prefix + file.name) for file in tree.files(prefix, 99)] == files
        todo += [prefix + entry.name for entry in level.entries if entry.is_folder]


def test_what_is_left_out_is_summed(engine: Engine, tmp_path: Path) -> None:
    held = [Thing(f"flat/{number:05}/x", size=number) for number in range(2_000)]
    level = tree_of(engine, tmp_path, held).level("flat/", View(limit=3))
    assert [entry.name for entry in level.entries] == ["01999/", "01998/", "01997/"]
    assert (level.left, level.rest.objects) == (1_997, 1_997)
    assert level.rest.bytes == sum(range(1_997))


def test_a_key_of_a_thousand_slashes_can_be_followed(engine: Engine, tmp_path: Path) -> None:
    tree = tree_of(engine, tmp_path, [Thing("/" * 1024), Thing("/" * 1000 + "x")])
    assert tree.level("/" * 999).entries == (Entry("/", Weight(2, 200, 0, 0, 0, 0)),)
    assert {entry.name for entry in tree.level("/" * 1000).entries} == {"", "/"}
    assert tree.files("/" * 1024)[0].name == ""


@pytest.mark.parametrize(
    ("view", "names"),
    [
        (View(sort="size"), ["big/", "many/", "lost/", ""]),
        (View(sort="objects"), ["many/", "", "big/", "lost/"]),
        (View(sort="orphaned"), ["lost/", "", "big/", "many/"]),
        (View(sort="name"), ["", "big/", "lost/", "many/"]),
        (View(least=30), ["big/", "many/"]),
        (View(search="LO"), ["lost/"]),
        (View(search="%"), []),
    ],
)
def test_views(engine: Engine, tmp_path: Path, view: View, names: list[str]) -> None:
    held = [Thing("big/x", 90), *(Thing(f"many/{n}", 10) for n in range(3)), Thing("lost/x", 20, name="orphan")]
    level = tree_of(engine, tmp_path, [*held, Thing("x", 1), Thing("y", 0)]).level("", view)
    assert [entry.name for entry in level.entries] == names
    assert set(SORTS) == {"size", "objects", "orphaned", "name"}


@pytest.fixture
def run(tmp_path: Path) -> str:
    held = [
        *(Thing(f"img/{number}/a.png", 1_000 * number) for number in range(1, 5)),
        Thing("img/4/b.png", 4_000, name="orphan"),
        Thing("img/", 0),
        Thing("[red]/x\x1b[2J", 300, name="unknown"),
        *(Thing(f"top{number}", number) for number in range(5)),
    ]
    return str(run_folder(tmp_path / "run", held))


def test_text(run: str) -> None:
    result = auditor("tree", run, "--limit", "2", "--depth", "2")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "     SIZE      OBJECTS  ORPHANED   UNKNOWN  PREFIX\n"
        "  14.3 kB           12    28.0 %     2.1 %  s3://oseh/\n"
        "  14.0 kB            6    28.6 %       0 %    img/\n"
        "   8.0 kB            2    50.0 %       0 %      4/\n"
        "   3.0 kB            1       0 %       0 %      3/\n"
        "   3.0 kB            3       0 %       0 %      … and 3 more\n"
        "    300 B            1       0 %     100 %    [red]/\n"
        "    300 B            1       0 %     100 %      (files)\n"
        "    300 B                                         x\\x1b[2J  unknown\n"
        "     10 B            5       0 %       0 %    … and 1 more\n"
    )


def test_a_folder_of_files(run: str) -> None:
    assert auditor("tree", run, "--prefix", "img/", "--depth", "1", "--sort", "name", "--min-size", "0").stdout == (
        "     SIZE      OBJECTS  ORPHANED   UNKNOWN  PREFIX\n"
        "  14.0 kB            6    28.6 %       0 %  s3://oseh/img/\n"
        "      0 B            1       0 %       0 %    (files)\n"
        "      0 B                                       (the folder's own object)\n"
        "   1.0 kB            1       0 %       0 %    1/\n"
        "   2.0 kB            1       0 %       0 %    2/\n"
        "   3.0 kB            1       0 %       0 %    3/\n"
        "   8.0 kB            2    50.0 %       0 %    4/\n"
    )


def test_json(run: str) -> None:
    told = json.loads(
        auditor("tree", run, "--format", "json", "--limit", "1", "--depth", "3", "--prefix", "img/").stdout
    )
    nothing = {"objects": 0, "bytes": 0}
    four = {"objects": 2, "bytes": 8_000, "orphan": {"objects": 1, "bytes": 4_000}, "unknown": nothing}
    files = [
        {"name": name, "size": 4_000, "object_class": kind} for name, kind in (("a.png", "ok"), ("b.png", "orphan"))
    ]
    assert told == {
        "prefix": "img/",
        "objects": 6,
        "bytes": 14_000,
        "orphan": {"objects": 1, "bytes": 4_000},
        "unknown": nothing,
        "children": [
            {"prefix": "img/4/", **four, "children": [{"files": True, **four, "largest": files}], "rest": None}
        ],
        "rest": {"children": 4, "objects": 4, "bytes": 6_000, "orphan": nothing, "unknown": nothing},
    }


def test_a_prefix_that_is_no_folder_is_refused(run: str) -> None:
    result = auditor("tree", run, "--prefix", "img")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--prefix 'img' is no folder: end it with a slash" in result.stderr


def test_an_empty_bucket(tmp_path: Path) -> None:
    assert auditor("tree", str(run_folder(tmp_path / "run"))).stdout.splitlines()[1:] == [
        "      0 B            0         –         –  s3://oseh/"
    ]
