"""Objects that are read: twice before they are accused, never when they are secret, and never the end of a run."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import pytest

from auditor.errors import ObjectUnreadable, RowsFailed
from auditor.findings import Evidence, Problem, RuleInfo, RuleKind, Severity
from auditor.protocols import ContentFacts, Depth, Query
from auditor.scan.content.turns import Level
from tests.scan.fakes import NOW, OLD, YOUNG, MemoryRows, MemoryStore
from tests.scan.running import UID, Ran, run

FILE = f"s3_files/journey_embeddings/oseh_jemb_{UID}"
OTHER = f"s3_files/journey_embeddings/oseh_jemb_{UID[:-1]}Q"
SECRET = f"s3_files/journals/keys/master/oseh_ujmk_{UID}"


def info(code: str, evidence: Evidence = Evidence.PRESENCE) -> RuleInfo:
    words = dict.fromkeys(("summary", "why", "action", "good", "bad"), "…")
    return RuleInfo(code, code.lower(), Severity.ERROR, RuleKind.CONTENT, **words, evidence=evidence)


class Words:
    """Each word of a file that begins with `bad` is a problem; with rows, so is a word that the table lacks."""

    contents = frozenset({"journey-embeddings"})
    queries: ClassVar = {"words": Query("SELECT word FROM words WHERE key = :key"), "all": Query("SELECT 1")}
    infos = (info("TST001"), info("TST002", Evidence.ABSENCE))

    def plan(self, size: int, depth: Depth) -> Sequence[tuple[int, int]]:
        return [(0, size)]

    def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
        known = facts.answers["words"]
        for word in streams[0].read().decode().split():
            if word.startswith("bad"):
                yield Problem("TST001", f"{word} is bad", subject=word)
            if known is not None and facts.settled and {"word": word} not in known:
                yield Problem("TST002", f"{word} is not in the table", subject=word)


def audit(folder: Path, store: MemoryStore, rows: MemoryRows | None = None, **options: Any) -> Ran:
    return run(folder, store, rows, rules=[Words()], **options)


def messages(ran: Ran) -> list[str]:
    return [finding.message for finding in ran.found]


def test_a_fault_that_both_readings_show_is_reported(tmp_path: Path) -> None:
    ran = audit(tmp_path, MemoryStore({FILE: (OLD, b"good bad1 bad2")}))
    assert messages(ran) == ["bad1 is bad", "bad2 is bad"]
    assert len({finding.fingerprint for finding in ran.found}) == 2
    assert ran.summary["requests"]["GetObject"] == 2


@dataclass
class NoisyStore(MemoryStore):
    """Its bodies arrive as `arriving` says, one after the other, whatever the object is."""

    arriving: list[bytes] = field(default_factory=list)

    @contextmanager
    def open(self, key: str, start: int = 0, length: int | None = None, etag: str | None = None) -> Iterator[BinaryIO]:
        with super().open(key, start, length, etag):
            yield io.BytesIO(self.arriving.pop(0))


def test_a_fault_on_the_way_is_not_a_fault_of_the_file(tmp_path: Path) -> None:
    """Wrong once, then right: the reader is not the file."""
    store = NoisyStore({FILE: (OLD, b"good")}, arriving=[b"bad1", b"good"])
    ran = audit(tmp_path, store)
    assert (messages(ran), store.arriving) == ([], [])


def test_two_readings_with_different_faults_prove_nothing(tmp_path: Path) -> None:
    ran = audit(tmp_path, NoisyStore({FILE: (OLD, b"good")}, arriving=[b"bad1", b"bad2"]))
    assert ran.said() == {("RUN001", FILE, "seen")}
    assert ran.summary["exit_code"] == 3


def test_an_object_that_changes_is_judged_as_it_is_then(tmp_path: Path) -> None:
    """Its listed size, age and ETag are of an object that is no more."""
    store = MemoryStore({FILE: (OLD, b"bad1")})
    store.before = lambda operation, key: (
        store.objects.update({FILE: (NOW, b"longer, and bad2")}) if operation == "GetObject" else None
    )
    ran = audit(tmp_path, store)
    assert (messages(ran), ran.summary["complete"]) == (["bad2 is bad"], True)


def test_an_object_that_never_stands_still_is_unreadable(tmp_path: Path) -> None:
    store = MemoryStore({FILE: (OLD, b"bad")})
    store.before = lambda operation, key: (
        store.objects.update({FILE: (NOW, store.objects[FILE][1] + b"d")}) if operation == "GetObject" else None
    )
    ran = audit(tmp_path, store)
    assert ran.said() == {("RUN001", FILE, "seen")}
    assert "written anew 3 times" in messages(ran)[0]
    assert ran.summary["complete"]


def test_a_good_file_is_read_once(tmp_path: Path) -> None:
    ran = audit(tmp_path, MemoryStore({FILE: (OLD, b"good")}))
    assert ran.summary["requests"]["GetObject"] == 1
    assert ran.summary["exit_code"] == 0


def test_what_the_table_lacks_is_asked_again(tmp_path: Path) -> None:
    """Items are written some time after the file; at the second look they are there."""
    words: list[dict[str, Any]] = []

    def answers(sql: str, parameters: Any) -> list[dict[str, Any]]:
        found = list(words)
        words.append({"word": "late"})
        return found if ":key" in sql else []

    rows = MemoryRows({FILE: ("uid", 4, OLD)}, answers=answers)
    assert messages(audit(tmp_path, MemoryStore({FILE: (OLD, b"late")}), rows)) == []


@pytest.mark.parametrize(("as_of", "status"), [(None, "confirmed"), (NOW, "snapshot")])
def test_absence_is_confirmed_or_a_snapshot(tmp_path: Path, as_of: Any, status: str) -> None:
    rows = MemoryRows({FILE: ("uid", 4, OLD)}, as_of=as_of, answers=lambda sql, parameters: [])
    ran = audit(tmp_path, MemoryStore({FILE: (OLD, b"lost")}), rows)
    assert ran.said() == {("TST002", FILE, status)}


def test_a_young_file_is_not_held_against_the_table(tmp_path: Path) -> None:
    rows = MemoryRows({FILE: ("uid", 4, OLD)}, answers=lambda sql, parameters: [])
    assert messages(audit(tmp_path, MemoryStore({FILE: (YOUNG, b"lost")}), rows)) == []


def test_a_database_without_the_table_is_said(tmp_path: Path) -> None:
    ran = audit(tmp_path, MemoryStore({FILE: (OLD, b"bad1")}), MemoryRows({FILE: ("uid", 4, OLD)}))
    assert messages(ran) == ["bad1 is bad"]
    assert "contents against words" in {entry["what"] for entry in ran.summary["not_audited"]}


def test_an_object_that_vanishes_before_it_is_read_is_gone(tmp_path: Path) -> None:
    store = MemoryStore({FILE: (OLD, b"bad1"), OTHER: (OLD, b"bad2")})
    store.before = lambda operation, key: operation == "GetObject" and store.objects.pop(FILE, None)  # type: ignore[assignment]
    ran = audit(tmp_path, store)
    assert ran.classes == {FILE: "gone", OTHER: "unjudged"}
    assert messages(ran) == ["bad2 is bad"]
    assert ran.summary["complete"]


def test_a_body_that_breaks_off_because_of_a_delete_is_gone(tmp_path: Path) -> None:
    store = MemoryStore({FILE: (OLD, b"good")})
    broken = ObjectUnreadable(FILE, "connection closed", refused=False)

    def before(operation: str, key: str) -> None:
        if operation == "GetObject":
            store.objects.clear()
            raise broken

    store.before = before
    ran = audit(tmp_path, store)
    assert ran.classes == {FILE: "gone"}
    assert (messages(ran), ran.summary["complete"]) == ([], True)


@pytest.mark.parametrize(("refused", "code"), [(True, 1), (False, 3)])
def test_an_unreadable_object_is_run001_and_the_run_goes_on(tmp_path: Path, refused: bool, code: int) -> None:
    """A standing answer is a finding; a transport that failed after all retries makes the run incomplete, too."""
    error = ObjectUnreadable(FILE, "no answer", refused=refused)
    store = MemoryStore({FILE: (OLD, b"bad1"), OTHER: (OLD, b"bad2")}, unreadable={FILE: error})
    ran = audit(tmp_path, store)
    assert ran.said() == {("RUN001", FILE, "seen"), ("TST001", OTHER, "seen")}
    assert ran.summary["exit_code"] == code
    assert ran.summary["complete"] is refused


def test_a_rule_that_stumbles_over_one_object_does_not_end_the_run(tmp_path: Path) -> None:
    class Stumbles(Words):
        def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
            if facts.key == FILE:
                raise ZeroDivisionError("the bytes of the file")
            yield from super().check_content(streams, facts)

    store = MemoryStore({FILE: (OLD, b"x"), OTHER: (OLD, b"bad2")})
    ran = run(tmp_path, store, None, rules=[Stumbles()])
    assert ran.said() == {("RUN001", FILE, "seen"), ("TST001", OTHER, "seen")}
    assert "The object could not be read: its check failed with ZeroDivisionError." in messages(ran)
    assert ran.summary["exit_code"] == 3


def test_rows_that_fail_while_contents_are_read_make_the_run_incomplete(tmp_path: Path) -> None:
    def before(operation: str, argument: Any) -> None:
        if operation == "select":
            raise RowsFailed("the database went away")

    rows = MemoryRows({FILE: ("uid", 4, OLD)}, before=before)
    ran = audit(tmp_path, MemoryStore({FILE: (OLD, b"bad1")}), rows)
    assert (messages(ran), ran.summary["exit_code"]) == ([], 3)


def test_a_secret_is_never_read(tmp_path: Path) -> None:
    class Curious(Words):
        contents = frozenset({"journal-key"})

    asked: list[tuple[str, str]] = []
    store = MemoryStore({SECRET: (OLD, b"k" * 44)}, before=lambda operation, key: asked.append((operation, key)))
    run(tmp_path, store, None, rules=[Curious()])
    assert "GetObject" not in dict(asked)


def test_no_content_reads_nothing_and_says_so(tmp_path: Path) -> None:
    ran = audit(tmp_path, MemoryStore({FILE: (OLD, b"bad1")}), content=Level.NONE)
    assert "GetObject" not in ran.summary["requests"]
    assert "contents of objects" in {entry["what"] for entry in ran.summary["not_audited"]}


def test_orphaned_files_are_read_as_well(tmp_path: Path) -> None:
    ran = audit(tmp_path, MemoryStore({FILE: (OLD, b"bad1")}), MemoryRows({}), settle=timedelta(0))
    assert ran.classes == {FILE: "orphan"}
    assert messages(ran) == ["bad1 is bad"]
