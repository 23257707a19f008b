"""`make demo`: a realistic bucket on 127.0.0.1, audited by the real command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.world.builder import BackupOptions, build
from tests.world.serve import CREDENTIALS, Served, serve

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "demo"
REPORT = FOLDER / "run" / "report.html"
SEED, OBJECTS, BUCKET = 20, 3_000, "demo-bucket"
FINDINGS = 1  # the exit code that says so: the demo's bucket is full of faults


def main() -> int:
    """0 when the audit ended with findings, as it must; otherwise what it ended with, or 1 where it found nothing."""
    world = build(SEED, OBJECTS, now=datetime.now(UTC), backup=BackupOptions(broken="truncated"), bucket=BUCKET)
    _say(f"A bucket of {len(world.objects):,} objects; its newest database backup is cut off, the one before is whole.")
    _empty(FOLDER)
    with serve(world) as served:
        code = _audit(served)
    told = verdict(code, REPORT.is_file())
    _say(
        f"Read it: {REPORT}" if told == 0 else f"The audit ended with {code}, without the findings that it should have."
    )
    return told


def verdict(code: int, reported: bool) -> int:
    """What `make` is told. An audit that found nothing in this bucket has failed, and so has one without a report: a
    crash of Python, too, ends with 1.

    >>> [verdict(code, True) for code in (0, 1, 2, 3)], verdict(1, False)
    ([1, 0, 2, 3], 1)
    """
    return 0 if code == FINDINGS and reported else code or 1


def _audit(served: Served) -> int:
    bucket = f"s3://{served.bucket}"
    command = [sys.executable, "-m", "auditor", "scan", bucket, "--endpoint-url", served.endpoint_url]
    command += ["--db", "backup", "--out", str(FOLDER.relative_to(ROOT) / "run")]
    _say("$ " + " ".join(["auditor", *command[3:]]))
    return subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode


def _environment() -> dict[str, str]:
    """Nobody's real credentials or profiles, and none of moto's for anybody but the child."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    return {**kept, **CREDENTIALS, **nowhere, "AWS_EC2_METADATA_DISABLED": "true"}


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
