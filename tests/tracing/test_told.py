"""What the command prints, as a whole, and that it is the same story wherever the backups lie."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from auditor.tracing import most_looks
from tests.scanning import auditor
from tests.servers.stub_rqlite import StubRqlite
from tests.servers.stub_s3 import Stored, StubS3
from tests.tracing.making import (
    Service,
    as_bucket,
    at,
    edges,
    export_key,
    key_of,
    loose,
    marks,
    on_s3,
    original_key,
    series,
    story,
    story_of,
    told,
    uid,
)
from tests.world import database

WHOLE = """\
s3_files/images/exports/oseh_ife_0000000000000000000001/token000001.webp
A key of the family images/exports. There is no such object now.

{place}: 24 database backups, 9 of them read, {cost}

  2026-01-01T00:00:00Z  ○ absent       s3_files/backup/database/1767225600.bak
                        ·              4 backups not looked at
  2026-01-03T12:00:00Z  ○ absent       s3_files/backup/database/1767441600.bak
  2026-01-04T00:00:00Z  ● present      s3_files/backup/database/1767484800.bak
                        ·              4 backups not looked at
  2026-01-06T12:00:00Z  ● present      s3_files/backup/database/1767700800.bak
                        ·              2 backups not looked at
  2026-01-08T00:00:00Z  ● present      s3_files/backup/database/1767830400.bak
  2026-01-08T12:00:00Z  ● present      s3_files/backup/database/1767873600.bak
  2026-01-09T00:00:00Z  ○ absent       s3_files/backup/database/1767916800.bak
  2026-01-09T12:00:00Z  ○ absent       s3_files/backup/database/1767960000.bak
                        ·              5 backups not looked at
  2026-01-12T12:00:00Z  ○ absent       s3_files/backup/database/1768219200.bak

15 backups were not looked at and are taken to say what those around them say; --every looks at all.

It came between 2026-01-03T12:00:00Z and 2026-01-04T00:00:00Z. It says that it was created at
2026-01-03T18:00:00.250000Z.
It went between 2026-01-08T12:00:00Z and 2026-01-09T00:00:00Z.

What it said:
  uid           oseh_s3f_0000000000000000000002
  file_size     1002
  content_type  image/webp
  created_at    2026-01-03T18:00:00.250000Z
  id            2

Who referred to it, in the backup of 2026-01-08T12:00:00Z, and what became of it:
  went    image_file_exports oseh_ife_0000000000000000000001 by s3_file_id
  stayed  └─ image_files oseh_if_0000000000000000000001, owner by image_file_id
  went       ├─ email_images oseh_ei_0000000000000000000001 by image_file_id
  stayed     └─ email_images oseh_ei_0000000000000000000002 by image_file_id

What went with it:
  Of the 4 rows above 2 went, 2 stayed.
  Of 3 other files of the same owners, 1 went:
       1.0 kB  s3_files/images/exports/oseh_ife_0000000000000000000002/token000002.webp
  In all, with its own, 3 of 7 rows of s3_files went (42.9 %, 3.0 kB):
            2  images/exports
            1  journey_embeddings
