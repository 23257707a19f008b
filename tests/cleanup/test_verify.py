"""`auditor verify`: every object looked at again, and only what everything still holds of gets into fresh manifests."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest

from auditor.cleanup.model import canonical, hash_of
from auditor.errors import RowsFailed
from auditor.pending import PendingList
from auditor.rows.sqlite import SqliteRows
from auditor.store.s3 import S3Store
from tests.cleanup.scene import IN_USE, NOW, OLD, Scene, plan_of
from tests.cleanup.test_plan import SCHEMA
from tests.scanning import auditor, with_credentials
from tests.servers import faults
from tests.servers.stub_s3 import Answer, Fault, Request, Stored, StubS3

FILES = ["f/a", "f/b", "f/c"]
LONELY = "f/lonely"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Three orphans, and a file that nothing refers to: scanned and planned once, copied for each test."""
    with pytest.MonkeyPatch.context() as patch, StubS3() as server:
        with_credentials(patch)
        scene = Scene(tmp_path_factory.mktemp("made"), server)
        scene.orphans(*FILES)
        scene.file(LONELY)
        scene.scan()
        assert scene.planned("--select", "REF001", "--select", "REF004").exit_code == 0
        yield scene


@pytest.fixture
def planned(scene: Scene, made: Scene) -> Scene:
    return scene.like(made)


def test_what_stands_still_is_ready(planned: Scene) -> None:
    result = planned.verified()
    document = plan_of(planned.folder / "fresh")
    until = document["verified"]["use_before"]
    assert (result.exit_code, result.stdout) == (
        0,
        "ready: 4 with 4 B (still to be cleaned)\n"
        f"hash {document['hash']}\n"
        f"wrote {planned.folder / 'fresh'}: use it before {until}\n",
    )
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert planned.fresh() == [*FILES, LONELY]
    assert document["parent"] == plan_of(planned.plan)["hash"]
    left = datetime.fromisoformat(until) - datetime.now(UTC)
    assert timedelta(minutes=55) < left <= timedelta(hours=1)
    names = {path.name for path in (planned.folder / "fresh").iterdir()}
    assert names == {"plan.json", *document["files"]}
    assert "others.jsonl" not in names
    assert f"--endpoint-url {planned.server.url};" in (planned.folder / "fresh" / "delete.sh").read_text()


def test_by_default_it_lies_in_the_folder_of_the_plan(planned: Scene) -> None:
    where = ["--endpoint-url", planned.server.url, *planned.document, *planned.db, "--settle", "0s"]
    assert auditor("verify", str(planned.plan), *where).exit_code == 0
    (fresh,) = planned.plan.glob("verified-*")
    assert plan_of(fresh)["kind"] == "verified"
    assert planned.verified(plan=fresh).exit_code == 0  # and may be looked at once more
    assert planned.verified("--out", str(planned.folder / "again")).exit_code == 0  # and does not spoil the plan's hash


def test_only_list_get_and_head_are_sent_and_nothing_is_run(planned: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any, **__: Any) -> None:
        raise AssertionError("a process was started")

    for name in ("os.system", "os.posix_spawn", "os.fork"):
        monkeypatch.setattr(name, run)
    monkeypatch.setattr(subprocess, "Popen", run)
    assert planned.verified().exit_code == 0
    assert planned.verified("--after").exit_code == 1
    assert {request.method for request in planned.server.requests} == {"GET", "HEAD"}
    assert set(planned.server.operations()) == {"ListObjectsV2", "HeadObject", "GetBucketVersioning"}


# -- what happens between the run and the look


def _row(scene: Scene) -> None:
    scene.row("f/b")


def _old_row(scene: Scene) -> None:
    scene.row("f/b", at=OLD - timedelta(days=300))


def _misspelt(scene: Scene) -> None:
    """A row that has no object, and whose key differs in case and slashes alone; written since the run."""
    scene.row("F//b", at=NOW)


def _use(scene: Scene) -> None:
    scene.use(LONELY)


def _rewrite(scene: Scene) -> None:
    scene.put("f/b", b"2")  # as long and as old as before


