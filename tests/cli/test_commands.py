"""What the commands print, word for word where a program reads it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditor.findings import RuleInfo
from auditor.plugins import load_rules
from auditor.scan.rulebook import all_infos
from tests.scan.running import UID, image
from tests.scanning import auditor, placed, scan, with_credentials, world

KEYS = [image(1), "nowhere/x", f"s3_files/uploads/oseh_s3fu_{UID}/one/abcdefghijk", "s3_files/courses/x"]


def test_check_keys_as_text() -> None:
    result = auditor("check-keys", "-", stdin="\n".join(KEYS) + "\n")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["ok", "KEY001", "KEY003", "KEY002"]
    assert [line.split()[1] for line in lines] == ["images/originals", "-", "uploads", "-"]


def test_check_keys_as_json_lines() -> None:
    result = auditor("check-keys", "-", "--format", "jsonl", stdin="\n".join(KEYS))
    said = [json.loads(line) for line in result.stdout.splitlines()]
    assert [entry["key"] for entry in said] == KEYS
    assert said[0] == {
        "key": image(1),
        "family": "images/originals",
        "rule": None,
        "fields": {"image_file_uid": f"oseh_if_{UID}", "random": "token000001"},
    }
    assert said[1] == {"key": "nowhere/x", "family": None, "rule": "KEY001", "fields": {}}
    assert said[2]["fields"]["part_number"] == "one"


def test_check_keys_separated_by_nul_may_hold_anything() -> None:
    keys = ["a\nb", "c\r", " d ", "\x1b[2J", "=cmd", "\U0001f600"]
    result = auditor("check-keys", "-", "-0", "--format", "jsonl", stdin="\0".join(keys).encode())
    assert [json.loads(line)["key"] for line in result.stdout.splitlines()] == keys
    assert "\x1b" not in auditor("check-keys", "-", "-0", stdin="\0".join(keys).encode()).stdout


def test_check_keys_keeps_the_order_of_a_batch_and_says_each_key_as_often_as_it_comes() -> None:
    keys = ["b", "a", "b"]
    result = auditor("check-keys", "-", "--format", "jsonl", stdin="\n".join(keys))
    assert [json.loads(line)["key"] for line in result.stdout.splitlines()] == keys
    assert {json.loads(line)["rule"] for line in result.stdout.splitlines()} == {"KEY001"}


def test_keys_that_are_all_well_exit_with_0() -> None:
    assert auditor("check-keys", "-", stdin=image(1)).exit_code == 0
    assert auditor("check-keys", "-", stdin="").exit_code == 0


def test_keys_that_are_not_utf8_are_refused() -> None:
    result = auditor("check-keys", "-", stdin=b"a\n\xff\n")
    assert result.exit_code == 2
    assert "key 2 is not UTF-8" in result.stderr


def test_spec_show_as_json_has_the_published_form() -> None:
    result = auditor("spec", "show", "--format", "json")
    families = json.loads(result.stdout)["families"]
    assert len(families) == 16
    assert all({"name", "template", "line", "fields", "rows", "tables"} <= set(family) for family in families)
    uploads = next(family for family in families if family["name"] == "uploads")
    assert uploads["fields"] == {"upload_uid": "uid(s3fu)", "part_number": "int", "random": "token(8)"}


def test_spec_show_as_text_names_line_pattern_and_policy() -> None:
    text = auditor("spec", "show").stdout
    assert "16 families" in text
    assert "journals/keys/master  (rules/file_service.md:" in text
    assert "journal-key (secret: never downloaded)" in text


def test_without_bindings_every_field_is_a_segment_and_nothing_is_managed() -> None:
    families = json.loads(auditor("spec", "show", "--bindings", "none", "--format", "json").stdout)["families"]
    assert {kind for family in families for kind in family["fields"].values()} == {"segment"}
    assert {family["rows"] for family in families} == {"unmanaged"}


def test_rules_lists_every_rule_and_explains_one() -> None:
    infos = all_infos(load_rules())
    listed = auditor("rules").stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(infos)
    explained = auditor("rules", "REF001").stdout
    assert all(text in explained for text in (infos["REF001"].why, infos["REF001"].action, infos["REF001"].bad))


@pytest.mark.parametrize("info", all_infos(load_rules()).values(), ids=lambda info: info.code)
def test_every_rule_is_documented(info: RuleInfo) -> None:
    assert all(text.strip() for text in (info.summary, info.why, info.action, info.good, info.bad))
    assert info.name == info.name.lower()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        with_credentials(patch)
        with placed(world(1, 400, "folder"), "folder", folder) as bucket:
            scanned = scan(bucket, folder / "out", "--db", "backup", "--format", "terminal", "--format", "html")
    assert scanned.code == 1, scanned.stderr
    assert scanned.stdout.splitlines()[-1] == f"wrote {scanned.out / 'report.html'}"
    return scanned.out


def test_a_run_leaves_its_files_in_a_private_folder(run: Path) -> None:
    assert sorted(path.name for path in run.iterdir()) == [
        "findings.csv",
        "fixed.csv",
        "looked.parquet",
        "objects.parquet",
        "report.html",
        "states.parquet",
        "summary.json",
    ]
    assert stat.S_IMODE(run.stat().st_mode) == 0o700


def test_every_report_can_be_made_again(run: Path, tmp_path: Path) -> None:
    formats = [argument for name in ("csv", "json", "html") for argument in ("--format", name)]
    result = auditor("report", str(run), *formats, "--format", "terminal", "--out", str(tmp_path))
    assert result.exit_code == 0
    for name in ("findings.csv", "summary.json", "report.html"):
        assert (tmp_path / name).read_bytes() == (run / name).read_bytes(), name
    assert "REF001" in result.stdout


def test_a_run_whose_findings_were_cut_off_is_refused(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    whole = (run / "findings.csv").read_bytes().splitlines(keepends=True)
    (tmp_path / "run" / "findings.csv").write_bytes(b"".join(whole[:-1]))
    result = auditor("report", str(tmp_path / "run"), "--format", "html")
    assert result.exit_code == 2
    assert "findings.csv" in result.stderr


def test_the_summary_fits_its_published_schema(run: Path) -> None:
    import jsonschema

    import reports

    schema = json.loads((Path(reports.__file__).parent / "summary.schema.json").read_text())
    jsonschema.validate(json.loads((run / "summary.json").read_text()), schema)


@pytest.mark.parametrize(("fail_on", "code"), [("info", 1), ("warning", 0), ("error", 0)])
def test_fail_on_decides_between_0_and_1(tmp_path: Path, fail_on: str, code: int) -> None:
    (tmp_path / "bucket" / "builds").mkdir(parents=True)
    (tmp_path / "bucket" / "builds" / "x").write_bytes(b"")
    arguments = ["--db", "none", "--fail-on", fail_on, "--select", "KEY005", "--select", "KEY001"]
    if fail_on != "info":
        arguments += ["--ignore", "unknown-prefix"]
    assert scan([f"file://{tmp_path / 'bucket'}"], tmp_path / "run", *arguments).code == code


SLOW = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored
from auditor.scan import judging
sign = sys.argv.pop(1)
judging._settle = lambda *_: (open(sign, 'w').close(), time.sleep(60))
from auditor.cli import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    world(1, 400, "folder").write_folder(tmp_path / "bucket")
    (tmp_path / "tmp").mkdir()
    waiting = tmp_path / "waiting"
    command = [sys.executable, "-c", SLOW, str(waiting), "scan", f"file://{tmp_path / 'bucket'}", "--out"]
    child = subprocess.Popen(
        [*command, str(tmp_path / "out" / "run")],
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not waiting.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list((tmp_path / "tmp").iterdir()), "the backup should lie here while the run goes on"
    child.send_signal(number)
    _, said = child.communicate(timeout=30)
    assert child.returncode == 3
    assert "interrupted" in said
    assert "Traceback" not in said
    assert list((tmp_path / "tmp").iterdir()) == []
    assert list((tmp_path / "out").iterdir()) == []


ENDLESS = """
import sys, time
from auditor.store.folder import FolderStore
sign = sys.argv.pop(1)
pages = FolderStore.list
def endless(store, *arguments):
    for page in pages(store, *arguments):
        while True:
            yield page
            open(sign, 'w').close()
            time.sleep(0.05)
FolderStore.list = endless
from auditor.cli import main
main()
"""


def test_a_run_that_is_stopped_while_it_lists_does_not_list_to_the_end(tmp_path: Path) -> None:
    world(1, 400, "folder").write_folder(tmp_path / "bucket")
    waiting = tmp_path / "waiting"
    command = [sys.executable, "-c", ENDLESS, str(waiting), "scan", f"file://{tmp_path / 'bucket'}", "--db", "none"]
    child = subprocess.Popen([*command, "--out", str(tmp_path / "out" / "run")], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not waiting.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    child.terminate()
    try:
        _, said = child.communicate(timeout=20)
    finally:
        child.kill()
    assert child.returncode == 3
    assert "interrupted" in said
    assert list((tmp_path / "out").iterdir()) == []
