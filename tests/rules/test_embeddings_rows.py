"""What the database says: the questions on a real database, and answers that come late, null or odd."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from auditor.findings import Evidence
from auditor.protocols import ContentRule, Depth
from rules.embeddings import EmbeddingRules
from tests.rules.embedding_files import KEY, EmbeddingFile, check, codes, judge, numbered

SCHEMA = """
CREATE TABLE s3_files (id INTEGER PRIMARY KEY, uid TEXT UNIQUE NOT NULL, key TEXT NOT NULL, file_size INTEGER NOT NULL,
    content_type TEXT NOT NULL, created_at TIMESTAMP NOT NULL);
CREATE UNIQUE INDEX s3_files_key_idx ON s3_files(key);
CREATE TABLE journeys (id INTEGER PRIMARY KEY, uid TEXT UNIQUE NOT NULL);
CREATE TABLE journey_embeddings (id INTEGER PRIMARY KEY, uid TEXT UNIQUE NOT NULL, model TEXT NOT NULL,
    technique TEXT NOT NULL, journey_uid_byte_length INTEGER NOT NULL, embedding_byte_length INTEGER NOT NULL,
    s3_file_id INTEGER UNIQUE NOT NULL REFERENCES s3_files(id) ON DELETE CASCADE, sha512 TEXT NOT NULL,
    created_at REAL NOT NULL);
CREATE TABLE journey_embedding_items (id INTEGER PRIMARY KEY, uid TEXT UNIQUE NOT NULL,
    journey_embedding_id INTEGER NOT NULL REFERENCES journey_embeddings(id) ON DELETE CASCADE,
    journey_id INTEGER NULL REFERENCES journeys(id) ON DELETE SET NULL, offset INTEGER NOT NULL,
    UNIQUE (journey_embedding_id, journey_id));