def _touch(scene: Scene) -> None:
    scene.put("f/b", b"1", OLD + timedelta(seconds=1))


def _upload_anew(scene: Scene) -> None:
    scene.put("f/b", b"1", NOW)


def _delete(scene: Scene) -> None:
    del scene.server.objects["f/b"]


def _other_row(scene: Scene) -> None:
    scene.do("DELETE FROM s3_files WHERE key = 'f/lonely'")
    scene.row(LONELY)


def _no_row(scene: Scene) -> None:
    scene.do("DELETE FROM s3_files WHERE key = 'f/lonely'")


def _twin(scene: Scene) -> None:
    """A second row of the same file, which is in use."""
    number = scene.row(LONELY)
    scene.do("INSERT INTO images (id, original_id) VALUES (9, ?)", values=(number,))
    scene.do("INSERT INTO pages (image_id) VALUES (9)")


EVENTS: dict[str, tuple[Callable[[Scene], None], str, str, str]] = {
    "a row appears": (_row, "f/b", "referenced", "a row has its key"),
    "an old row appears": (_old_row, "f/b", "referenced", "a row has its key"),
    "a row appears that is spelt otherwise": (
        _misspelt,
        "f/b",
        "referenced",
        "the row 'F//b' is spelt almost as it is and has no object (REF006)",
    ),
    "something refers to it": (_use, LONELY, "referenced", "REF004 no longer holds"),
    "it is overwritten, as long as before": (_rewrite, "f/b", "changed", "its ETag is another one"),
    "it is stored again, the same bytes": (_touch, "f/b", "changed", "it was written again"),
    "it is uploaded now, the same bytes": (_upload_anew, "f/b", "changed", "it was written again"),
    "it is deleted": (_delete, "f/b", "gone", ""),
    "its row is another": (_other_row, LONELY, "changed", "another row has its key"),
    "its row is gone": (_no_row, LONELY, "changed", "its row is gone"),
    "a twin of its row is in use": (_twin, LONELY, "referenced", "REF004 no longer holds"),
}


def split(scene: Scene, key: str, verdict: str, why: str) -> None:
    """Only that one key is left out, and for that reason."""
    assert scene.others() == {key: (verdict, why)}
    assert scene.fresh() == [one for one in [*FILES, LONELY] if one != key]
    for name in ("manifest.csv", "delete-00001.json", "tag.sh", "delete.sh"):
        assert key not in (scene.folder / "fresh" / name).read_text()
    counted = plan_of(scene.folder / "fresh")["verified"]["split"]
    assert {name: one["objects"] for name, one in counted.items() if one["objects"]} == {"ready": 3, verdict: 1}


@pytest.mark.parametrize("event", EVENTS)
def test_what_happened_since_the_run(planned: Scene, event: str) -> None:
    happens, key, verdict, why = EVENTS[event]
    happens(planned)
    assert planned.verified().exit_code == 1
    split(planned, key, verdict, why)


def test_a_row_that_is_spelt_otherwise_and_has_its_own_object(planned: Scene) -> None:
    planned.file("f/B")
    assert planned.verified().exit_code == 0
    assert planned.fresh() == [*FILES, LONELY]


def test_a_row_that_is_spelt_otherwise_and_whose_object_cannot_be_looked_at(planned: Scene) -> None:
    planned.file("f/B")
    planned.server.when(lambda request: request.operation == "HeadObject" and request.key == "f/B", faults.denied)
    assert planned.verified().exit_code == 3
    assert planned.others()["f/b"][0] == "unsure"


