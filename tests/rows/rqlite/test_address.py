"""What a rqlite:// URL says, and that nothing of a password is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auditor.errors import CannotStart
from auditor.progress import Silent
from auditor.rows import open_rows, parse_address
from auditor.rows.rqlite.address import Address, Host
from tests.rows.making import TABLE, FolderStore


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("rqlite://h", Address((Host("h", 4001),))),
        ("RQLITE://H:80/", Address((Host("h", 80),))),
        ("rqlite://a,b:4003,a:4001", Address((Host("a", 4001), Host("b", 4003)))),
        ("rqlite://[::1],[fe80::2]:7", Address((Host("[::1]", 4001), Host("[fe80::2]", 7)))),
        ("rqlite://me:p%40ss%3A%2F,%2C@h", Address((Host("h", 4001),), user="me", password="p@ss:/,,")),
        ("rqlite://me@h", Address((Host("h", 4001),), user="me")),
        ("rqlite://:p@h", Address((Host("h", 4001),), user="", password="p")),
        ("rqlites://h:1", Address((Host("h", 1),), tls=True)),
        ("rqlites://h?cacert=/a%20b.pem", Address((Host("h", 4001),), tls=True, ca_file="/a b.pem")),
    ],
)
def test_parsed(url: str, address: Address) -> None:
    assert parse_address(url) == address


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("rqlite://", "has a host that is none"),
        ("rqlite://me:hunter2@", "has a host that is none"),
        ("rqlite://me:hunter2@a,,b", "has a host that is none"),
        ("rqlite://me:hunter2@a:0", "has a host that is none"),
        ("rqlite://me:hunter2@a:65536", "has a host that is none"),
        ("rqlite://me:hunter2@a b", "has a host that is none"),
        ("rqlite://me:hunter2@[::1", "cannot be parsed"),
        ("rqlite://me:x/hunter2@h", "in a password, / ? # @ are %2F"),
        ("rqlite://me:x#hunter2@h", "in a password, / ? # @ are %2F"),
        ("rqlite://me:x?hunter2@h", "cannot be parsed"),
        ("rqlite://me:hunter2@h/db", "ends after its hosts"),
        ("rqlite://me:hunter2@h?level=none", "no option but cacert=FILE"),
        ("rqlite://me:hunter2@h?cacert=x", "with TLS alone"),
        ("rqlites://me:hunter2@h?cacert=", "no option but cacert=FILE"),
        ("rqlites://me:hunter2@h?cacert=/hunter2/none.pem", "that cacert= of the rqlites:// URL names is not there"),
    ],
)
def test_refused_without_repeating_it(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(CannotStart) as caught:
        open_rows(url, table=TABLE, store=FolderStore(tmp_path), tiers=[], progress=Silent())
    assert says in str(caught.value)
    assert "hunter2" not in str(caught.value)


@given(st.text())
@example("[")
@example("a:\ud800")
def test_any_text_is_an_address_or_a_sentence(text: str) -> None:
    try:
        address = parse_address(f"rqlite://{text}")
    except CannotStart:
        return
    assert address.hosts


def test_people_are_not_shown_who_asks() -> None:
    address = parse_address("rqlites://me:hunter2@a,b:1")
    assert str(address) == "rqlites://a:4001,b:1"
    assert "hunter2" not in repr(address)
