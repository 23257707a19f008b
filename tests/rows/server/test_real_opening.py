"""Real servers: what is refused, what is said, and that nothing can be written."""

from __future__ import annotations

import pickle
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from auditor.errors import CannotStart, RowsFailed
from auditor.rows import RowTable, ServerRows
from auditor.rows.base import ForeignKey
from tests.rows.making import plain
from tests.rows.server.conftest import Servers
from tests.rows.server.making import DATABASE, Notes, insert, make_table, opened
from tests.servers.databases import PASSWORD, USER, DatabaseServer, database_server
from tests.servers.real import free_port

pytestmark = pytest.mark.server


def refused(url: str, table: RowTable | None = None) -> str:
    with pytest.raises(CannotStart) as caught:
        ServerRows(url, table or RowTable())
    said = str(caught.value)
    assert "\n" not in said
    assert PASSWORD not in said
    # of a statement nothing; the last of these words are MariaDB's own
    assert "SELECT " not in re.sub("one SELECT that|grant SELECT on|SELECT command denied", "", said)
    return said


def test_a_wrong_password(server: DatabaseServer) -> None:
    said = refused(server.url(DATABASE, password="hunter2"))
    assert said.startswith(f"{server.scheme}://127.0.0.1:{server.port}/{DATABASE} cannot be opened: ")
    assert said.endswith("check the host, database, user and password of --db")
    assert "hunter2" not in said


def test_a_password_is_kept_even_where_the_server_repeats_it(server: DatabaseServer) -> None:
    said = refused(server.url(DATABASE, user="hunter2", password="hunter2"))
    assert "hunter2" not in said
    assert "***" in said


def test_a_password_in_a_file_of_the_driver(server: DatabaseServer, tmp_path: Path) -> None:
    """So that a URL may be without one."""
    make_table(server, plain(["a"]))
    secret, option = tmp_path / "secret", "passfile"
    if server.scheme == "postgresql":
        secret.write_text("*:*:*:*:" + PASSWORD.replace("\\", "\\\\").replace(":", "\\:"))
    else:
        secret.write_text(f'[client]\npassword = "{PASSWORD}"\n')
        option = "read_default_file"
    secret.chmod(0o600)
    url = f"{server.scheme}://{USER}@127.0.0.1:{server.port}/{DATABASE}?{option}={secret}"
    with ServerRows(url, RowTable()) as rows:
        assert rows.count() == 1
        assert str(secret) not in rows.source


def test_a_replica_is_told_from_a_primary(server: DatabaseServer) -> None:
    make_table(server, plain(["a"]))
    notes = Notes()
    opened(server, progress=notes).close()
    assert notes.notes == []
    if server.scheme != "mysql":
        return
    server.execute(DATABASE, "SET GLOBAL read_only = 1")
    try:
        opened(server, progress=notes).close()
    finally:
        server.execute(DATABASE, "SET GLOBAL read_only = 0")
    assert ["takes no writes, as a replica does" in note for note in notes.notes] == [True]


def test_a_standby_of_postgresql_is_told_from_a_primary() -> None:
    with database_server("postgresql") as server:
        server.create(DATABASE)
        make_table(server, plain(["a", "b"]))
        server.stop(signal.SIGINT)
        (server.data / "standby.signal").touch()
        server.start()
        notes = Notes()
        with opened(server, progress=notes) as rows:
            assert rows.count() == 2
        assert ["takes no writes, as a replica does" in note for note in notes.notes] == [True]


def test_no_such_database_and_nobody_there(server: DatabaseServer) -> None:
    assert "nowhere" in refused(server.url("nowhere"))
    port = free_port()
    assert "refused" in refused(server.url(DATABASE).replace(str(server.port), str(port)))


def test_no_table_and_no_column(server: DatabaseServer) -> None:
    make_table(server)
    assert "lacks table nothing or one of its columns" in refused(server.url(DATABASE), RowTable(name="nothing"))
    said = refused(server.url(DATABASE), RowTable(size="bytes"))
    assert "bytes" in said
    assert 'or write `uid = ""`' in said


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT uid FROM s3_files", "key"),
        ("SELECT * FROM nothing", "nothing"),
        ("SELECT uid FROM FROM", "syntax"),
        ("SELECT * FROM s3_files) AS r WHERE (1 = 1", "syntax"),
    ],
)
def test_a_query_that_cannot_be_asked(server: DatabaseServer, query: str, says: str) -> None:
    make_table(server)
    said = refused(server.url(DATABASE), RowTable(query=query))
    assert said.startswith(f"the query of [rows] cannot be asked of {server.scheme}://")
    assert says in said


