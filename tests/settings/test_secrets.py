"""Which values are shown to nobody, and a file that too many can read."""

from __future__ import annotations

import re

import click
import pytest

from auditor.cli import main
from auditor.cli.settings import SecretOption, UrlOption
from auditor.cli.settings.schema import leaves, parameters
from auditor.cli.settings.secret import MASK, holds_secret, shown, without_password
from tests.scanning import auditor
from tests.settings.working import Working

URL = "postgresql://me:hunter2@db.internal/service?sslpassword=hunter3"
LIKE_SECRETS = re.compile(r"url|uri|dsn|token|passw|secret|hook|\bdb\b|pending")


def test_passwords_are_masked_wherever_they_come_from(working: Working) -> None:
    working.write(f'[scan]\ndb = "{URL}"\n')
    working.set(AUDITOR_PENDING="redis://:hunter2@cache:6379/0")
    for form in ("text", "json"):
        shown = auditor("config", "show", "--format", form).stdout
        assert "hunter" not in shown
        assert "postgresql://***@db.internal/service?***" in shown
        assert "redis://***@cache:6379/0" in shown
    assert '# db = "postgresql://***@db.internal/service?***"' in auditor("config", "show", "scan").stdout


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("mysql://me:p@ss/w#rd@h/d", "mysql://***@h/d"),
        ("mysql:me:hunter2@h", "***@h"),
        ("rqlite://me:pw@h:1,h:2", "rqlite://***@h:1,h:2"),
        ("postgresql:///d?password=x@y", "postgresql://***@y"),
        ("sqlite:////srv/app.db", "sqlite:////srv/app.db"),
        ("none", "none"),
    ],
)
def test_what_is_left_of_a_url(url: str, safe: str) -> None:
    assert without_password(url) == safe


def test_a_secret_is_masked_as_a_whole() -> None:
    option = SecretOption(["--hook-url"], multiple=True)
    assert shown(option, ("https://hooks/T0/B0/x", "y")) == [MASK, MASK]
    assert holds_secret(option, ("y",))
    assert not holds_secret(option, None)
    assert not holds_secret(UrlOption(["--db"]), "backup")
    assert not holds_secret(click.Option(["--select"], multiple=True), ("KEY",))


def test_every_option_that_sounds_like_a_secret_is_marked() -> None:
    """An option of a new command that takes a webhook or a password must say `cls=SecretOption` or `cls=UrlOption`."""
    unmarked = [
        " ".join((*names, name))
        for names, command in leaves(main)
        for name, param in parameters(command).items()
        if LIKE_SECRETS.search(name) and not isinstance(param, SecretOption)
    ]
    assert unmarked == []


def test_a_file_with_a_secret_that_all_can_read_is_warned_of(working: Working) -> None:
    working.write(f'[scan]\ndb = "{URL}"\n', mode=0o644)
    assert auditor("rules", "REF001").stderr.replace(f"{working.folder}/", "") == (
        "auditor: auditor.toml:2: `db` holds a secret, and every user can read the file: "
        "chmod o-r it, or give the value as AUDITOR_DB\n"
    )


@pytest.mark.parametrize(("value", "mode"), [(URL, 0o640), ("backup", 0o644)])
def test_no_warning_without_a_reason(working: Working, value: str, mode: int) -> None:
    working.write(f'[scan]\ndb = "{value}"\n', mode=mode)
    assert auditor("rules", "REF001").stderr == ""