"""


def test_the_whole_page(stub: StubS3, tmp_path: Path) -> None:
    result = auditor("trace", export_key(1), *on_s3(stub, story()))
    fetched = 9 * len(story()[key_of(0)])
    assert result.stdout == WHOLE.format(place="s3://bucket", cost=f"{fetched / 1e6:.1f} MB downloaded")
    assert result.exit_code == 0
    size = sum(sorted(map(len, story().values()))[-21:])
    assert result.stderr.splitlines()[0] == (
        f"24 backups, {sum(map(len, story().values())) / 1e6:.1f} MB: up to 21 of them will be downloaded, "
        f"{size / 1e6:.1f} MB; more, up to 2.1 GB, if the row came or changed more than once"
    )
    assert {request.operation for request in stub.requests} == {"ListObjectsV2", "GetObject", "HeadObject"}
    read = [request.key for request in stub.requests if request.operation == "GetObject"]
    assert len(read) == len(set(read)) == 9  # each once, and nothing but backups
    place = as_bucket(story(), tmp_path / "bucket")
    result = auditor("trace", export_key(1), place)
    assert result.stdout == WHOLE.format(place=place, cost=f"{fetched / 1e6:.1f} MB copied")


def test_the_same_story_from_a_bucket_and_from_folders(stub: StubS3, tmp_path: Path) -> None:
    key = export_key(1)
    online = told(key, *on_s3(stub, story()))
    folder = told(key, as_bucket(story(), tmp_path / "bucket"))
    offline = told(key, "--backups", loose(story(), tmp_path / "loose"))
    assert story_of(online) == story_of(folder) == story_of(offline)
    assert edges(online) == [(6, 16)]
    assert online["fetched_bytes"] == folder["fetched_bytes"] > 0 == offline["fetched_bytes"]
    assert (online["object"], offline["object"]) == ({"there": False}, None)
    assert {path.stat().st_size for path in (tmp_path / "loose").iterdir()} == {len(story()[key_of(0)])}


def test_every_tells_the_same_and_assumes_nothing(tmp_path: Path) -> None:
    folder = loose(story(), tmp_path / "loose")
    few, every = told(export_key(1), "--backups", folder), told(export_key(1), "--backups", folder, "--every")
    assert marks(every) == "A" * 6 + "P" * 10 + "A" * 8
    assert edges(every) == edges(few) == [(6, 16)]
    assert every["rows"][0]["not_looked_at"] == 0 < few["rows"][0]["not_looked_at"]
    for name in ("referrers", "went_with_it"):
        assert every["rows"][0][name] == few["rows"][0][name]


def test_json_has_it_all(tmp_path: Path) -> None:
    said = told(export_key(1), "--backups", loose(story(), tmp_path / "loose"))
    (row,) = said["rows"]
    assert said["key"] == export_key(1)
    assert (said["family"], said["complete"], said["incomplete"]) == ("images/exports", True, [])
    assert row["versions"][0]["rows"] == [
        {
            "uid": uid("s3f", 2),
            "file_size": 1002,
            "content_type": "image/webp",
            "created_at": "2026-01-03T18:00:00.250000Z",
            "id": 2,
        }
    ]
    (export,) = row["referrers"]
    (image,) = export["referrers"]
    assert (export["table"], export["how"], export["fate"]) == ("image_file_exports", "refers", "went")
    assert (image["uid"], image["how"], image["fate"]) == (uid("if", 1), "owner", "stayed")
    assert [(use["uid"], use["fate"]) for use in image["referrers"]] == [
        (uid("ei", 1), "went"),
        (uid("ei", 2), "stayed"),
    ]
    went = row["went_with_it"]
    assert [(file["key"], file["went"]) for file in went["files_of_owners"]] == [
        (export_key(2), True),
        (export_key(3), False),
        (original_key(1), False),
    ]
    assert (went["rows_before"], went["rows_gone"], went["bytes_gone"]) == (7, 3, 1002 + 1003 + 1007)
    assert went["families_gone"] == {"images/exports": 2, "journey_embeddings": 1}


def test_a_row_that_never_was(tmp_path: Path) -> None:
    folder = loose(story(), tmp_path / "loose")
    result = auditor("trace", export_key(77), "--backups", str(folder))
    assert result.exit_code == 1
    assert "No backup that was looked at has a row with this key." in result.stdout
    result = auditor("trace", export_key(77), "--backups", str(folder), "--every")
    assert result.exit_code == 1
    assert result.stdout.endswith("\n\nNo backup has a row with this key.\n")


def test_a_short_life_is_found_by_the_time_at_which_its_object_was_written(stub: StubS3) -> None:
    made = Service()
    made.file(export_key(5), 100.5, 102.5)
    bodies = series(made, 200)
    where = on_s3(stub, bodies)
    assert told(export_key(5), *where)["seen"] is False
    stub.objects[export_key(5)] = Stored(b"x" * 1001, datetime.fromtimestamp(at(100.4), UTC))
    said = told(export_key(5), *where)
    assert edges(said) == [(101, 103)]
    assert sum(mark != "." for mark in marks(said)) <= 12 < most_looks(200)


def test_no_backup_is_fetched_twice_however_it_was_found(stub: StubS3) -> None:
    made = Service()
    made.file(export_key(5), 4.5, 10.5)
    said = told(export_key(5), *on_s3(stub, series(made, 24)))
    assert marks(said)[11] == "A"  # looked at before the row was met, and its edge in the end
    assert edges(said) == [(5, 11)]
    read = [request.key for request in stub.requests if request.operation == "GetObject"]
    assert len(read) == len(set(read))


def test_a_row_that_is_still_there_and_always_was(tmp_path: Path) -> None:
    result = auditor("trace", original_key(2), "--backups", str(loose(story(), tmp_path / "loose")))
    assert "It is in the oldest backup that was read, of 2026-01-01T00:00:00Z: it came by then.\n" in result.stdout
    assert "It is still there in the newest backup that was read, of 2026-01-12T12:00:00Z.\n" in result.stdout
    assert "What went with it" not in result.stdout
    assert "\n  image_files oseh_if_0000000000000000000002 by original_s3_file_id\n" in result.stdout


def test_the_database_as_it_is_now_is_the_last_moment(tmp_path: Path) -> None:
    made = Service()
    image = made.image(1, 0)
    made.export(1, image, 2, 9.5)
    database.write(tmp_path / "now.db", database.rows_at(made.ledger, at(10)))
    folder = loose(series(made, 8), tmp_path / "loose")
    result = auditor("trace", export_key(1), "--backups", str(folder), "--db", f"sqlite:///{tmp_path}/now.db")
    assert f"○ absent       now, {tmp_path}/now.db\n" in result.stdout
    assert "It went between 2026-01-04T12:00:00Z and now.\n" in result.stdout
    assert "\n  went    image_file_exports oseh_ife_0000000000000000000001 by s3_file_id\n" in result.stdout


def test_an_rqlite_is_asked_as_a_backup_is(tmp_path: Path) -> None:
    made = Service()
    image = made.image(1, 0)
    made.export(1, image, 2)
    database.write(tmp_path / "now.db", database.rows_at(made.ledger, at(10)))
    folder = loose(series(made, 4), tmp_path / "loose")
    with StubRqlite(tmp_path / "now.db") as node:
        said = told(export_key(1), "--backups", folder, "--db", f"rqlite://{node.place}")
    assert edges(said) == [(2, None)]
    assert marks(said)[0] + marks(said)[-1] == "AP"
    assert said["backups"][-1]["dated_by"] == "now"
    assert len(said["rows"][0]["versions"]) == 1  # though rqlite writes the same values otherwise
    assert said["rows"][0]["referrers"][0]["referrers"][0]["uid"] == uid("if", 1)


def test_only_backups_of_a_time(tmp_path: Path) -> None:
    folder = loose(story(), tmp_path / "loose")
    said = told(export_key(1), "--backups", folder, "--from", "2026-01-04", "--until", "2026-01-08")
    assert [said["backups"][0]["at"], said["backups"][-1]["at"]] == ["2026-01-04T00:00:00Z", "2026-01-09T00:00:00Z"]
    assert edges(said) == [(None, 10)]
