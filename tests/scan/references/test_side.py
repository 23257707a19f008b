"""`referenced` and `reference_chain` from the first reading to the second, through whole audits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import RowsFailed
from auditor.rows import RowTable, SqliteRows
from auditor.rows.references import Plan
from auditor.spec import Source, Specification, compile_specification
from tests.scan.fakes import NOW, OLD, YOUNG, MemoryStore
from tests.scan.references.making import IMAGES
from tests.scan.running import Ran, run

UID = "oseh_if_" + "A" * 22
DOCUMENT = b"- `f/{name}`: a file.\n- `g/{name}`: a file that others know of.\n"
BINDINGS = """
[templates."f/{name}"]
rows = "required"
[templates."g/{name}"]
rows = "required"
references = "elsewhere"
[references]
uses = ["pages"]
owners = ["images"]
[references.dependants]
exports = "image_id"
[references.superseded]
editions = { newest = "created_at", per = "page_id" }
[references.texts]
"pages.body" = { "uid(if)" = "images.uid", key = "s3_files.key" }
"""
EDITIONS = (
    "CREATE TABLE editions (id INTEGER PRIMARY KEY, uid TEXT, page_id INTEGER REFERENCES pages(id), created_at,"
    " file_id INTEGER REFERENCES s3_files(id))"
)
SETTLE = timedelta(seconds=60)


class Scene:
    """A live database with the files `f/1`, `f/2`, … and an audit of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "rows.db"
        self.pauses: list[float] = []
        self.store = MemoryStore({})
        self.do(*IMAGES, EDITIONS)

    def do(self, *statements: str) -> None:
        connection = sqlite3.connect(self.path)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def file(self, number: int, key: str | None = None, born: datetime = OLD, stored: datetime = OLD) -> str:
        key = key or f"f/{number}"
        self.do(f"INSERT INTO s3_files VALUES ({number}, 'uid{number}', '{key}', 1, 'x', {born.timestamp()})")
        self.store.objects[key] = (stored, b"1")
        return key

    def audit(self, as_of: datetime | None = None, **options: Any) -> Ran:
        rows = SqliteRows(self.path, RowTable(), as_of=as_of)
        out = self.folder / f"run{len(list(self.folder.iterdir()))}"
        out.mkdir()
        return run(out, self.store, rows, spec=specification(), settle=SETTLE, pauses=self.pauses, **options)


def specification() -> Specification:
    return compile_specification(Source("keys.md", DOCUMENT), Source("keys.toml", BINDINGS.encode()))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def messages(ran: Ran) -> dict[str, str]:
    return {finding.key: finding.message for finding in ran.found if finding.rule == "REF004"}


def test_what_nothing_refers_to_is_accused_with_the_chain(scene: Scene) -> None:
    for number in range(1, 5):
        scene.file(number)
    scene.do(
        f"INSERT INTO images (id, uid, original_id) VALUES (1, '{UID}', 2)",
        "INSERT INTO exports (id, image_id, file_id) VALUES (1, 1, 3)",
        "INSERT INTO images (id, uid, original_id) VALUES (2, 'other', 4)",
        "INSERT INTO pages (image_id) VALUES (2)",
    )
    ran = scene.audit()
    alone = f"{UID}: pages.image_id, which alone refers to images, does not have it."
    begin = "Nothing in use refers to its row: "
    assert messages(ran) == {
        "f/1": begin + "none of the 3 columns of 3 tables that refer to s3_files has it.",
        "f/2": f"{begin}images {alone}",
        "f/3": f"{begin}exports -> images {alone}",
    }
    assert ran.said() == {("REF004", f"f/{number}", "confirmed") for number in (1, 2, 3)}
    assert len(scene.pauses) == 1
    assert ran.summary["complete"]


@pytest.mark.parametrize(("born", "stored"), [(YOUNG, OLD), (OLD, YOUNG), (YOUNG, YOUNG)])
def test_the_young_are_not_accused(scene: Scene, born: datetime, stored: datetime) -> None:
    scene.file(1, born=born, stored=stored)
    assert scene.audit().said() == set()


def test_of_a_family_whose_referrers_are_elsewhere_nothing_is_said(scene: Scene) -> None:
    scene.file(1, "g/1")
    assert scene.audit().said() == set()


