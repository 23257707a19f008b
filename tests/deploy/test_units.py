"""Each unit calls a command that there is, in the right hour, and is as tight as it says."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import kubernetes_validate
import pytest
from cronsim import CronSim

from auditor.cli import main
from auditor.cli.settings.environment import variables
from auditor.cli.settings.schema import leaves, parameters, shape_of
from auditor.scan.summary import EXIT_FINDINGS
from auditor.settings import read_settings
from tests.deploy.units import DEPLOY, ROOT, documents, taken, unit

CONFIG = Path("/etc/auditor/auditor.toml")
RUNS = "/var/lib/auditor"
KUBERNETES = "1.30"
ZONE = ZoneInfo("America/Los_Angeles")  # of the backups, of which the last is made at 03:00
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


def container() -> dict[str, Any]:
    spec = documents("cronjob.yaml")["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (found,) = spec["containers"]
    return dict(found)


def containerfile() -> list[tuple[str, str]]:
    """Instructions with their arguments, continuation lines joined."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def test_the_examples_words_are_refused_when_they_are_wrong() -> None:
    """Or everything below proves nothing."""
    for wrong in (["scan", "--exit-nought"], ["scna"], ["scan", "--fail-on", "never"]):
        with pytest.raises(click.UsageError):
            taken(*wrong)


def test_the_service_calls_the_command() -> None:
    service = unit("auditor.service")["Service"]
    (start,) = service["ExecStart"]
    program, *arguments = shlex.split(start)
    command, said = taken(*arguments)
    assert (program, command, said["config"]) == ("/usr/local/bin/auditor", "scan", CONFIG)
    assert service["SuccessExitStatus"] == [str(EXIT_FINDINGS)]
    assert service["WorkingDirectory"] == [RUNS] == [f"/var/lib/{service['StateDirectory'][0]}"]
    user = (DEPLOY / "auditor.sysusers").read_text(encoding="utf-8").splitlines()[-1]
    assert shlex.split(user)[:2] == ["u", service["User"][0]]
    assert shlex.split(user)[-1] == RUNS