"""


def _answers(file: EmbeddingFile, key: str) -> dict[str, Any]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA foreign_keys=ON")
        database.executescript(SCHEMA)
        journeys = sorted(file.journeys)
        database.executemany("INSERT INTO journeys (uid) VALUES (?)", [(uid,) for uid in journeys])
        for number, path in enumerate((KEY, "s3_files/journey_embeddings/other"), 1):
            created = 1_700_000_000
            database.execute("INSERT INTO s3_files VALUES (?, ?, ?, 1, 'x', ?)", (number, path, path, created))
            database.execute(
                "INSERT INTO journey_embeddings VALUES (?, ?, 'm', 't', 32, 32, ?, ?, ?)",
                (number, f"uid {number}", number, f"sum {number}", created),
            )
            database.executemany(
                "INSERT INTO journey_embedding_items (uid, journey_embedding_id, journey_id, offset)"
                " VALUES (?, ?, (SELECT id FROM journeys WHERE uid = ?), ?)",
                [(f"{number} {uid}", number, uid, offset * number) for offset, uid in reversed(file.items)],
            )
        database.execute("DELETE FROM journeys WHERE uid = ?", (file.uid(2),))
        queries = EmbeddingRules().queries.items()
        return {name: [dict(row) for row in database.execute(query.sql, {"key": key})] for name, query in queries}


def test_the_questions_get_their_answers_from_a_database_of_the_services_schema() -> None:
    file = numbered(4)
    answers = _answers(file, KEY)
    assert answers["embedding"] == [
        {"uid": "uid 1", "journey_uid_byte_length": 32, "embedding_byte_length": 32, "sha512": "sum 1"}
    ]
    deleted = file.uid(2)
    assert answers["items"] == [
        {"byte_offset": offset, "journey_uid": None if uid == deleted else uid} for offset, uid in file.items
    ]
    assert {row["uid"] for row in answers["journeys"]} == file.journeys - {deleted}
    assert _answers(file, "s3_files/none")["embedding"] == _answers(file, "s3_files/none")["items"] == []


def test_no_row_means_no_contradiction() -> None:
    file = numbered(4)
    facts = file.facts()
    facts.answers.update(embedding=[], items=[])  # type: ignore[attr-defined]
    assert judge(file.content(), facts) == []
    file.journeys.discard(file.uid(0))
    assert codes(check(file)) == ["EMB007"]


@pytest.mark.parametrize("missing", ["embedding", "items", "journeys"])
def test_a_table_that_the_database_lacks_silences_its_own_check_only(missing: str) -> None:
    file = numbered(4, dimensions=3072)
    file.journeys.discard(file.uid(0))
    file.items[0], file.items[1] = (file.items[0][0], file.uid(1)), (file.items[1][0], file.uid(0))
    file.row["sha512"] = "0" * 128
    facts = file.facts()
    facts.answers[missing] = None  # type: ignore[index]
    silent = {"embedding": {"EMB005", "EMB008"}, "items": {"EMB008"}, "journeys": {"EMB007"}}[missing]
    assert set(codes(judge(file.content(), facts))) == {"EMB005", "EMB007", "EMB008"} - silent


def test_two_items_that_changed_places_are_two_problems() -> None:
    file = numbered(4)
    file.items[0], file.items[1] = (0, file.uid(1)), (64, file.uid(0))
    problems = check(file)
    assert [(problem.code, problem.subject) for problem in problems] == [
        ("EMB008", file.uid(1)),
        ("EMB008", file.uid(0)),
    ]
    assert problems[0].message == (
        f"The item of {file.uid(1)} points at byte 0, where record 0 is for {file.uid(0)};"
        f" expected the record of {file.uid(1)}."
    )


def test_an_item_whose_journey_was_deleted_is_judged_by_its_offset_alone() -> None:
    file = numbered(4)
    file.items[1] = (64, None)
    assert check(file) == []
    file.items[1] = (65, None)
    (problem,) = check(file)
    assert (problem.code, problem.subject) == ("EMB008", "item at 65")


@pytest.mark.parametrize("offset", [None, "64", "\x1b[2J", 64.5, b"\xff"])
def test_an_offset_that_is_no_number_is_a_problem_and_no_crash(offset: object) -> None:
    file = numbered(4)
    file.items[1] = (offset, file.uid(1))
    (problem,) = check(file)
    assert (problem.code, problem.subject) == ("EMB008", file.uid(1))
    assert problem.message.isprintable()


def test_a_file_that_was_cut_off_is_one_problem_not_one_for_each_item_beyond() -> None:
    file = numbered(40)
    file.cut = 64 * 30 + 5
    assert codes(check(file)) == ["EMB001"]
    file.cut = 64 * 30
    (problem,) = check(file)
    assert problem.message == (
        "The file's 640 bytes are 10 records of 64 bytes (the length by the row); expected 40, one for each item."
    )


@pytest.mark.parametrize("offset", [-64, 65])
def test_an_offset_before_the_end_is_told_even_of_a_file_that_was_cut_off(offset: int) -> None:
    file = numbered(40)
    file.cut = 64 * 30
    file.items[1] = (offset, file.uid(1))
    _, problem = check(file)
    there = f"points at byte {offset}, where no record begins; expected the first byte of one."
    assert problem.message == f"The item of {file.uid(1)} {there}"


def test_a_journey_moved_from_one_record_to_another_is_told_once() -> None:
    file = numbered(4)
    file.fields[3] = file.fields[1]
    assert codes(check(file)) == ["EMB006"]
    file.items[2] = (128, file.uid(0))
    assert codes(check(file)) == ["EMB006", "EMB008"]


@pytest.mark.parametrize("sha512", ["", "0" * 128, b"\xff", "\x1b[2J"])
def test_whatever_the_row_has_for_a_checksum_is_compared(sha512: object) -> None:
    file = numbered(4)
    file.row["sha512"] = sha512
    (problem,) = check(file)
    assert problem.code == "EMB005"
    assert problem.message.isprintable()


def test_case_of_the_checksum_does_not_matter() -> None:
    file = numbered(4)
    file.row["sha512"] = file.sealed.upper()
    assert check(file) == []


def test_what_a_problem_rests_on() -> None:
    file = numbered(4)
    file.tail = b"!"
    file.items[0], file.items[1] = (0, file.uid(1)), (64, file.uid(0))
    infos = {info.code: info for info in EmbeddingRules.infos}
    length, first, _ = check(file)
    assert (length.code, length.evidence) == ("EMB001", Evidence.PRESENCE)
    assert (first.evidence or infos["EMB008"].evidence) is Evidence.ABSENCE
    file.tail = b""
    file.items = file.items[2:]
    (count,) = check(file)
    assert (count.code, count.evidence) == ("EMB001", Evidence.ABSENCE)


def test_the_rule_is_a_content_rule_with_nine_codes() -> None:
    rule = EmbeddingRules()
    assert isinstance(rule, ContentRule)
    assert [info.code for info in rule.infos] == [f"EMB00{number}" for number in range(1, 10)]
    assert len({info.name for info in rule.infos}) == 9
    assert rule.contents == {"journey-embeddings"}
    assert rule.plan(24_608, Depth.HEADERS) == [(0, 24_608)]
    for info in rule.infos:
        assert all((info.summary, info.why, info.action, info.good, info.bad))
