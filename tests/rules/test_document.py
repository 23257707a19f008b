"""DOC001, DOC004, DOC005 and DOC006 in a real audit, and how what is about no object looks in the reports."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from auditor.findings import Finding
from auditor.protocols import BatchRule, ContentRule, Context, DocumentRule, RunRule
from auditor.spec import Source, compile_specification
from rules.document import DocumentRules
from tests.scan.fakes import OLD, MemoryStore
from tests.scan.running import image, run
from tests.scanning import Scanned, scan

DOCUMENT = """\
- `a/{x}/b/{y}`: one, see [../db/t.md]
- `a/c/{x}/{y}`: two, see [../db/t.md]
- `d/{x}`: three
"""
BINDINGS = '[templates."a/{x}/b/{y}"]\nrows = "none"\n[templates."a/c/{x}/{y}"]\nrows = "none"\n'


@pytest.fixture
def scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scanned:
    monkeypatch.chdir(tmp_path)
    Path("keys.md").write_text(DOCUMENT)
    Path("keys.toml").write_text(BINDINGS)
    Path("bucket/d").mkdir(parents=True)
    Path("bucket/d/e").write_bytes(b"1")
    files = ["--spec", "keys.md", "--bindings", "keys.toml", "--db", "none"]
    return scan([f"file://{tmp_path / 'bucket'}"], tmp_path / "run", *files, "--format", "terminal", "--format", "html")


def test_an_audit_says_what_is_to_be_said_of_its_document(scanned: Scanned) -> None:
    overlap = "`a/c/{x}/{y}` and `a/{x}/b/{y}` of line 1 both fit the key `a/c/b/a`; by precedence it belongs to `a/c`"
    odd = "`[../db/t.md]` is no link; it is understood as naming the table `t`"
    assert [(found.rule, found.family, found.message) for found in scanned.findings()] == [
        ("DOC001", "a/c", f"keys.md:2:4: {overlap}"),
        ("DOC004", "a/b", "keys.md:1:4: no object has a key of `a/{x}/b/{y}`"),
        ("DOC004", "a/c", "keys.md:2:4: no object has a key of `a/c/{x}/{y}`"),
        ("DOC005", "d", "keys.md:3:4: nothing says whether the objects of `d/{x}` need rows"),
        ("DOC006", None, f"keys.md:1:27: {odd}"),
        ("DOC006", None, f"keys.md:2:27: {odd}"),
    ]
    assert {found.key for found in scanned.findings()} == {""}
    assert scanned.code == 1


def test_each_has_a_fingerprint_of_its_own_which_does_not_hang_on_the_line(scanned: Scanned, tmp_path: Path) -> None:
    first = [found.fingerprint for found in scanned.findings()]
    assert len(set(first)) == len(first)
    Path("keys.md").write_text("# A heading\n\n" + DOCUMENT)
    files = ["--spec", "keys.md", "--bindings", "keys.toml", "--db", "none"]
    again = scan([f"file://{tmp_path / 'bucket'}"], tmp_path / "again", *files)
    assert [found.fingerprint for found in again.findings()] == first
    assert all(found.message.startswith(("keys.md:3:", "keys.md:4:", "keys.md:5:")) for found in again.findings())


def test_reports_show_the_document_s_line_in_the_place_of_a_key(scanned: Scanned) -> None:
    assert "\n    keys.md:3:4: nothing says whether the objects of `d/{x}` need rows\n" in scanned.stdout
    assert "and 1 more" not in scanned.stdout
    assert scanned.summary["rules"]["DOC004"]["examples"] == [
        "keys.md:1:4: no object has a key of `a/{x}/b/{y}`",
        "keys.md:2:4: no object has a key of `a/c/{x}/{y}`",
    ]
    page = (scanned.out / "report.html").read_text()
    assert '<td data-label="Key" class="subject"><bdi class="message">keys.md:3:4: nothing says' in page
    assert '<bdi class="key"></bdi>' not in page
    with (scanned.out / "findings.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["key"] for row in rows} == {""}


def test_a_part_of_a_bucket_says_nothing_about_templates_without_objects(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        MemoryStore({image(1): (OLD, b"1")}),
        None,
        rules=[DocumentRules()],
        everything=True,
        prefix="s3_files/images/",
    )
    assert ran.about("DOC004") == set()
    because = "only a part of the bucket was scanned"
    assert {"what": "DOC004 template-without-objects", "because": because} in ran.summary["not_audited"]


def test_a_run_that_is_not_complete_says_nothing_about_templates_without_objects(tmp_path: Path) -> None:
    store = MemoryStore({image(number): (OLD, b"1") for number in range(3)}, fail_listing_after=image(1))
    ran = run(tmp_path, store, None, rules=[DocumentRules()], everything=True)
    assert not ran.summary["complete"]
    assert ran.about("DOC004") == set()
    assert "DOC004 template-without-objects" in {entry["what"] for entry in ran.summary["not_audited"]}


def test_every_template_of_an_empty_bucket_is_without_objects_and_one_object_is_enough(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "one").mkdir()
    empty = run(tmp_path / "empty", MemoryStore({}), None, rules=[DocumentRules()], everything=True)
    one = MemoryStore({image(1): (OLD, b"1")})
    ran = run(tmp_path / "one", one, None, rules=[DocumentRules()], everything=True)
    assert len(families(empty.found)) == 16
    assert families(empty.found) - families(ran.found) == {"images/originals"}
    assert families(ran.found) < families(empty.found)


def families(found: list[Finding]) -> set[str | None]:
    return {finding.family for finding in found if finding.rule == "DOC004"}


def test_the_rule_is_of_the_kinds_that_its_records_say() -> None:
    rule = DocumentRules()
    assert isinstance(rule, DocumentRule)
    assert isinstance(rule, RunRule)
    assert not isinstance(rule, (BatchRule, ContentRule))
    assert {info.code: str(info.kind) for info in rule.infos} == {
        **dict.fromkeys(("DOC001", "DOC002", "DOC003", "DOC005", "DOC006", "DOC007"), "document"),
        "DOC004": "run",
    }


def test_what_stops_the_compiler_is_never_a_problem_of_the_rule() -> None:
    spec = compile_specification(Source("keys.md", DOCUMENT.encode()), Source("keys.toml", BINDINGS.encode()))
    said = {problem.code for problem in DocumentRules().check_document(Context(spec, ""))}
    assert said == {"DOC001", "DOC005", "DOC006"}