def before_second_reading(scene: Scene, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    honest = SqliteRows.unreferenced

    def reading(self: SqliteRows, plan: Plan, *args: Any, surely: bool = False) -> Any:
        if surely:
            happens()
        return honest(self, plan, *args, surely=surely)

    monkeypatch.setattr(SqliteRows, "unreferenced", reading)


USES = [
    ("INSERT INTO images (id, original_id) VALUES (1, 1)", "INSERT INTO pages (image_id) VALUES (1)"),
    ("INSERT INTO editions (page_id, created_at, file_id) VALUES (1, 5, 1)",),
    ('INSERT INTO pages (body) VALUES (\'{"a": ["f\\/1"]}\')',),
    ("DELETE FROM s3_files", f"INSERT INTO s3_files VALUES (9, 'new', 'f/1', 1, 'x', {YOUNG.timestamp()})"),
    (
        f"INSERT INTO s3_files VALUES (9, 'twin', 'f/1', 1, 'x', {OLD.timestamp()})",
        "INSERT INTO images VALUES (1, '', 9)",
        "INSERT INTO pages (image_id) VALUES (1)",
    ),
]


@pytest.mark.parametrize("statements", USES)
def test_a_use_that_comes_between_the_looks_acquits(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, statements: tuple[str, ...]
) -> None:
    scene.file(1)
    before_second_reading(scene, monkeypatch, lambda: scene.do(*statements))
    ran = scene.audit()
    assert ran.said() == set()
    assert scene.pauses
    assert ran.summary["complete"]


def test_what_lost_its_use_between_the_looks_is_not_accused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.file(1)
    scene.do(*USES[0])
    scene.file(2)  # so that there is a second look
    before_second_reading(scene, monkeypatch, lambda: scene.do("DELETE FROM pages"))
    assert set(messages(scene.audit())) == {"f/2"}


def test_a_text_names_an_image_and_a_file(scene: Scene) -> None:
    for number in (1, 2, 3):
        scene.file(number)
    scene.do(
        f"INSERT INTO images (id, uid, original_id) VALUES (1, '{UID}', 1)",
        "INSERT INTO images (id, uid, original_id) VALUES (2, 'oseh_if_BBBBBBBBBBBBBBBBBBBBBB', 3)",
        f'INSERT INTO pages (body) VALUES (\'{{"image": "{UID}", "log": "f\\/2"}}\'), (\'{{"broken": \'), (NULL)',
    )
    assert set(messages(scene.audit())) == {"f/3"}


@pytest.mark.parametrize(("since", "accused"), [(OLD, {"f/1"}), (YOUNG, set())])
@pytest.mark.parametrize("form", [lambda at: repr(at.timestamp()), lambda at: f"'{at.isoformat()}'"])
def test_what_was_replaced_a_moment_ago_was_in_use_until_then(
    scene: Scene, since: datetime, accused: set[str], form: Callable[[datetime], str]
) -> None:
    scene.file(1), scene.file(2)
    first = form(OLD - timedelta(days=9))
    scene.do(f"INSERT INTO editions (page_id, created_at, file_id) VALUES (1, {first}, 1), (1, {form(since)}, 2)")
    found = messages(scene.audit())
    assert set(found) == accused
    assert all("a newer row of editions has taken its place" in message for message in found.values())


def fails_at(monkeypatch: pytest.MonkeyPatch, method: str, number: int) -> None:
    honest, asked = getattr(SqliteRows, method), [0]

    def failing(self: SqliteRows, *args: Any, **more: Any) -> Any:
        asked[0] += 1
        if asked[0] == number:
            raise RowsFailed("the database went away")
        return honest(self, *args, **more)

    monkeypatch.setattr(SqliteRows, method, failing)


@pytest.mark.parametrize(
    ("method", "number"), [("foreign_keys", 1), ("unreferenced", 1), ("unreferenced", 2), ("texts", 1), ("texts", 2)]
)
def test_a_reading_that_fails_accuses_nobody(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, method: str, number: int
) -> None:
    scene.file(1)
    fails_at(monkeypatch, method, number)
    ran = scene.audit()
    assert (ran.said(), ran.summary["complete"], ran.summary["exit_code"]) == (set(), False, 3)
    assert "went away" in ran.summary["errors"][0]["message"]


def test_a_reading_that_breaks_off_accuses_nobody(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.file(1)
    honest = SqliteRows.unreferenced

    def breaking(self: SqliteRows, *args: Any, **more: Any) -> Any:
        yield from honest(self, *args, **more)
        raise RowsFailed("the connection was lost")

    monkeypatch.setattr(SqliteRows, "unreferenced", breaking)
    ran = scene.audit()
    assert (ran.said(), ran.summary["exit_code"]) == (set(), 3)


def test_when_nothing_refers_to_most_rows_the_references_are_wrong(scene: Scene) -> None:
    for number in range(1, 4):
        scene.file(number)
    ran = scene.audit(breaker_least=3)
    assert (ran.said(), ran.summary["exit_code"]) == (set(), 3)
    assert "3 of 3 rows" in ran.summary["errors"][0]["message"]


def test_by_a_backup_it_is_a_snapshot(scene: Scene) -> None:
    scene.file(1), scene.file(2, stored=NOW - timedelta(days=3))
    ran = scene.audit(as_of=NOW - timedelta(days=2, hours=12))
    assert ran.said() == {("REF004", "f/1", "snapshot")}
    assert "Judged by a backup of 2026-04-29T00:00:00Z." in messages(ran)["f/1"]


def test_why_it_is_not_audited(scene: Scene) -> None:
    scene.file(1)
    scene.do("CREATE TABLE strangers (id INTEGER PRIMARY KEY, image INTEGER REFERENCES images(id))")
    assert {"what": "some references to files", "because": (
        "[references] of the bindings lack table strangers (image -> images): all that it refers to counts as used"
    )} in scene.audit().summary["not_audited"]  # fmt: skip
    scene.do(*(f"DROP TABLE {name}" for name in ("exports", "editions", "strangers", "pages", "images")))
    because = {entry["what"]: entry["because"] for entry in scene.audit().summary["not_audited"]}
    assert because["REF004 unreferenced-file"] == "no foreign key refers to table s3_files"


def test_under_a_prefix_only_that_is_read(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.file(1), scene.file(2), scene.file(12)
    assert set(messages(scene.audit(prefix="f/1"))) == {"f/1", "f/12"}
