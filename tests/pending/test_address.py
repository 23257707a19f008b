"""URLs of `--pending`, and that what is wrong with one is said without repeating it."""

from __future__ import annotations

import pytest

from auditor.errors import CannotStart
from auditor.pending import parse_address
from auditor.pending.address import Address, Login

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://h", Address((("h", 6379),))),
        ("redis://[::1]:7000/5", Address((("::1", 7000),), 5)),
        ("rediss://:a%2Fb@h/0?cacert=/ca", Address((("h", 6379),), tls=True, ca_file="/ca", login=Login(None, "a/b"))),
        ("redis://me:p%40@h:1", Address((("h", 1),), login=Login("me", "p@"))),
        ("redis+sentinel://H1,h2:7/mymaster", Address((("h1", 26379), ("h2", 7)), 0, "mymaster")),
        (
            "rediss+sentinel://u:p@h1/m/3?sentinel_user=s&sentinel_password=t%26",
            Address((("h1", 26379),), 3, "m", True, None, Login("u", "p"), Login("s", "t&")),
        ),
    ],
)
def test_what_a_url_says(url: str, address: Address) -> None:
    assert parse_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        f"redis://u:{SECRET}@h1,h2",
        f"redis://u:{SECRET}@",
        f"redis://u:{SECRET}@h:0",
        f"redis://u:{SECRET}@h:99999",
        f"redis://u:{SECRET}@h/one",
        f"redis://u:{SECRET}@h/1/2",
        f"redis://u:{SECRET}@h/0?cacert=/ca",
        f"redis://u:{SECRET}@h/0?password={SECRET}",
        f"redis://u:{SECRET}@h/0#x",
        f"redis://u:{SECRET}/x@h",
        f"redis://u:{SECRET}@[::1",
        f"redis+sentinel://u:{SECRET}@h",
        f"redis+sentinel://u:{SECRET}@h/m/x",
        f"redis+sentinel://u:{SECRET}@h/m?sentinel_password=",
    ],
)
def test_what_is_none_is_refused_in_silence_about_the_password(url: str) -> None:
    with pytest.raises(CannotStart) as refused:
        parse_address(url)
    assert SECRET not in str(refused.value)
    assert "--pending" in str(refused.value)


def test_no_password_is_shown() -> None:
    address = parse_address(f"redis+sentinel://u:{SECRET}@h1/m/3?sentinel_password={SECRET}")
    assert SECRET not in f"{address} {address!r}"
