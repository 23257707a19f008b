"""`auditor plan`: what goes into a plan, what is left out, and what is refused."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result

import auditor.cleanup
from auditor.cleanup.model import Action
from auditor.findings import Finding
from auditor.findings_csv import write_findings
from auditor.runs.states import write_states
from auditor.scan.columns import ObjectClass
from auditor.text import isoformat
from tests.cleanup.scene import IN_USE, NOW, OLD, Scene, amend, items, plan_of, remember
from tests.scanning import with_credentials
from tests.servers.stub_s3 import StubS3

SCHEMA = json.loads((Path(auditor.cleanup.__file__).parent / "plan_schema.json").read_text())


def refused(result: Result, *words: str) -> str:
    assert result.exit_code == 2, result.output
    assert "no plan was written" in result.stderr
    for word in words:
        assert word in result.stderr
    return result.stderr


def keys(scene: Scene) -> list[str]:
    return [item.key for item in items(scene.plan)]


def test_a_plan_says_what_goes_and_on_what_evidence(scene: Scene) -> None:
    scene.orphans("f/a", "f/b\n")
    lonely = scene.file("f/c")
    findings = {found.key: found for found in scene.scan().findings() if found.rule in ("REF001", "REF004")}
    result = scene.planned("--select", "REF001", "--select", "unreferenced-file")
    document = plan_of(scene.plan)
    assert (result.exit_code, result.stdout) == (
        0,
        "3 objects with 3 B and 0 unfinished uploads to clean\n"
        "  REF001: 2 with 2 B\n"
        "  REF004: 1 with 1 B\n"
        "  f: 3 with 3 B\n"
        f"hash {document['hash']}\n"
        f"wrote {scene.plan}: read README.md there; `auditor verify` it right before the cleanup\n",
    )
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    first, second, third = items(scene.plan)
    assert [first.key, second.key, third.key] == ["f/a", "f/b\n", lonely]
    assert first.action is Action.DELETE
    assert (first.size, first.last_modified, first.etag) == (1, OLD, scene.server.objects["f/a"].etag)
    assert (first.storage_class, first.version_id, first.row_uid, first.family) == ("STANDARD", None, None, "f")
    (ground,) = first.grounds
    found = findings["f/a"]
    assert (ground.rule, ground.status, ground.message, ground.fingerprint, ground.nights, ground.first_seen) == (
        "REF001",
        "confirmed",
        found.message,
        found.fingerprint,
        3,
        NOW - timedelta(days=3),
    )
    assert third.row_uid == findings[lonely].row_uid
    assert (scene.plan / "rows.csv").read_text() == f'row_uid,key\n"{third.row_uid}","{lonely}"\n'
    assert "have a database row, which stays behind" in (scene.plan / "README.md").read_text()


def test_the_folder_is_private_and_holds_what_plan_json_names(scene: Scene) -> None:
    scene.orphans("f/a")
    scene.scan()
    scene.planned("--select", "REF001")
    assert stat.S_IMODE(scene.plan.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in scene.plan.iterdir()} == {0o600}
    assert {path.name for path in scene.plan.iterdir()} == {"plan.json", *plan_of(scene.plan)["files"]}


def test_nothing_is_asked_of_anybody(scene: Scene) -> None:
    scene.orphans("f/a")
    scene.scan()
    (scene.folder / "rows.db").unlink()
    scene.server.requests.clear()
    assert scene.planned("--select", "REF001").exit_code == 0
    assert scene.server.requests == []


def test_the_same_run_gives_the_same_plan(scene: Scene) -> None:
    scene.orphans("f/a")
    scene.scan()
    scene.planned("--select", "REF001")
    before = plan_of(scene.plan)
    scene.plan.rename(scene.folder / "before")
    scene.planned("--select", "REF001")
    assert plan_of(scene.plan) == before


# -- what is chosen


FILTERS = [
    (["--prefix", "f/a"], ["f/a1", "f/a2"]),
    (["--glob", "*1"], ["f/a1", "f/b1"]),
    (["--glob", "*1", "--prefix", "f/a"], ["f/a1"]),
    (["--older-than", "20d"], ["f/a1", "f/a2"]),
    (["--larger-than", "1"], ["f/b1"]),
    (["--family", "f"], ["f/a1", "f/a2", "f/b1"]),
    (["--family", "bak"], []),
]


def test_filters(scene: Scene) -> None:
    scene.orphans("f/a1", "f/a2")
    scene.put("f/b1", b"12", NOW - timedelta(days=10))
    scene.scan()
    for options, expected in FILTERS:
        result = scene.planned("--select", "REF001", *options)
        assert keys(scene) == expected
        said = f"left out: {3 - len(expected)}, because the filters leave them out" in result.stdout
        assert said == (len(expected) < 3)
        assert result.exit_code == (0 if expected else 1)
        assert scene.plan.exists() == bool(expected)
        shutil.rmtree(scene.plan, ignore_errors=True)


def test_what_newer_files_replaced_can_be_chosen_alone(scene: Scene) -> None:
    scene.file("f/alone")
    old, new = (scene.row(scene.put(key)) for key in ("f/old", "f/new"))
    scene.do("INSERT INTO pages (id) VALUES (99)")
    for number, born in ((old, 1.7e9), (new, 1.71e9)):
        scene.do(f"INSERT INTO editions (page_id, created_at, file_id) VALUES (99, {born}, {number})")
    scene.scan()
    scene.planned("--select", "superseded")
    assert keys(scene) == ["f/old"]
    scene.plan.rename(scene.folder / "other")
    scene.planned("--select", "REF004")
    assert keys(scene) == ["f/alone", "f/old"]


@pytest.mark.parametrize("fault", ["the newer one is lost", "a prefix", "nobody looked for lost ones"])
def test_what_may_be_the_last_that_is_whole(scene: Scene, fault: str) -> None:
    """A row alone says that a newer file has taken its place."""
    old, new = scene.row(scene.put("f/old")), scene.row("f/new")
    scene.do("INSERT INTO pages (id) VALUES (99)")
    for number, born in ((old, 1.7e9), (new, 1.71e9)):
        scene.do(f"INSERT INTO editions (page_id, created_at, file_id) VALUES (99, {born}, {number})")
    if fault != "the newer one is lost":
        scene.put("f/new")
    scene.scan(*(("--ignore", "REF002") if fault == "nobody looked for lost ones" else ()))
    if fault == "a prefix":
        amend(scene.run, prefix="f/")
    assert scene.planned("--select", "superseded").exit_code == 1
    result = scene.planned("--select", "REF004")
    assert result.exit_code == 1
    assert "they may be the last that is whole" in result.stdout


def test_two_grounds_are_one_object(scene: Scene) -> None:
    """A stale part that is also unreferenced, say: it is counted once, and both grounds must hold later."""
    scene.file("f/a")
    findings = scene.scan().findings()
    (found,) = [one for one in findings if one.rule == "REF004"]
    twice = sorted(
        [*findings, replace(found, rule="REF007", fingerprint="0" * 64)], key=lambda one: (one.key, one.rule)
    )
    _rewrite(scene.run, twice)
    result = scene.planned("--select", "REF004", "--select", "REF007")
    assert [item.rules for item in items(scene.plan)] == [("REF004", "REF007")]
    assert result.stdout.startswith("1 objects with 1 B")


def _rewrite(run: Path, findings: list[Finding]) -> None:
    with (run / "findings.csv").open("w", encoding="utf-8", newline="") as file:
        file.writelines(write_findings(findings))
    counts: dict[str, int] = {}
    for found in findings:
        counts[found.rule] = counts.get(found.rule, 0) + 1
    amend(run, findings=counts)
    remember(run, findings, 3)


# -- what is left out


def _left_out(scene: Scene, *options: str) -> dict[str, int]:
    """Of a plan that has `f/fine` beside what is left out."""
    assert scene.planned("--select", "REF001", *options).exit_code == 0
    left: dict[str, int] = plan_of(scene.plan)["left_out"]
    assert keys(scene) == ["f/fine"]
    return left


def _with(scene: Scene, **changes: Any) -> None:
    """The finding about `f/odd` as the history has it."""
    scene.orphans("f/fine", "f/odd")
    findings = scene.scan().findings()
    told: dict[str, Any] = {"nights": 3, "first_seen": OLD}
    seen = [replace(one, **(told | changes if one.key == "f/odd" else told)) for one in findings]
    write_states(seen, scene.run / "states.parquet")


def test_what_the_baseline_suppresses(scene: Scene) -> None:
    _with(scene, suppressed="agreed")
    assert _left_out(scene) == {"the baseline suppresses what was found": 1}


def test_what_was_seen_on_too_few_nights(scene: Scene) -> None:
    _with(scene, nights=1)
    assert _left_out(scene) == {"they were seen on fewer than 2 nights": 1}


def test_a_night_is_enough_for_whoever_says_so(scene: Scene) -> None:
    _with(scene, nights=1)
    scene.planned("--select", "REF001", "--min-nights", "1")
    assert keys(scene) == ["f/fine", "f/odd"]


def test_without_a_history_nothing_was_seen_twice(scene: Scene) -> None:
    scene.orphans("f/a")
    scene.scan(nights=None)
    result = scene.planned("--select", "REF001")
    assert result.exit_code == 1
    assert "left out: 1, because the run knows no nights on which they were seen: pass --min-nights 1" in result.stdout
    assert scene.planned("--select", "REF001", "--min-nights", "1").exit_code == 0


def test_a_secret_family_that_is_not_named(scene: Scene) -> None:
    scene.orphans("f/fine", "keys/k")
    scene.scan()
    assert _left_out(scene) == {"their family is secret and was not named with --family": 1}
    scene.plan.rename(scene.folder / "other")
    scene.planned("--select", "REF001", "--family", "keys")
    assert keys(scene) == ["keys/k"]


def test_the_lost_object_of_a_row(scene: Scene) -> None:
    """It looks like an orphan, and is the only copy of what its row is about."""
    scene.orphans("f/fine", "f/LOST")
    scene.row("f/lost")
    scene.scan()
    assert _left_out(scene) == {"they are the lost object of a row under another spelling (REF006)": 1}


def test_an_object_of_another_class(scene: Scene) -> None:
    """Whatever the finding says, the class decides."""
    scene.orphans("f/fine", "f/odd")
    scene.scan()
    record = pq.read_table(scene.run / "objects.parquet")
    for name in set(ObjectClass) - {ObjectClass.ORPHAN}:
        rows = [row | ({"class": str(name)} if row["key"] == "f/odd" else {}) for row in record.to_pylist()]
        pq.write_table(pa.Table.from_pylist(rows, schema=record.schema), scene.run / "objects.parquet")
        assert _left_out(scene) == {"their class is not one that a plan may hold": 1}
        shutil.rmtree(scene.plan)


def test_what_was_written_anew_since_the_first_night(scene: Scene) -> None:
    """The finding has the fingerprint of the key, so that its nights are those of another object."""
    _with(scene, first_seen=OLD - timedelta(seconds=1))
    (why,) = _left_out(scene)
    assert why.startswith("they were written after they were first seen")
    scene.plan.rename(scene.folder / "other")
    scene.planned("--select", "REF001", "--min-nights", "1")
    assert keys(scene) == ["f/fine", "f/odd"]


def test_an_object_that_changed_while_the_run_looked(scene: Scene) -> None:
    scene.orphans("f/fine", "f/odd")
    scene.scan()
    record = pq.read_table(scene.run / "objects.parquet")
    rows = [row | ({"size": 7} if row["key"] == "f/odd" else {}) for row in record.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, schema=record.schema), scene.run / "objects.parquet")
    assert _left_out(scene) == {"they changed while the run looked": 1}


# -- what is refused as a whole


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Scanned once, copied for each test."""
    with pytest.MonkeyPatch.context() as patch, StubS3() as server:
        with_credentials(patch)
        scene = Scene(tmp_path_factory.mktemp("made"), server)
        scene.orphans("f/a", "f/b")
        scene.scan()
        yield scene


