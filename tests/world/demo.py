"""`make demo`: a realistic bucket on 127.0.0.1, audited on two nights by the real command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from unittest.mock import patch

from moto.moto_server.werkzeug_app import MotoRequestHandler

from tests.world.builder import build
from tests.world.day import a_day_later
from tests.world.serve import CREDENTIALS, Served, serve

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "demo"
REPORT = FOLDER / "run" / "report.html"
SEED, OBJECTS, BUCKET = 20, 2_000, "demo-bucket"
A_DAY = timedelta(days=1)
FINDINGS = 1  # the exit code that says so: the demo's bucket is full of faults


def main() -> int:
    """0 when both audits ended with findings, as they must; otherwise what one ended with, or 1 for none at all."""
    last_night = datetime.now(UTC) - A_DAY
    world = build(SEED, OBJECTS, now=last_night, bucket=BUCKET)
    _empty(FOLDER)
    with serve(world) as served:
        _say(f"Last night: an audit of a bucket of {len(world.objects):,} objects, by its newest database backup.")
        with _clock(last_night):
            code = _audit(served, "night-before", "--format", "html")
        if code == FINDINGS:
            for sentence in a_day_later(world, served):
                _say(f"  {sentence}")
            _say("This night: another audit.")
            code = _audit(served, "run")
    told = verdict(code, REPORT.is_file())
    if told == 0:
        _say(f"Read it: {REPORT}")
    else:
        _say(f"An audit ended with {code}, without the findings that it should have.")
    return told


def verdict(code: int, reported: bool) -> int:
    """What `make` is told. An audit that found nothing in this bucket has failed, and so has one without a report: a
    crash of Python, too, ends with 1.

    >>> [verdict(code, True) for code in (0, 1, 2, 3)], verdict(1, False)
    ([1, 0, 2, 3], 1)
    """
    return 0 if code == FINDINGS and reported else code or 1


@contextmanager
def _clock(moment: datetime) -> Iterator[None]:
    """The server says that it is `moment`; an audit has its time from there."""
    stamp = format_datetime(moment, usegmt=True)
    with patch.object(MotoRequestHandler, "date_time_string", lambda *_: stamp):
        yield


def _audit(served: Served, name: str, *more: str) -> int:
    """Nobody writes to this bucket, so the second look need not wait."""
    command = [sys.executable, "-m", "auditor", "scan", f"s3://{served.bucket}", "--endpoint-url", served.endpoint_url]
    command += ["--settle", "0s", "--out", str(FOLDER.relative_to(ROOT) / name), *more]
    _say("$ " + " ".join(["auditor", *command[3:]]))
    return subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode


def _environment() -> dict[str, str]:
    """Nobody's real credentials, profiles or settings, and none of moto's for anybody but the child."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AUDITOR_"))}
    nowhere = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    return {**kept, **CREDENTIALS, **nowhere, "AWS_EC2_METADATA_DISABLED": "true", "AUDITOR_ISOLATED": "1"}


def _empty(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        raise SystemExit(f"{folder} is not the demo's own folder: move it away.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
