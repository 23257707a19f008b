"""REF006 in whole audits: which objects and rows are paired, what is said of them, and how much of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.scan import beside
from rules.references.pairs import ALIKE, ROWS_PER_OBJECT, PairRules
from rules.references.presence import ReferenceRules
from tests.scan.fakes import NOW, OLD, YOUNG, MemoryRows, MemoryStore
from tests.scan.running import Ran, image, run

FOLDER = "s3_files/audio/originals/oseh_cf_AAAAAAAAAAAAAAAAAAAAAA"
BODY = (OLD, b"1234")


def audit(folder: Path, objects: list[str], rows: list[str], **options: Any) -> Ran:
    store = MemoryStore({f"{FOLDER}/{name}": BODY for name in objects}, page=100)
    found = MemoryRows({f"{FOLDER}/{name}": ("uid", 4, OLD) for name in rows}, page=100)
    return run(folder, store, found, **options)


def pairs(ran: Ran) -> list[tuple[str, str]]:
    """(object, message) of each pair, the folder left out."""
    found = [found for found in ran.found if found.rule == "REF006"]
    return [(one.key.removeprefix(f"{FOLDER}/"), one.message.replace(f"{FOLDER}/", "")) for one in found]


def test_what_is_said_of_a_pair(tmp_path: Path) -> None:
    ran = audit(tmp_path, ["cafe\u0301.mp3"], ["caf\u00e9.mp3"])
    (found,) = [found for found in ran.found if found.rule == "REF006"]
    assert found.message == (
        f"The object `{FOLDER}/cafe\u0301.mp3` has no row; the row `{FOLDER}/caf\u00e9.mp3` has no object. They differ "
        "in Unicode form (the object NFD, the row NFC; at character 60 U+0065 U+0301 and U+00E9) alone. "
        "The sizes agree (4 B)."
    )
    assert (found.status, found.severity, found.family, found.size, found.last_modified, found.row_uid) == (
        ("confirmed", "error", "audio/originals", 4, OLD, "uid")
    )
    assert found.suggestion.startswith("Do not delete the object.")
    assert ran.about("REF001") == {found.key}
    assert ran.about("REF002") == {f"{FOLDER}/caf\u00e9.mp3"}
    assert ran.summary["rules"]["REF006"]["bytes"] == 4


def test_hostile_keys_are_only_text_in_the_message(tmp_path: Path) -> None:
    ((_, message),) = pairs(audit(tmp_path, ["\x1b[2J\u202eA"], ["\x1b[2J\u202ea"]))
    assert message.isprintable()
    assert "\\x1b[2J\\u202eA" in message


def test_the_same_bytes_and_other_names_are_no_pair(tmp_path: Path) -> None:
    assert pairs(audit(tmp_path, ["a b", "c"], ["a b", "a_b", "d"])) == []


def test_sizes_that_do_not_agree_are_said(tmp_path: Path) -> None:
    store = MemoryStore({f"{FOLDER}/A": BODY, f"{FOLDER}/B": BODY})
    rows = MemoryRows({f"{FOLDER}/a": ("uid", 5, OLD), f"{FOLDER}/b": ("uid", -1, OLD)})
    first, second = (message for _, message in pairs(run(tmp_path, store, rows)))
    assert first.endswith("The sizes do not agree: 4 bytes, and 5 by the row.")
    assert second.endswith("They differ in case alone.")


def test_an_object_of_no_template_is_paired_when_it_is_old_and_has_no_row(tmp_path: Path) -> None:
    """A leading slash and encoded slashes fit no template, so such objects are unknown and not orphans."""
    rows = {image(number): ("uid", 4, OLD) for number in range(4)}
    recorded = "/" + image(3)
    objects = {
        "/" + image(0): BODY,
        image(1).replace("/", "%2F"): BODY,
        "/" + image(2): (YOUNG, b"1234"),
        recorded: BODY,
    }
    ran = run(tmp_path, MemoryStore(objects), MemoryRows(rows | {recorded: ("uid", 4, OLD)}))
    assert set(ran.classes.values()) == {"unknown"}
    assert ran.about("REF006") == {"/" + image(0), image(1).replace("/", "%2F")}
    assert "has no row, and a key that is none of the document's" in pairs(ran)[0][1]


def test_young_and_live_halves_are_no_pair(tmp_path: Path) -> None:
    objects = {f"{FOLDER}/A": (YOUNG, b"1"), f"{FOLDER}/B": BODY, f"{FOLDER}/C": BODY, f"{FOLDER}/c": BODY}
    rows = {f"{FOLDER}/a": ("1", 1, OLD), f"{FOLDER}/b": ("2", 4, NOW), f"{FOLDER}/c": ("3", 4, OLD)}
    ran = run(tmp_path, MemoryStore(objects), MemoryRows(rows))
    assert ran.about("REF001", "REF002") == {f"{FOLDER}/B", f"{FOLDER}/C", f"{FOLDER}/a"}
    assert pairs(ran) == []


def test_the_fewest_differences_come_first_and_doubt_is_said(tmp_path: Path) -> None:
    said = pairs(audit(tmp_path, ["e"], ["E", "%45", "é"]))
    doubt = "The sizes agree (4 B). Ambiguous: 2 rows are spelt alike; look at them before you choose."
    assert [message.partition("They differ in ")[2] for _, message in said] == [
        f"case alone. {doubt}",
        f"case and percent-encoding alone. {doubt}",
    ]


def test_two_objects_for_one_row(tmp_path: Path) -> None:
    said = pairs(audit(tmp_path, ["a b", "a%20b"], ["a+b"]))
    assert [key for key, _ in said] == ["a b", "a%20b"]
    assert all("Ambiguous: 2 objects are spelt alike;" in message for _, message in said)


def test_what_is_said_of_many_spellings_is_bounded(tmp_path: Path) -> None:
    """Every object is named, with a few of the rows; so many are counted and no more."""
    objects = [f"a{'/' * number}b" for number in range(1, 31)]
    rows = [f"A{'/' * number}b" for number in range(1, 31)]
    said = pairs(audit(tmp_path, objects, rows))
    assert {key for key, _ in said} == set(objects)
    assert len(said) == len(objects) * ROWS_PER_OBJECT
    assert all(
        f"at least {ALIKE} rows and at least {ALIKE} objects are spelt alike, 5 of the rows" in m for _, m in said
    )


def test_pairs_are_found_whichever_rules_are_chosen(tmp_path: Path) -> None:
    assert len(pairs(audit(tmp_path, ["A"], ["a"], rules=[PairRules()]))) == 1


def test_findings_are_in_the_order_of_keys_whatever_rule_said_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "PAGE", 2)
    names = [f"{letter}{number}" for number in range(4) for letter in "AB"]
    ran = audit(tmp_path, names, [name.lower() for name in names], everything=True)
    with_key = [(found.key.encode(), found.rule) for found in ran.found if found.key]
    assert with_key == sorted(with_key)
    assert [bool(found.key) for found in ran.found] == sorted((bool(found.key) for found in ran.found), reverse=True)
    assert len(pairs(ran)) == len(names) == ran.summary["findings"]["REF006"]
    assert len(ran.found) == sum(ran.summary["findings"].values())


def test_by_a_backup_a_pair_is_a_snapshot_and_does_not_fail_the_run(tmp_path: Path) -> None:
    rows = MemoryRows({f"{FOLDER}/a": ("uid", 4, OLD)}, as_of=NOW)
    ran = run(tmp_path, MemoryStore({f"{FOLDER}/A": BODY}), rows, rules=[PairRules(), ReferenceRules()])
    assert ("REF006", f"{FOLDER}/A", "snapshot") in ran.said()
    assert ran.summary["rules"]["REF006"]["counted"] == 0


def test_without_rows_pairs_are_not_audited(tmp_path: Path) -> None:
    ran = run(tmp_path, MemoryStore({f"{FOLDER}/A": BODY}), None)
    assert {"what": "REF006 misspelt-pair", "because": "there are no rows to compare with"} in ran.summary[
        "not_audited"
    ]


def test_nobody_is_paired_on_evidence_that_is_not_trusted(tmp_path: Path) -> None:
    names = [f"A{number}" for number in range(300)]  # most objects without a row: the wrong database
    ran = audit(tmp_path, names, [name.lower() for name in names])
    assert ran.summary["exit_code"] == 3
    assert pairs(ran) == []