def test_a_key_that_is_no_text(servers: Servers) -> None:
    for name, kinds in {"postgresql": ["BYTEA", "BIGINT", "TIMESTAMP"], "mariadb": ["BIGINT", "DATETIME"]}.items():
        for kind in kinds:
            make_table(servers(name), index=False, key=kind)
            assert "column key is no text: give it as text by a `query`" in refused(servers(name).url(DATABASE))


def test_a_database_in_another_encoding(servers: Servers) -> None:
    server = servers("postgresql")
    make = "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
    server.execute("postgres", "DROP DATABASE IF EXISTS latin", make)
    assert "keeps its text as LATIN1, which sorts otherwise than the bucket" in refused(server.url("latin"))


def test_a_table_that_may_not_be_read(server: DatabaseServer) -> None:
    make_table(server)
    who = "'stranger'@'%'" if server.scheme == "mysql" else "stranger"
    password = "IDENTIFIED BY" if server.scheme == "mysql" else "PASSWORD"
    grant = f"GRANT CREATE ON service.* TO {who}" if server.scheme == "mysql" else "SELECT 1"
    server.execute(DATABASE, f"DROP USER IF EXISTS {who}", f"CREATE USER {who} {password} 'hunter2'", grant)
    said = refused(server.url(DATABASE, user="stranger", password="hunter2"))
    assert "denied" in said
    assert said.endswith("grant SELECT on it to the user of --db")


def writes(server: DatabaseServer) -> Iterator[str]:
    yield f"INSERT INTO s3_files ({server.quoted('key')}) VALUES ('new')"
    yield "UPDATE s3_files SET uid = 'x'"
    yield "DELETE FROM s3_files"
    yield "DROP TABLE s3_files"
    yield "CREATE TABLE another (x INT)"
    if server.scheme == "postgresql":
        yield "WITH gone AS (DELETE FROM s3_files RETURNING *) SELECT * FROM gone"
        yield "SELECT * FROM s3_files FOR UPDATE"
        yield "SELECT nextval('counter')"


def test_the_connections_of_the_source_cannot_write(server: DatabaseServer) -> None:
    make_table(server, plain(["a", "b"]))
    if server.scheme == "postgresql":
        server.execute(DATABASE, "CREATE SEQUENCE IF NOT EXISTS counter")
    with opened(server) as rows:
        for number, statement in enumerate(writes(server)):
            with pytest.raises(RowsFailed, match=r"(?i)read.only"), rows._reading() as connection:  # noqa: PT012
                if number % 2:  # as the first statement of its transaction, and as a later one
                    connection.exec_driver_sql("SELECT 1")
                connection.exec_driver_sql(statement)
        assert rows.count() == 2


def test_a_query_of_the_bindings_and_a_select_cannot_write_either(servers: Servers) -> None:
    server = servers("postgresql")
    make_table(server, plain(["a"]))
    gone = "WITH gone AS (DELETE FROM s3_files RETURNING *) SELECT * FROM gone"
    refused(server.url(DATABASE), RowTable(query=gone))
    with opened(server) as rows:
        with pytest.raises(RowsFailed, match="read-only"):
            rows.select(gone)
        assert rows.count() == 1


def test_selects_of_content_rules(server: DatabaseServer) -> None:
    keys = ['it\'s "quoted" \\ %s :key\n\t', "é", "e\u0301"]
    make_table(server, plain(keys))
    with opened(server) as rows:
        for number, key in enumerate(keys):
            asked = (
                'SELECT s3_files."uid" AS u, sum(file_size) AS s FROM s3_files WHERE s3_files."key" = :key GROUP BY 1'
            )
            assert rows.select(asked, {"key": key}) == [{"u": f"oseh_s3f_{number}", "s": 100 + number}]
        assert rows.select("SELECT uid FROM s3_files WHERE uid LIKE '%\\_1'") == [{"uid": "oseh_s3f_1"}]
        assert rows.select("SELECT nothing FROM s3_files") is None
        assert rows.select("SELECT 1 FROM nothing WHERE x = :key", {"key": "a"}) is None
        for wrong in ("DELETE FROM s3_files", "SELECT FROM WHERE", "EXPLAIN SELECT 1"):
            with pytest.raises(RowsFailed):
                rows.select(wrong)


