"""A small live bucket with its live database, scanned, planned and verified by the real commands."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import Result

from auditor.cleanup.model import Item, hash_of, read_item
from auditor.findings import Finding, State
from auditor.runs.states import write_states
from tests.scan.references.making import IMAGES
from tests.scanning import Scanned, auditor, scan
from tests.servers.stub_s3 import Stored, StubS3

NOW = datetime.now(UTC).replace(microsecond=0)
OLD = NOW - timedelta(days=30)
DOCUMENT = """
- `f/{name}`: a file.
- `keys/{name}`: a key that nobody else may read.
- `bak/{timestamp}.bak`: a backup of nothing in particular.
"""
BINDINGS = """
[templates."f/{name}"]
rows = "required"
tables = ["editions"]
[templates."keys/{name}"]
rows = "required"
secret = true
[templates."bak/{timestamp}.bak"]
rows = "none"
fields = { timestamp = "timestamp" }
series = { objects = 1, within = "400d" }
[references]
uses = ["pages"]
owners = ["images"]
[references.dependants]
exports = "image_id"
[references.superseded]
editions = { newest = "created_at", per = "page_id" }
[references.texts]
"pages.body" = { key = "s3_files.key" }
"""
EDITIONS = (
    "CREATE TABLE editions (id INTEGER PRIMARY KEY, uid TEXT, page_id INTEGER REFERENCES pages(id), created_at REAL,"
    " file_id INTEGER REFERENCES s3_files(id))"
)
IN_USE = [f"f/used{number:02}" for number in range(12)]


@dataclass
class Scene:
    """Twelve files in use; tests add what is to be cleaned."""

    folder: Path
    server: StubS3
    _ids: Iterable[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def __post_init__(self) -> None:
        (self.folder / "keys.md").write_text(DOCUMENT)
        (self.folder / "keys.toml").write_text(BINDINGS)
        self.do(*IMAGES, EDITIONS)
        for key in IN_USE:
            self.file(key)
            self.use(key)

    def like(self, other: Scene) -> Scene:
        """With the files and the objects of another scene."""
        shutil.copytree(other.folder, self.folder, dirs_exist_ok=True)
        self.server.objects = dict(other.server.objects)
        self._ids = iter(range(5_000, 10_000))
        return self

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def plan(self) -> Path:
        return self.folder / "plan"

    @property
    def document(self) -> list[str]:
        return ["--spec", str(self.folder / "keys.md"), "--bindings", str(self.folder / "keys.toml")]

    @property
    def db(self) -> list[str]:
        return ["--db", f"sqlite:///{self.folder / 'rows.db'}"]

    def do(self, *statements: str, values: tuple[Any, ...] = ()) -> None:
        connection = sqlite3.connect(self.folder / "rows.db")
        with connection:
            for statement in statements:
                connection.execute(statement, values)
        connection.close()

    def put(self, key: str, body: bytes = b"1", at: datetime = OLD) -> str:
        self.server.objects[key] = Stored(body, at)
        return key

    def row(self, key: str, uid: str | None = None, at: datetime = OLD) -> int:
        number = next(iter(self._ids))
        values = (number, uid or f"uid{number}", key, 1, "x", at.timestamp())
        self.do("INSERT INTO s3_files VALUES (?, ?, ?, ?, ?, ?)", values=values)
        return number

    def file(self, key: str) -> str:
        """Object and row, which nothing refers to."""
        self.row(self.put(key))
        return key

    def use(self, key: str) -> None:
        self.do("INSERT INTO pages (body) VALUES (?)", values=(json.dumps([key]),))

    def orphans(self, *keys: str) -> None:
        for key in keys:
            self.put(key)

    def scan(self, *options: str, nights: int | None = 3) -> Scanned:
        url = [f"s3://{self.server.bucket}", "--endpoint-url", self.server.url]
        quick = ("--no-content", "--format", "terminal", "--pending", "none", "--history", "none")
        scanned = scan(url, self.run, *self.db, *self.document, *quick, *options)
        if nights is not None:
            remember(self.run, scanned.findings(), nights)
        return scanned

    def planned(self, *options: str, limits: tuple[str, ...] = ("--max-share", "100%")) -> Result:
        return auditor("plan", str(self.run), *self.document, "--out", str(self.plan), *limits, *options)

    def verified(self, *options: str, db: bool = True, plan: Path | None = None) -> Result:
        where = ["--endpoint-url", self.server.url, *self.document, *(self.db if db else ())]
        out = () if "--after" in options else ("--out", str(self.folder / "fresh"))
        return auditor("verify", str(plan or self.plan), *where, "--settle", "0s", *out, *options)

    def fresh(self) -> list[str]:
        """The keys that may go by the folder that `verify` wrote."""
        return [item.key for item in items(self.folder / "fresh")]

    def others(self) -> dict[str, tuple[str, str]]:
        """Verdict and reason of the rest, by key."""
        path = self.folder / "fresh" / "others.jsonl"
        lines = map(json.loads, path.read_text().splitlines()) if path.exists() else ()
        return {line["item"]["key"]: (line["verdict"], line["why"]) for line in lines}


def remember(run: Path, findings: list[Finding], nights: int, **changes: Any) -> None:
    """The run folder as it is once a history has been kept."""
    since = NOW - timedelta(days=nights)
    told = {"state": State.KNOWN, "first_seen": since, "nights": nights} | changes
    seen = [replace(one, **told) for one in findings]
    write_states(seen, run / "states.parquet")


def amend(run: Path, **changes: Any) -> None:
    """Another summary."""
    path = run / "summary.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def plan_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "plan.json").read_text())
    assert hash_of(found) == found["hash"]
    return found


def items(folder: Path) -> list[Item]:
    path = folder / "objects.jsonl"
    return [read_item(line) for line in path.read_text().splitlines()] if path.exists() else []
