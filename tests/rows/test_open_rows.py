"""What `--db` understands."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import CannotStart
from auditor.progress import Silent
from auditor.rows import RowSource, SqliteRows, open_rows
from auditor.rows.backup import BackupRows
from tests.rows.making import TABLE, FolderStore, make_db, plain
from tests.rows.test_backup import TIERS, database, moment, name


def opened(spec: str, folder: Path) -> RowSource | None:
    return open_rows(spec, table=TABLE, store=FolderStore(folder), tiers=TIERS, progress=Silent())


def test_none(tmp_path: Path) -> None:
    assert opened("none", tmp_path) is None


def test_backup(tmp_path: Path) -> None:
    bucket = tmp_path / "bucket"
    FolderStore(bucket).put(name(0), database(tmp_path, "k"), moment(0))
    rows = opened("backup", bucket)
    assert isinstance(rows, BackupRows)
    rows.close()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "mysql", "mariadb", "mariadb+pymysql"])
def test_servers(tmp_path: Path, scheme: str) -> None:
    with pytest.raises(CannotStart, match="cannot be opened: ") as caught:
        opened(f"{scheme}://me:hunter2@127.0.0.1:1/db", tmp_path)
    assert str(caught.value).startswith(f"{scheme.partition('+')[0]}://127.0.0.1:1/db ")
    assert "hunter2" not in str(caught.value)


def test_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_db(Path("rows of #1.db"), plain(["a"]))
    for spec in ("sqlite:///rows of #1.db", f"sqlite:///{tmp_path}/rows of #1.db", "sqlite+pysqlite:///rows of #1.db"):
        rows = opened(spec, tmp_path)
        assert isinstance(rows, SqliteRows)
        assert (rows.private_copy, rows.as_of, rows.count()) == (False, None, 1)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("oracle://me:hunter2@host/db", "oracle:// is not understood by this version"),
        ("rqlite+http://me:hunter2@host", "rqlite has no drivers"),
        ("hunter2@host", "the value of --db is not understood"),
        ("hunter2.db", "the value of --db is not understood"),
        ("me:hunter2://x", "not understood"),
        ("", "the value of --db is not understood"),
        ("sqlite:///", "names no file"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:hunter2.db", "not understood"),
        ("sqlite://me:hunter2@/x.db", "takes no host, user or options"),
        ("sqlite://hunter2/x.db", "takes no host, user or options"),
        ("sqlite:///x.db?mode=hunter2", "takes no host, user or options"),
        ("sqlite:///x?hunter2", "takes no host, user or options"),
        ("sqlite:////nowhere/at/all.db", "there is no database file /nowhere/at/all.db"),
    ],
)
def test_everything_else_is_one_sentence_without_passwords(tmp_path: Path, spec: str, says: str) -> None:
    with pytest.raises(CannotStart) as caught:
        opened(spec, tmp_path)
    assert says in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "qlite://" in str(caught.value)