def analyze(*arguments: str) -> str:
    assert ANALYZE is not None
    done = subprocess.run([ANALYZE, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs_systemd
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """The program is looked for, so it is one that is there."""
    text = (DEPLOY / "auditor.service").read_text(encoding="utf-8")
    (tmp_path / "auditor.service").write_text(text.replace("/usr/local/bin/auditor", sys.executable))
    shutil.copy(DEPLOY / "auditor.timer", tmp_path)
    assert analyze("verify", str(tmp_path / "auditor.timer"), str(tmp_path / "auditor.service")) == ""


@needs_systemd
def test_the_service_is_tight() -> None:
    """Exposure from 0 (none) to 100, as systemd counts it; what is left is the network."""
    analyze("security", "--offline=true", "--threshold=15", str(DEPLOY / "auditor.service"))


def test_the_timer_waits_for_the_backup_and_makes_up_for_nights_missed() -> None:
    timer = unit("auditor.timer")
    assert timer["Timer"]["Persistent"] == ["true"]
    assert timer["Timer"]["OnCalendar"] == [f"*-*-* 04:00:00 {ZONE.key}"]
    assert timer["Install"]["WantedBy"] == ["timers.target"]


@needs_systemd
def test_systemd_understands_the_hour() -> None:
    (hour,) = unit("auditor.timer")["Timer"]["OnCalendar"]
    assert f"Normalized form: {hour}" in analyze("calendar", hour)


def hours(schedule: str) -> set[tuple[int, int]]:
    """When a line of cron is due, by the clock on the wall, in a year of which it leaves out no day."""
    due = [at for at, _ in zip(CronSim(schedule, datetime(2026, 1, 1, tzinfo=ZONE)), range(365), strict=False)]
    assert len({at.date() for at in due}) == (due[-1].date() - due[0].date()).days + 1 == 365
    return {(at.hour, at.minute) for at in due}


def test_the_line_of_cron() -> None:
    lines = (DEPLOY / "auditor.cron").read_text(encoding="utf-8").splitlines()
    said = [line for line in lines if line and not line.startswith("#")]
    variables_set = dict(line.split("=", 1) for line in said[:-1])
    *schedule, user, command = said[-1].split(None, 6)
    assert variables_set["AUDITOR_CONFIG"] == str(CONFIG)
    assert hours(" ".join(schedule)) == {(4, 0)}
    assert user == "auditor"
    assert "%" not in command  # cron takes it for the end of the line
    called = re.search(r"&& auditor (.*?) 2>&1 [|]", command)
    assert called
    assert taken(*shlex.split(called[1]))[0] == "scan"
    assert f"cd {RUNS} " in command
    assert subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0


@pytest.mark.parametrize("kind", ["CronJob", "PersistentVolumeClaim"])
def test_kubernetes_takes_the_documents(kind: str) -> None:
    kubernetes_validate.validate(documents("cronjob.yaml")[kind], KUBERNETES, strict=True)


def test_the_schema_refuses_what_is_misspelt() -> None:
    job = documents("cronjob.yaml")["CronJob"]
    job["spec"]["concurrencyPolice"] = job["spec"].pop("concurrencyPolicy")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, KUBERNETES, strict=True)


def test_the_job_runs_once_and_the_command() -> None:
    spec = documents("cronjob.yaml")["CronJob"]["spec"]
    assert hours(spec["schedule"]) == {(4, 0)}
    assert spec["timeZone"] == ZONE.key
    assert spec["concurrencyPolicy"] == "Forbid"
    job = spec["jobTemplate"]["spec"]
    assert (job["backoffLimit"], job["template"]["spec"]["restartPolicy"]) == (0, "Never")
    command, said = taken(*container()["args"])
    assert (command, said["config"], said["exit_zero"]) == ("scan", CONFIG, True)


def test_the_pod_may_write_where_it_must_and_nowhere_else() -> None:
    pod = documents("cronjob.yaml")["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    found = container()
    assert pod["securityContext"]["runAsNonRoot"] is True
    security = found["securityContext"]
    assert security == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounts = {mount["mountPath"]: mount for mount in found["volumeMounts"]}
    assert set(mounts) == {RUNS, str(CONFIG.parent), "/tmp"}  # noqa: S108
    assert mounts[str(CONFIG.parent)]["readOnly"] is True
    assert {volume["name"] for volume in pod["volumes"]} == {mount["name"] for mount in mounts.values()}
    claim = documents("cronjob.yaml")["PersistentVolumeClaim"]["metadata"]["name"]
    assert {"name": "runs", "persistentVolumeClaim": {"claimName": claim}} in pod["volumes"]


def test_the_image() -> None:
    said = containerfile()
    known = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "ENTRYPOINT", "CMD"}
    assert {instruction for instruction, _ in said} <= known
    final = said[[instruction for instruction, _ in said].index("FROM", 1) :]
    last = dict(final)
    pod = documents("cronjob.yaml")["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["securityContext"]
    assert last["USER"] == f"{pod['runAsUser']}:{pod['runAsGroup']}"
    assert last["WORKDIR"] == RUNS
    assert last["ENTRYPOINT"] == '["auditor"]'
    assert taken(*shlex.split(last["CMD"].strip("[]").replace('"', "")))[0] == "scan"
    # In the last stage everything of the package index comes from the stage before.
    assert not [text for instruction, text in final if instruction == "RUN" and "pip" in text]


def test_the_image_is_made_of_pinned_packages_alone() -> None:
    runs = [text for instruction, text in containerfile() if instruction == "RUN"]
    pip = [piece for text in runs for piece in text.split("&&") if "-m pip " in piece]
    assert ["--require-hashes" in piece or "--no-index" in piece or "--no-deps" in piece for piece in pip] == [True] * 3


def test_what_is_copied_is_there_and_is_sent_to_the_engine() -> None:
    copied = [text.split()[:-1] for instruction, text in containerfile() if instruction == "COPY"]
    names = {name.rstrip("/") for words in copied if not words[0].startswith("--from") for name in words}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert names == {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert all((ROOT / name).exists() for name in names)


def test_the_settings_are_taken() -> None:
    settings = read_settings(DEPLOY / "auditor.toml", shape_of(main))
    assert settings.under("scan")["bucket"].value == "s3://my-bucket"


def test_the_settings_that_are_commented_out_are_taken_too(tmp_path: Path) -> None:
    text = (DEPLOY / "auditor.toml").read_text(encoding="utf-8")
    path = tmp_path / "auditor.toml"
    path.write_text(re.sub(r"^# (?=[a-z-]+ = )", "", text, flags=re.MULTILINE))
    told = {"fail-on-new", "baseline", "metrics-file", "report-url", "keep-days"}
    assert {"spec", "bindings", "expected-bucket-owner", *told} <= set(
        read_settings(path, shape_of(main)).under("scan")
    )


def test_the_environment_file_names_variables_that_there_are() -> None:
    text = (DEPLOY / "auditor.env").read_text(encoding="utf-8")
    known = {name for _, command in leaves(main) for param in parameters(command).values() for name in variables(param)}
    named = re.findall(r"^#(AUDITOR_[A-Z_]+)=", text, re.MULTILINE)
    assert set(named) >= {
        "AUDITOR_DB",
        "AUDITOR_PENDING",
        "AUDITOR_SLACK_URL",
        "AUDITOR_WEBHOOK_URL",
        "AUDITOR_PING_URL",
    }
    assert set(named) <= known
    assert not re.search(r"^[^#\n]", text, re.MULTILINE)  # nothing is set by default


def test_no_unit_holds_a_password() -> None:
    for path in sorted(DEPLOY.iterdir()):
        assert not re.search(r"://[^/\s]*:(?!PASSWORD)[^/\s@]*@", path.read_text(encoding="utf-8")), path.name


def test_the_pages_show_settings_that_are_taken(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for number, block in enumerate(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)):
        path = tmp_path / f"{number}.toml"
        path.write_text(block)
        assert read_settings(path, shape_of(main)).values


def test_the_page_names_every_unit_and_every_command_it_takes() -> None:
    text = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\(\.\./deploy/([^)]+)\)", text)) == {path.name for path in DEPLOY.iterdir()}
    installed = re.findall(r"deploy/[A-Za-z.-]+(?<![.])", text)
    assert [name for name in installed if not (ROOT / name).exists()] == []