@pytest.fixture
def ready(scene: Scene, made: Scene) -> Scene:
    return scene.like(made)


def test_an_incomplete_run(ready: Scene) -> None:
    amend(ready.run, complete=False)
    refused(ready.planned("--select", "REF001"), "the run is incomplete")
    assert not ready.plan.exists()


def test_a_run_of_the_day_before_yesterday(ready: Scene) -> None:
    amend(ready.run, started_at=isoformat(datetime.now(UTC) - timedelta(hours=25)))
    refused(ready.planned("--select", "REF001"), "longer ago than --max-run-age allows")
    assert ready.planned("--select", "REF001", "--max-run-age", "26h").exit_code == 0


def test_a_run_of_tomorrow(ready: Scene) -> None:
    amend(ready.run, started_at=isoformat(datetime.now(UTC) + timedelta(hours=1)))
    refused(ready.planned("--select", "REF001"), "ahead of this machine's clock")


def test_another_document(ready: Scene) -> None:
    with (ready.folder / "keys.md").open("a") as file:
        file.write("- `more/{name}`: more.\n")
    refused(ready.planned("--select", "REF001"), "another document than this one")


def test_a_run_without_rows(ready: Scene) -> None:
    amend(ready.run, rows={"source": None, "as_of": None, "count": 0, "skipped": []})
    refused(ready.planned("--select", "REF001"), "no rows to compare with")


