"""`auditor scan` as a scheduler runs it: who hears what, and that no secret and no receiver gets into the run's way."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from auditor.runs.folder import open_run
from auditor.runs.lock import sole_audit
from tests.scanning import auditor
from tests.servers.receiver import CUT, SECRET, Receiver, Reply
from tests.telling.test_metrics import parsed

command = import_module("auditor.cli.scan")  # the package has the command under the module's name


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AUDITOR_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("auditor.telling.sending.time.sleep", lambda seconds: None)
    monkeypatch.setattr("auditor.telling.sending.PAUSES", (0, 0))


@pytest.fixture
def server() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """One object that the document does not know: a warning."""
    (tmp_path / "bucket" / "builds").mkdir(parents=True)
    (tmp_path / "bucket" / "builds" / "<!channel>").write_bytes(b"x")
    return tmp_path / "bucket"


def scanned(bucket: Path, *options: str, out: str = "run", only: str = "KEY001") -> Result:
    arguments = ["--db", "none", "--no-content", "--select", only, "--format", "csv"]
    arguments += ["--out", str(bucket.parent / "runs" / out)]
    return auditor("scan", f"file://{bucket}", *arguments, *options)


def everybody(server: Receiver) -> list[str]:
    return [
        *("--slack-url", f"{server.url}/slack", "--webhook-url", f"{server.url}/json"),
        *("--ping-url", f"{server.url}/ping"),
    ]


def no_secret(result: Result, folder: Path) -> None:
    assert "SECRET" not in result.output + result.stderr + repr(result.exception)
    for path in folder.rglob("*"):
        assert not path.is_file() or b"SECRET" not in path.read_bytes()


def test_everybody_is_told_in_order(server: Receiver, bucket: Path, tmp_path: Path) -> None:
    result = scanned(bucket, *everybody(server), "--report-url", "https://audits.example.com/")
    assert result.exit_code == 1
    assert server.paths() == ["/ping/start", "/slack", "/json", "/ping"]
    _, slack, body, ping = server.got
    assert slack.headers["content-type"] == "application/json; charset=UTF-8"
    assert "complete: 1 found, all new, since no audit before this one is on record (exit code 1)" in slack.json["text"]
    assert "<https://audits.example.com/run/report.html|The report>" in slack.json["blocks"][-1]["text"]["text"]
    assert "`builds/&lt;!channel&gt;`" in slack.json["blocks"][1]["text"]["text"]
    assert body.json["found"][0]["examples"] == ["builds/<!channel>"]
    assert body.json["report"]["folder"] == str(tmp_path / "runs" / "run")
    assert ping.body == b"the audit ended with exit code 1"
    assert "warning:" not in result.stderr
    no_secret(result, tmp_path)


def test_the_environment_does_as_well(
    server: Receiver, bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SLACK", "WEBHOOK", "PING"):
        monkeypatch.setenv(f"AUDITOR_{name}_URL", f"{server.url}/{name}")
    monkeypatch.setenv("AUDITOR_METRICS_FILE", str(tmp_path / "auditor.prom"))
    result = scanned(bucket)
    assert server.paths() == ["/PING/start", "/SLACK", "/WEBHOOK", "/PING"]
    assert "auditor_run_exit_code" in parsed((tmp_path / "auditor.prom").read_text(encoding="utf-8"))
    no_secret(result, tmp_path)
    assert "SECRET" not in auditor("scan", "--help").output


def test_a_quiet_night_is_quiet_and_its_metrics_are_written(server: Receiver, bucket: Path, tmp_path: Path) -> None:
    options = [*everybody(server), "--metrics-file", str(tmp_path / "auditor.prom")]
    assert scanned(bucket, *options, only="KEY003").exit_code == 0
    assert server.paths() == ["/ping/start", "/ping"]
    found = parsed((tmp_path / "auditor.prom").read_text(encoding="utf-8"))
    assert list(found["auditor_run_exit_code"].values()) == [0]
    assert scanned(bucket, *options, "--tell", "always", out="again", only="KEY003").exit_code == 0
    assert server.paths()[2:] == ["/ping/start", "/slack", "/json", "/ping"]


@pytest.mark.parametrize("answer", [Reply(302, {"Location": "https://x/SECRET"}), CUT])
def test_who_cannot_be_told_is_a_warning(server: Receiver, bucket: Path, tmp_path: Path, answer: Reply) -> None:
    server.answers = [answer] * 99
    result = scanned(bucket, *everybody(server))
    assert result.exit_code == 1
    warnings = [line for line in result.stderr.splitlines() if line.startswith("warning:")]
    names = ["the ping", "Slack", "the webhook", "the ping"]
    assert [line.partition(" at ")[0] for line in warnings] == [f"warning: {name}" for name in names]
    assert all(f"at {server.place} was not told, because " in line for line in warnings)
    assert open_run(tmp_path / "runs" / "run").summary["complete"]
    no_secret(result, tmp_path)


@pytest.mark.parametrize("fault", [RuntimeError(f"https://x/{SECRET}"), KeyError(SECRET)])
def test_a_fault_of_ours_while_telling_does_not_end_the_run_anew(
    server: Receiver, bucket: Path, tmp_path: Path, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise fault

    monkeypatch.setattr("auditor.cli.telling.digest_of", broken)
    result = scanned(bucket, *everybody(server))
    assert result.exit_code == 1
    assert f"nobody was told ({type(fault).__name__}): this is a fault of the auditor" in result.stderr
    assert server.paths() == ["/ping/start", "/ping"]
    no_secret(result, tmp_path)


@pytest.mark.parametrize("option", ["--slack-url", "--webhook-url", "--ping-url", "--report-url"])
@pytest.mark.parametrize("url", ["ftp://host/SECRET", "SECRET", "https://"])
def test_what_is_no_url_is_refused_before_anything_begins(bucket: Path, tmp_path: Path, option: str, url: str) -> None:
    result = scanned(bucket, option, url)
    assert result.exit_code == 2
    assert option in result.stderr
    assert not (tmp_path / "runs").exists()
    no_secret(result, tmp_path / "runs")


def test_a_run_that_cannot_start_says_so(server: Receiver, bucket: Path, tmp_path: Path) -> None:
    ping = ["--ping-url", f"{server.url}/ping", "--slack-url", f"{server.url}/slack", "--webhook-url", server.url]
    (tmp_path / "faulty.md").write_bytes(b"* `a/{`: no template\n")
    for options in (["--db", "sqlite:////no/such/file"], ["--spec", str(tmp_path / "faulty.md")], ["--format", "x"]):
        assert scanned(bucket, *ping, *options).exit_code == 2
    assert server.paths() == ["/ping/start", "/slack", "/ping/fail"] * 3
    assert {got.body for got in server.got[2::3]} == {b"the audit could not start: exit code 2"}
    database, document, form = (got.json["blocks"][0]["text"]["text"] for got in server.got[1::3])
    assert database.startswith(
        f":x: `file://{bucket}` *the audit could not start: exit code 2*\n`there is no database file /no/such/file"
    )
    assert "`1 fault(s) in the document or its bindings`" in document
    assert "no report format 'x' is installed" in form


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (KeyboardInterrupt(), b"the audit was interrupted: exit code 3"),
        (RuntimeError(SECRET), b"the audit crashed: exit code 3"),
    ],
)
def test_a_run_that_is_stopped_or_crashes_says_so(
    server: Receiver, bucket: Path, fault: BaseException, line: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(command, "audit", broken)
    assert scanned(bucket, *everybody(server)).exit_code == 3
    stopped = isinstance(fault, KeyboardInterrupt)
    assert server.paths() == ["/ping/start", *([] if stopped else ["/slack"]), "/ping/fail"]
    assert server.got[-1].body == line
    assert not any(b"SECRET" in got.body for got in server.got)


def test_a_full_disk_is_no_fault_of_ours(server: Receiver, bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(command, "audit", full)
    result = scanned(bucket, *everybody(server))
    assert result.exit_code == 3
    assert result.stderr.splitlines()[-1].startswith("auditor: the disk is full: make room where the runs are written")
    assert "Traceback" not in result.stderr
    assert server.paths() == ["/ping/start", "/slack", "/ping/fail"]
    assert server.got[1].json["blocks"][0]["text"]["text"].endswith("`the disk is full`")
    assert server.got[-1].body == b"the audit broke off: exit code 3"


def test_half_an_audit_is_told_and_is_no_success(
    server: Receiver, bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = command.audit

    def half(case: Any, folder: Path) -> Any:
        run = whole(case, folder)
        run.summary.update(complete=False, exit_code=3, errors=[{"what": "listing", "message": "SlowDown"}])
        return run

    monkeypatch.setattr(command, "audit", half)
    result = scanned(bucket, *everybody(server), "--metrics-file", str(tmp_path / "auditor.prom"), only="KEY003")
    assert result.exit_code == 3
    assert server.paths() == ["/ping/start", "/slack", "/json", "/ping/fail"]
    found = parsed((tmp_path / "auditor.prom").read_text(encoding="utf-8"))
    assert list(found["auditor_run_complete"].values()) == [0]
    assert "auditor_last_success_timestamp_seconds" not in found


def test_metrics_that_cannot_be_written_are_a_warning(bucket: Path, tmp_path: Path) -> None:
    result = scanned(bucket, "--metrics-file", str(tmp_path / "nowhere" / "auditor.prom"))
    assert result.exit_code == 1
    assert "auditor.prom cannot be written (No such file or directory)" in result.stderr
    (tmp_path / "auditor.prom").write_text('auditor_last_run_timestamp_seconds{bucket="s3://x",prefix=""} 1\n')
    result = scanned(bucket, "--metrics-file", str(tmp_path / "auditor.prom"), out="again")
    assert result.exit_code == 1
    assert "auditor.prom is about another bucket or prefix, and stays: name another file" in result.stderr


def test_a_second_audit_is_refused_and_says_who_audits(server: Receiver, bucket: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with sole_audit(bucket.as_uri(), runs / "first", timedelta(0), print):
        result = scanned(bucket, "--ping-url", f"{server.url}/ping")
        assert result.exit_code == 2
        assert f"is under way (process {os.getpid()} on " in result.stderr
        assert [path.suffix for path in runs.iterdir()] == [".lock"]
    assert server.paths() == ["/ping/start", "/ping/fail"]
    assert scanned(bucket).exit_code == 1


def test_runs_are_kept_by_count(bucket: Path, tmp_path: Path) -> None:
    for number in range(2, 4):
        result = scanned(bucket, "--keep-runs", "1", out=f"run-{number}")
    assert sorted(path.name for path in (tmp_path / "runs").iterdir() if path.is_dir()) == ["run-3"]
    assert "removed the old run" in result.stderr


def test_a_name_that_another_bucket_took_meanwhile(
    bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = command.audit

    def overtaken(case: Any, folder: Path) -> Any:
        (tmp_path / "runs" / "run").mkdir()
        (tmp_path / "runs" / "run" / "summary.json").write_bytes(b"{}")
        (tmp_path / "runs" / "run-2").write_bytes(b"a file")
        return whole(case, folder)

    monkeypatch.setattr(command, "audit", overtaken)
    result = scanned(bucket)
    assert result.exit_code == 1
    assert f"wrote {tmp_path / 'runs' / 'run-3' / 'findings.csv'}" in result.stdout
    assert open_run(tmp_path / "runs" / "run-3").summary["complete"]
    assert (tmp_path / "runs" / "run" / "summary.json").read_bytes() == b"{}"