def test_rows_that_may_be_spelt_otherwise_and_cannot_be_read(planned: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what rests on there being no row is in doubt."""

    def pages(*_: Any) -> Any:
        raise RowsFailed("no more pages")

    monkeypatch.setattr(SqliteRows, "pages", pages)
    result = planned.verified()
    assert (result.exit_code, planned.fresh()) == (3, [LONELY])
    assert "no more pages" in result.stderr


def at_head(scene: Scene, key: str, happens: Callable[[], object]) -> None:
    """It happens while the object is looked at."""

    def hook(request: Request, answer: Answer) -> Answer:
        if request.operation == "HeadObject" and request.key == key:
            happens()
        return answer

    scene.server.hooks.append(hook)


@pytest.mark.parametrize("event", ["a row appears", "its row is gone", "its row is another"])
def test_what_happens_between_the_looks_at_its_row(planned: Scene, event: str) -> None:
    happens, key, *_ = EVENTS[event]
    done: list[int] = []
    at_head(planned, key, lambda: done or done.append(1) or happens(planned))
    planned.verified()
    assert done
    assert key not in planned.fresh()
    assert planned.fresh() == [one for one in [*FILES, LONELY] if one != key]


def test_a_row_that_was_there_at_the_first_look_alone(planned: Scene) -> None:
    """It is being replaced: deleted at the second look, and there again before anybody can blink."""
    planned.row("f/b")
    at_head(planned, "f/a", lambda: planned.do("DELETE FROM s3_files WHERE key = 'f/b'"))
    planned.verified()
    assert planned.fresh() == ["f/a", "f/c", LONELY]


def test_a_use_that_was_there_at_the_first_look_alone(planned: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """It moves from one table to another, and the second look falls in between."""
    honest = SqliteRows.unreferenced
    planned.use(LONELY)

    def reading(self: SqliteRows, *args: Any, surely: bool = False) -> Any:
        if surely:
            planned.do("DELETE FROM pages WHERE body LIKE '%lonely%'")
        return honest(self, *args, surely=surely)

    monkeypatch.setattr(SqliteRows, "unreferenced", reading)
    planned.verified()
    assert planned.fresh() == FILES


# -- the list of files about to be deleted


class Pending:
    """A list that holds nothing until it is read so many times."""

    source, as_of = "redis", None

    def __init__(self, key: str, reads: int, error: RowsFailed | None = None) -> None:
        self.key, self.left, self.error = key, reads, error

    def read(self) -> PendingList:
        self.left -= 1
        if self.left >= 0:
            return PendingList()
        if self.error:
            raise self.error
        return PendingList((self.key,), (int(NOW.timestamp()) * 1_000_000,), present=True)

    def close(self) -> None:
        """Nothing is held."""


def with_list(monkeypatch: pytest.MonkeyPatch, pending: Pending) -> None:
    monkeypatch.setattr("auditor.cli.verify_opening.pending_list", lambda *_: (pending, []))


@pytest.mark.parametrize(("key", "reads"), [("f/b", 0), ("f/b", 1), ("f/b", 2), (LONELY, 2)])
def test_what_is_on_the_list_is_left_to_others(
    planned: Scene, monkeypatch: pytest.MonkeyPatch, key: str, reads: int
) -> None:
    """From the first reading on, from the second, or when all else was looked at."""
    with_list(monkeypatch, Pending(key, reads))
    assert planned.verified().exit_code == 1
    split(planned, key, "referenced", "it is on the list of files about to be deleted")


@pytest.mark.parametrize("reads", [0, 1, 2])
def test_a_list_that_cannot_be_read_saves_all(planned: Scene, monkeypatch: pytest.MonkeyPatch, reads: int) -> None:
    with_list(monkeypatch, Pending("f/b", reads, RowsFailed("redis went away")))
    result = planned.verified()
    assert result.exit_code == 3
    assert planned.fresh() == []
    assert {verdict for verdict, _ in planned.others().values()} == {"unsure"}
    assert "redis went away" in result.stderr


def test_a_list_that_the_run_had_is_not_done_without(planned: Scene) -> None:
    document = json.loads((planned.plan / "plan.json").read_text())
    document["run"]["pending_source"] = "redis redis://cache"
    document["hash"] = hash_of(document)
    (planned.plan / "plan.json").write_bytes(canonical(document))
    result = planned.verified()
    assert result.exit_code == 2
    assert "name it with --pending" in result.stderr
    assert planned.verified("--pending", "none").exit_code == 0


# -- what cannot be looked at


@pytest.mark.parametrize(
    ("key", "fault"),
    [("f/b", faults.denied), ("f/b", faults.slow_down), ("f/b", faults.reset), (LONELY, faults.internal_error)],
)
def test_any_answer_but_404_is_unsure(planned: Scene, key: str, fault: Fault) -> None:
    planned.server.when(lambda request: request.operation == "HeadObject" and request.key == key, fault)
    assert planned.verified().exit_code == 3
    (verdict, why) = planned.others()[key]
    assert (verdict, why[:29]) == (
        "unsure",
        "it could not be looked at: ac"[:29] if fault is faults.denied else why[:29],
    )
    assert planned.fresh() == [one for one in [*FILES, LONELY] if one != key]


def dying(monkeypatch: pytest.MonkeyPatch, lookups: int) -> list[int]:
    """The database answers so many look-ups and then never again."""
    honest = SqliteRows.lookup
    asked = [0]

    def lookup(self: SqliteRows, keys: Any) -> pa.Table:
        asked[0] += 1
        if asked[0] > lookups:
            raise RowsFailed("the database went away")
        return honest(self, keys)

    monkeypatch.setattr(SqliteRows, "lookup", lookup)
    return asked


def test_nothing_from_the_unread_part_gets_into_the_manifests(planned: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the database dies, some chunks are looked at and others are not."""
    monkeypatch.setattr("auditor.cleanup.reading.CHUNK", 1)
    asked = dying(monkeypatch, 10_000)
    assert planned.verified().exit_code == 0
    whole = asked[0]
    for lookups in (1, whole // 2, whole - 1):
        monkeypatch.undo()
        monkeypatch.setattr("auditor.cleanup.reading.CHUNK", 1)
        with_credentials(monkeypatch)
        dying(monkeypatch, lookups)
        (planned.folder / "fresh").rename(planned.folder / f"before{lookups}")
        result = planned.verified()
        assert result.exit_code == 3, lookups
        assert planned.fresh() == [], lookups  # the last look vouches for all
        assert len(planned.others()) == 4


def test_a_database_that_is_away_for_a_while(planned: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those chunks that it did not answer for are unsure; the others were looked at from beginning to end."""
    monkeypatch.setattr("auditor.cleanup.reading.CHUNK", 1)
    honest = SqliteRows.lookup

    def lookup(self: SqliteRows, keys: Any) -> pa.Table:
        if list(keys) == ["f/b"]:
            raise RowsFailed("not now")
        return honest(self, keys)

    monkeypatch.setattr(SqliteRows, "lookup", lookup)
    assert planned.verified().exit_code == 3
    split(planned, "f/b", "unsure", "its rows could not be read")


def test_references_that_cannot_be_read_leave_nothing_ready(planned: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def reading(*_: Any, **__: Any) -> Any:
        raise RowsFailed("no references today")

    monkeypatch.setattr(SqliteRows, "unreferenced", reading)
    result = planned.verified()
    assert (result.exit_code, planned.fresh()) == (3, [])


# -- the wrong surroundings


def test_the_database_of_another_environment(planned: Scene) -> None:
    """By it every object of the plan is an orphan still."""
    planned.do("UPDATE s3_files SET key = 'x' || key")
    result = planned.verified()
    assert result.exit_code == 2
    assert "that of another bucket or environment" in result.stderr
    assert not (planned.folder / "fresh").exists()


def test_a_database_that_is_swapped_while_we_look(planned: Scene) -> None:
    at_head(planned, "f/a", lambda: planned.do("UPDATE s3_files SET key = 'y' || key"))
    result = planned.verified()
    assert (result.exit_code, planned.fresh()) == (3, [])
    assert "another bucket or environment" in result.stderr


def test_some_rows_may_have_gone_their_way(planned: Scene) -> None:
    planned.do(*(f"DELETE FROM s3_files WHERE key = '{key}'" for key in IN_USE[:5]))
    assert planned.verified().exit_code == 0


def test_a_clock_that_goes_wrong(planned: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripts ask this machine when the hour is over."""
    monkeypatch.setattr(S3Store, "clock", lambda _: datetime.now(UTC) - timedelta(hours=2))
    result = planned.verified()
    assert result.exit_code == 2
    assert "120 minutes apart" in result.stderr
    assert not (planned.folder / "fresh").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "name the live database with --db"),
        (["--db", "none"], "name the live database with --db"),
        (["--db", "backup"], "a backup does not know of rows that came after it"),
    ],
)
def test_the_live_database_must_be_named(planned: Scene, options: list[str], words: str) -> None:
    result = planned.verified(*options, db=False)
    assert result.exit_code == 2
    assert words in result.stderr
    assert planned.server.requests == []