def test_a_database_that_nothing_vouches_for(scene: Scene) -> None:
    scene.do("DELETE FROM s3_files")
    scene.scan()
    refused(scene.planned("--select", "REF001"), "nothing shows that its database is the one of this bucket")


def test_a_run_that_did_not_look_for_misspelt_pairs(scene: Scene) -> None:
    scene.orphans("f/a")
    scene.scan("--ignore", "REF006")
    refused(scene.planned("--select", "REF001"), "(REF006)")


def test_all_reasons_at_once(ready: Scene) -> None:
    amend(ready.run, complete=False, started_at="2020-01-01T00:00:00Z", checked=[])
    said = refused(ready.planned("--select", "REF001"))
    assert len(said.splitlines()) == 4
    assert [word in said for word in ("incomplete", "--max-run-age", "REF006")] == [True] * 3


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (("--max-share", "10%"), ["14.3 % of the objects of f are more than --max-share (10 %)", "of the bytes of f"]),
        (("--max-objects", "1", "--max-share", "100%"), ["2 objects and uploads are more than --max-objects (1)"]),
    ],
)
def test_the_breaker(ready: Scene, limits: tuple[str, ...], words: list[str]) -> None:
    said = refused(ready.planned("--select", "REF001", limits=limits), *words)
    assert not ready.plan.exists()
    named = said.rsplit("--override ", 1)[1].strip()
    other = ready.planned("--select", "REF001", "--override", named, "--prefix", "f/a", limits=limits)
    assert "names another plan" in refused(other)
    assert refused(ready.planned("--select", "REF001", "--override", "0" * 64, limits=limits))
    assert not ready.plan.exists()
    assert ready.planned("--select", "REF001", "--override", named, limits=limits).exit_code == 0
    assert plan_of(ready.plan)["hash"] == named
    assert len(plan_of(ready.plan)["exceeded"]) == len(words)


