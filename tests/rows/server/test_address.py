"""URLs of servers: what is shown, what never is, and what is refused before anybody is asked."""

from __future__ import annotations

import sys

import pytest
from sqlalchemy.exc import OperationalError

from auditor.errors import CannotStart
from auditor.rows import RowTable, ServerRows
from auditor.rows.server.address import parse_address
from auditor.rows.server.opening import open_engine

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("spec", "source"),
    [
        (f"postgresql://me:{SECRET}@db.example:5433/service", "postgresql://db.example:5433/service"),
        (f"postgresql+psycopg2://me:{SECRET}@db.example/service", "postgresql://db.example/service"),
        (f"MYSQL+aiomysql://me:{SECRET}@db.example/service?ssl=true", "mysql://db.example/service"),
        (f"mariadb://me:{SECRET}@[::1]:3307/service", "mariadb://[::1]:3307/service"),
        (f"postgresql:///service?host=/run&user=me&password={SECRET}", "postgresql:///service"),
        ("postgresql://db/a%1bb", "postgresql://db/a\\x1bb"),
        ("postgresql://db/a\x1bb", "postgresql://db/a\\x1bb"),
    ],
)
def test_what_is_shown(spec: str, source: str) -> None:
    assert parse_address(spec).source == source


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (f"postgresql://me:pass@{SECRET}@host/db", "more than one `@`"),
        (f"postgresql://me:pass@{SECRET}/x@host/db", "more than one `@`"),
        (f"postgresql://me:pass@{SECRET}?@host/db", "more than one `@`"),
        (f"postgresql://me:{SECRET}@host", "names no database"),
        (f"postgresql://me:{SECRET}@host/", "names no database"),
        (f"postgresql://me:{SECRET}@host:port/db", "cannot be parsed"),
        (f"mysql://me:{SECRET}@host:99999999999/db", "m"),
    ],
)
def test_what_is_refused(spec: str, says: str) -> None:
    with pytest.raises(CannotStart, match=r"SCHEME://USER:PASSWORD@HOST:PORT/DATABASE|cannot be") as caught:
        ServerRows(spec, RowTable())
    assert says in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("postgresql://u:p%2Fw%20d@h/d", "no p/w d here, nor p%2Fw%20d, nor p%2Fw+d"),
        ("postgresql://h/d?user=u&password=p/w d&sslpassword=x y", "no p/w d here, nor x y, nor x%20y"),
        ("mysql://u:s@h/d?ssl_key_password=ss", "no ss"),
    ],
)
def test_secrets_are_replaced_in_every_form(spec: str, said: str) -> None:
    address = parse_address(spec)
    cleaned = address.reason(ValueError(said))
    assert not any(secret in cleaned.replace("*", "") for secret in address.secrets if len(secret) > 1)
    assert "***" in cleaned


def test_only_the_first_line_of_what_a_driver_says() -> None:
    address = parse_address("postgresql://h/d")
    inner = ValueError("  it\x1b[2J  broke.\nLINE 1: SELECT key FROM secret_table")
    outer = OperationalError("SELECT secret", {}, inner)
    assert address.reason(outer) == "it\\x1b[2J broke"
    assert address.reason(OperationalError("SELECT secret", {}, ValueError(1045, "Access denied"))) == "Access denied"
    assert address.reason(ValueError("")) == "no reason was given"
    assert len(address.reason(ValueError("x" * 10_000))) < 400


@pytest.mark.parametrize(
    ("scheme", "module"), [("postgresql", "psycopg"), ("mysql", "pymysql"), ("mariadb", "pymysql")]
)
def test_a_driver_that_is_not_installed(scheme: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(CannotStart) as caught:
        ServerRows(f"{scheme}://me:{SECRET}@host/db", RowTable())
    extra = "postgresql" if scheme == "postgresql" else "mysql"
    assert str(caught.value) == (
        f"{scheme}:// needs a driver that is not installed: pip install 'bucket-auditor[{extra}]'"
    )


def test_an_unreachable_host() -> None:
    with pytest.raises(CannotStart, match=r"^mysql://127.0.0.1:1/db cannot be opened: Can't connect") as caught:
        ServerRows(f"mysql://me:{SECRET}@127.0.0.1:1/db", RowTable())
    assert SECRET not in str(caught.value)


def test_options_that_the_driver_does_not_know() -> None:
    with pytest.raises(CannotStart) as caught:
        ServerRows(f"mysql://me:{SECRET}@127.0.0.1:1/db?nonsense={SECRET}1", RowTable())
    assert str(caught.value).startswith("mysql://127.0.0.1:1/db cannot be opened: ")
    assert SECRET not in str(caught.value)


def test_every_transaction_of_postgresql_is_read_only_whatever_the_url_says() -> None:
    address = parse_address("postgresql://h/d?options=-c%20default_transaction_read_only%3Doff")
    _, engine = open_engine(address)
    assert engine.get_execution_options()["postgresql_readonly"] is True