def test_another_document_than_the_plan_was_made_with(planned: Scene) -> None:
    with (planned.folder / "keys.md").open("a") as file:
        file.write("- `more/{name}`: more.\n")
    assert "another document" in planned.verified().stderr


# -- a plan that was edited


def _edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("objects.jsonl", '"f/b"', '"f/used00"'),
        ("manifest.csv", "f/b", "f/used00"),
        ("delete-00001.json", "f/b", "f/used00"),
        ("plan.json", '"min_nights": 2', '"min_nights": 1'),
        ("plan.json", '"min_age_seconds": 86400.0', '"min_age_seconds": 0.0'),
        ("README.md", "4 objects", "5 objects"),
    ],
)
@pytest.mark.parametrize("after", [(), ("--after",)])
def test_a_tampered_plan_is_refused(planned: Scene, name: str, old: str, new: str, after: tuple[str, ...]) -> None:
    _edit(planned.plan, name, old, new)
    result = planned.verified(*after)
    assert result.exit_code == 2
    assert "changed after it was written" in result.stderr
    assert planned.server.requests == []


def test_a_plan_with_a_file_missing_is_refused(planned: Scene) -> None:
    (planned.plan / "objects.jsonl").unlink()
    assert "cannot be read" in planned.verified().stderr


@pytest.mark.parametrize(("content", "words"), [(None, "has no plan.json"), ("{", "cannot be read"), ("{}", "version")])
def test_what_is_no_plan(scene: Scene, content: str | None, words: str) -> None:
    scene.plan.mkdir()
    if content is not None:
        (scene.plan / "plan.json").write_text(content)
    result = scene.verified()
    assert result.exit_code == 2
    assert words in result.stderr