def test_an_override_lets_no_incomplete_run_through(ready: Scene) -> None:
    said = refused(ready.planned("--select", "REF001", limits=("--max-objects", "1")))
    amend(ready.run, complete=False)
    named = said.rsplit("--override ", 1)[1].strip()
    refused(ready.planned("--select", "REF001", "--override", named, limits=("--max-objects", "1")), "incomplete")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "say what to clean"),
        (["--select", "REF002"], "a plan does not clean what REF002 finds"),
        (["--select", "REF"], "a plan does not clean what REF002, REF003"),
        (["--select", "NOPE"], "no rule has the code"),
        (["--select", "REF001", "--family", "nope"], "the document has no family 'nope'"),
        (["--retain-backups", "nope=3d"], "'nope' is no family of backups: choose from bak"),
        (["--retain-backups", "3d", "--retain-backups", "4d"], "says twice"),
        (["--retain-backups", "long"], "is not a duration"),
        (["--select", "REF001", "--larger-than", "much"], "is not a size"),
        (["--select", "REF001", "--max-share", "101"], "is not a share"),
    ],
)
def test_usage(ready: Scene, options: list[str], words: str) -> None:
    result = ready.planned(*options)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
    assert not ready.plan.exists()


def test_a_folder_that_is_there_is_not_written_over(ready: Scene) -> None:
    ready.plan.mkdir()
    result = ready.planned("--select", "REF001")
    assert result.exit_code == 2
    assert "exists already" in result.stderr


def test_what_is_in_use_is_never_in_a_plan(ready: Scene) -> None:
    ready.planned("--select", "REF001", "--select", "REF004", "--select", "superseded")
    assert not set(keys(ready)) & set(IN_USE)
