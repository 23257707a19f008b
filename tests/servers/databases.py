"""Real PostgreSQL and MariaDB servers as processes of a test: a private folder, 127.0.0.1, a free port, no service."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from tests.servers.real import free_port, wait_for

USER, PASSWORD = "auditor", "p@ss/w%rd:?#"  # whatever a URL has to escape


class DatabaseServer(ABC):
    scheme: str
    driver: str
    binary: str
    quote: str
    text: str  # the type of a text that may be indexed, in the order of bytes
    long_text: str
    whole_key: str  # the type of a key of any length
    moment: str
    own_database: str  # that every server of this kind has
    key_in_order: str  # what an index has to be of, so that the order of keys is cheap

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder, **_nobody()
        )
        wait_for(self.port, self._process)
        self._wait_for_an_answer()

    def _wait_for_an_answer(self) -> None:
        """The port is open before the server is ready."""
        for attempts_left in reversed(range(150)):
            try:
                self.execute(self.own_database, "SELECT 1")
            except SQLAlchemyError:
                if not attempts_left:
                    raise
                time.sleep(0.1)
            else:
                return

    def stop(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=60)
            self._process = None

    @property
    def index(self) -> str:
        return f"CREATE INDEX by_key ON s3_files ({self.key_in_order})"

    def quoted(self, name: str) -> str:
        return f"{self.quote}{name}{self.quote}"

    def url(self, database: str, *, user: str = USER, password: str = PASSWORD) -> str:
        """For `--db`."""
        url = URL.create(self.scheme, user, password, "127.0.0.1", self.port, database)
        return url.render_as_string(hide_password=False)

    def engine(self, database: str) -> Engine:
        """One that may write, for the test itself."""
        url = URL.create(self.driver, USER, PASSWORD, "127.0.0.1", self.port, database)
        return create_engine(url, poolclass=NullPool)

    def execute(self, database: str, *statements: str, rows: Sequence[dict[str, Any]] = ()) -> None:
        """Runs statements; `rows` are the parameters of the last of them."""
        with self.engine(database).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for number, statement in enumerate(statements, start=1):
                given = list(rows) if number == len(statements) else []
                connection.exec_driver_sql(statement, given or None, execution_options={"no_parameters": not given})

    @abstractmethod
    def initialise(self) -> None: ...

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def stop_at_once(self) -> None:
        """As if the machine had failed."""

    @abstractmethod
    def create(self, database: str) -> None: ...


class PostgresqlServer(DatabaseServer):
    scheme, driver, binary = "postgresql", "postgresql+psycopg", "postgres"
    quote = '"'
    text = long_text = whole_key = "TEXT"
    moment = "TIMESTAMP WITH TIME ZONE"
    own_database = "postgres"
    key_in_order = 'key COLLATE "C"'

    def initialise(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        _own(password)
        # text sorts as people read it, which is not the order of bytes
        locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
        _run([_found("initdb"), "-D", self.data, "-U", USER, "--auth=scram-sha-256", f"--pwfile={password}", *locale])

    def command(self) -> list[str]:
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.folder}
        settings |= {"fsync": "off", "log_min_messages": "panic"}
        return [_found("postgres"), "-D", str(self.data), *(f"--{name}={value}" for name, value in settings.items())]

    def stop_at_once(self) -> None:
        self.stop(signal.SIGQUIT)

    def create(self, database: str) -> None:
        self.execute(self.own_database, f'DROP DATABASE IF EXISTS "{database}"', f'CREATE DATABASE "{database}"')


class MariadbServer(DatabaseServer):
    scheme, driver, binary = "mysql", "mysql+pymysql", "mariadbd"
    quote = "`"
    text = "VARCHAR(600) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    long_text = "LONGTEXT"
    whole_key = "VARBINARY(1024)"  # as many bytes as a key may have, and an index of utf8mb4 ends at 768 characters
    moment = "DATETIME(6)"
    own_database = "mysql"
    key_in_order = "`key`"

    def initialise(self) -> None:
        options = [
            "--no-defaults",
            f"--datadir={self.data}",
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        ]
        _run([_found("mariadb-install-db"), *options])
        grant = f"GRANT ALL ON *.* TO '{USER}'@'%' IDENTIFIED BY '{PASSWORD}' WITH GRANT OPTION;"
        (self.folder / "first.sql").write_text(grant, encoding="utf-8")
        _own(self.folder / "first.sql")

    def command(self) -> list[str]:
        settings = {"datadir": self.data, "port": self.port, "bind-address": "127.0.0.1"}
        settings |= {
            "socket": self.folder / "socket",
            "pid-file": self.folder / "pid",
            "init-file": self.folder / "first.sql",
        }
        settings |= {"character-set-server": "utf8mb4", "innodb-flush-log-at-trx-commit": 0, "skip-name-resolve": "ON"}
        return [_found("mariadbd"), "--no-defaults", *(f"--{name}={value}" for name, value in settings.items())]

    def stop_at_once(self) -> None:
        self.stop(signal.SIGKILL)

    def create(self, database: str) -> None:
        self.execute(self.own_database, f"DROP DATABASE IF EXISTS `{database}`", f"CREATE DATABASE `{database}`")


SERVERS: dict[str, type[DatabaseServer]] = {"postgresql": PostgresqlServer, "mariadb": MariadbServer}


@contextlib.contextmanager
def database_server(name: str) -> Iterator[DatabaseServer]:
    """A running server, or a skipped test where its binary is not installed."""
    if _binary(SERVERS[name].binary) is None:
        pytest.skip(f"{SERVERS[name].binary} is not installed (Debian: postgresql, mariadb-server)")
    folder = Path(tempfile.mkdtemp(prefix=f"auditor-{name}-"))
    _own(folder)
    server = SERVERS[name](folder)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop(signal.SIGTERM if name == "mariadb" else signal.SIGINT)
        shutil.rmtree(folder, ignore_errors=True)


def _binary(name: str) -> str | None:
    """Debian keeps PostgreSQL's in a folder for each version, and the newest serves."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(versions[-1]) if versions else shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")


def _found(name: str) -> str:
    binary = _binary(name)
    assert binary is not None, f"{name} is not installed"
    return binary


def _run(command: Iterable[Any]) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False, cwd="/", **_nobody())
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")


def _nobody() -> dict[str, Any]:
    """Both servers refuse to run as root."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _own(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, "nobody", "nogroup")