# -- afterwards


def test_after_the_cleanup(planned: Scene) -> None:
    for key in ("f/a", "f/c", LONELY):
        del planned.server.objects[key]
    planned.server.objects["f/b"] = Stored(b"new", NOW)
    result = planned.verified("--after")
    assert (result.exit_code, result.stdout) == (
        1,
        "gone: 3 with 3 B\n"
        "written anew: 1 with 1 B\n"
        "rows that must be deleted now: 1 (rows.csv)\n"
        "  written anew, its ETag is another one: f/b\n",
    )


def test_after_the_whole_cleanup(planned: Scene) -> None:
    for key in (*FILES, LONELY):
        del planned.server.objects[key]
    assert planned.verified("--after").exit_code == 1  # the row is still there
    planned.do("DELETE FROM s3_files WHERE key = 'f/lonely'")
    result = planned.verified("--after")
    assert (result.exit_code, result.stdout) == (0, "gone: 4 with 4 B\n")
    result = planned.verified("--after", db=False)
    assert result.exit_code == 0
    assert "rows of which nobody knows whether they are still there: 1 (name --db)" in result.stdout


def test_after_a_cleanup_that_cannot_be_seen(planned: Scene) -> None:
    planned.server.when(
        lambda request: request.operation == "HeadObject" and request.key == "f/b", faults.internal_error
    )
    result = planned.verified("--after")
    assert result.exit_code == 3
    assert "could not be looked at: 1 with 1 B" in result.stdout


def test_after_a_cleanup_the_rows_of_which_cannot_be_read(planned: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in (*FILES, LONELY):
        del planned.server.objects[key]
    dying(monkeypatch, 0)
    result = planned.verified("--after")
    assert result.exit_code == 3
    assert "the database went away" in result.stdout


def test_an_empty_bucket_elsewhere_is_not_a_cleanup(planned: Scene) -> None:
    planned.server.objects.clear()
    result = planned.verified("--after")
    assert result.exit_code == 2
    assert "check --endpoint-url" in result.stderr
