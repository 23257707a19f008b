"""100,000 members of the list of pending deletions: out of a redis backup, and out of a running redis.

`python benchmarks/pending.py [MEMBERS]`; needs Debian's `redis-server`. Memory is what the reading process takes at
its peak above Python and the libraries, and the whole peak of the process that decodes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from auditor.pending import RedisPending, parse_address
from auditor.pending.backup import read_backup
from auditor.pending.members import Members
from auditor.progress import Silent
from tests.servers.redis import redis_server
from tests.world import zsets

SET = "files:purgatory"
MEMBERS = 100_000
CHUNKS = 2_000  # other chunks of the backup, a kilobyte each


def _entries(count: int) -> list[tuple[bytes, float]]:
    form = b'{"bucket": "b", "expected": true, "hint": "i", "key": "s3_files/images/exports/oseh_ife_%022d/%011d.webp"}'
    return [(form % (number, number), 1.7e9 + number + 0.25) for number in range(count)]


def _peak(process: str = "self") -> float:
    """Megabytes that a process has held at most."""
    with suppress(OSError):
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    return 0.0


class _Children(Thread):
    """Watches the processes that this one starts."""

    peak = 0.0

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.start()

    def run(self) -> None:
        while True:
            for path in Path("/proc/self/task").glob("*/children"):
                with suppress(OSError):
                    self.peak = max([self.peak, *map(_peak, path.read_text(encoding="ascii").split())])
            time.sleep(0.01)


def from_backup(path: str) -> None:
    """In a process of its own, so that the peak is that of the reading."""
    with tempfile.TemporaryDirectory() as folder:
        children, before, began = _Children(), _peak(), time.perf_counter()
        found = read_backup(Path(path), Path(folder), SET, Members("b"))
        _tell("redis backup", len(found.keys), time.perf_counter() - began, _peak() - before)
        print(f"{'':<24}and {children.peak:.0f} MB in the decoding process")


def from_redis(port: str) -> None:
    source = RedisPending(parse_address(f"redis://127.0.0.1:{port}"), SET, "b", Silent())
    before, began = _peak(), time.perf_counter()
    found = source.read()
    _tell("running redis (ZSCAN)", len(found.keys), time.perf_counter() - began, _peak() - before)


def _tell(what: str, count: int, seconds: float, megabytes: float) -> None:
    print(f"{what:<24}{count:>9,} keys {seconds:>7.2f} s {megabytes:>7.0f} MB more at the peak", flush=True)


def main(count: int) -> None:
    members = _entries(count)
    with redis_server() as server, server.client() as client, tempfile.TemporaryDirectory() as folder:
        for start in range(0, count, 1000):
            client.zadd(SET, dict(members[start : start + 1000]))
        client.set("other", "x" * 1000)
        path = Path(folder) / "redis.bak"
        other, chunk = (zsets.chunk(key.encode(), client.dump(key)) for key in ("other", SET))
        path.write_bytes(other * (CHUNKS // 2) + chunk + other * (CHUNKS // 2))
        for way in (["backup", str(path)], ["redis", str(server.port)]):
            subprocess.run([sys.executable, __file__, *way], check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["backup", path]:
            from_backup(path)
        case ["redis", port]:
            from_redis(port)
        case given:
            main(int(given[0]) if given else MEMBERS)