def test_a_fraction_stays_one(server: DatabaseServer) -> None:
    make_table(server)
    with opened(server) as rows:
        assert rows.select("SELECT CAST(1.50 AS DECIMAL(5, 2)) AS x, CAST(2 AS DECIMAL(5, 2)) AS y, NULL AS z") == [
            {"x": 1.5, "y": 2, "z": None}
        ]


def test_foreign_keys_of_every_schema(server: DatabaseServer) -> None:
    schema = "CREATE SCHEMA" if server.scheme == "postgresql" else "CREATE DATABASE"
    cascade = " CASCADE" if server.scheme == "postgresql" else ""
    make_table(server)
    server.execute(
        DATABASE,
        f"DROP SCHEMA IF EXISTS elsewhere{cascade}",
        f"{schema} elsewhere",
        "DROP TABLE IF EXISTS owners, pairs, files",
        "CREATE TABLE files (id INT PRIMARY KEY)",
        "CREATE TABLE pairs (a INT, b INT, PRIMARY KEY (a, b))",
        "CREATE TABLE owners (file_id INT, x INT, y INT,"
        " FOREIGN KEY (file_id) REFERENCES files (id), FOREIGN KEY (x, y) REFERENCES pairs (a, b))",
        "CREATE TABLE elsewhere.files (id INT PRIMARY KEY)",
        "CREATE TABLE elsewhere.far (f INT, g INT, FOREIGN KEY (g) REFERENCES elsewhere.files (id), FOREIGN KEY (f) "
        + ("REFERENCES public.files (id))" if cascade else "REFERENCES service.files (id))"),
    )
    with opened(server) as rows:
        assert rows.foreign_keys() == [
            ForeignKey("elsewhere.far", "f", "files", "id"),
            ForeignKey("elsewhere.far", "g", "elsewhere.files", "id"),
            ForeignKey("owners", "file_id", "files", "id"),
            ForeignKey("owners", "x", "pairs", "a"),
            ForeignKey("owners", "y", "pairs", "b"),
        ]


def test_the_index_serves_pages_look_ups_and_counts(server: DatabaseServer) -> None:
    make_table(server, plain(f"k/{n:05}" for n in range(5000)))
    server.execute(DATABASE, "ANALYZE" if server.scheme == "postgresql" else "ANALYZE TABLE s3_files")
    with opened(server) as rows, rows._reading() as connection:
        low, high = b"k/01000", b"k/01020"
        for sql in (
            rows._sql.page(low, high, 100),
            rows._sql.page(low, None, 10),
            rows._sql.lookup([low, high]),
            rows._sql.count(low, high),
            rows._sql.nth_key(low, ">", None, 20),
        ):
            plan = str(connection.exec_driver_sql(f"EXPLAIN {sql}").all())
            assert "by_key" in plan, sql
            assert "Seq Scan" not in plan
            assert "filesort" not in plan


def test_many_threads_and_another_process(server: DatabaseServer) -> None:
    make_table(server, plain(f"{n:03}" for n in range(100)))
    with opened(server, page_rows=7) as rows, ThreadPoolExecutor(16) as executor:
        counts = executor.map(lambda _: sum(page.num_rows for page in rows.pages(None, None)), range(32))
        assert set(counts) == {100}
        with pickle.loads(pickle.dumps(rows)) as copy:  # noqa: S301
            assert copy.count() == 100


def test_a_connection_that_died_while_nobody_asked_is_replaced(server: DatabaseServer) -> None:
    make_table(server, plain(["a"]))
    with opened(server) as rows:
        _kill_others(server)
        insert(server, plain(["b"], start=1))
        assert rows.count() == 2


def _kill_others(server: DatabaseServer) -> None:
    if server.scheme == "postgresql":
        all_of_them = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'auditor'"
        server.execute(DATABASE, all_of_them)
        return
    with server.engine(DATABASE).connect() as connection:
        listed = f"SELECT id FROM information_schema.processlist WHERE user = '{USER}' AND id <> connection_id()"
        for other in connection.exec_driver_sql(listed).scalars().all():
            connection.exec_driver_sql(f"KILL {other}")
