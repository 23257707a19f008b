"""Options whose values are shown to nobody, or only in part.

@click.option("--slack-url", cls=SecretOption)  # all of it is a secret, as of a webhook
@click.option("--db", cls=UrlOption)            # a URL that may hold a password
"""

from __future__ import annotations

import re
from typing import Any

import click

MASK = "***"
_USER = re.compile(r"^([a-z][a-z0-9+.-]*://)?.*@", re.IGNORECASE | re.DOTALL)
_QUERY = re.compile(r"\?.*", re.DOTALL)


class SecretOption(click.Option):
    """An option whose value is a secret as a whole."""

    def masked(self, value: str) -> str:
        return MASK


class UrlOption(SecretOption):
    """An option whose value may be a URL with a password: the user and everything behind a `?` are kept back, too."""

    def masked(self, value: str) -> str:
        return without_password(value)


def without_password(url: str) -> str:
    """Whatever the URL is: what stands before its last `@` may be a piece of a password.

    >>> without_password("postgresql://me:p@ss/word@db:5432/service?sslpassword=x")
    'postgresql://***@db:5432/service?***'
    >>> without_password("backup")
    'backup'
    """
    return _QUERY.sub(f"?{MASK}", _USER.sub(rf"\1{MASK}@", url))


def shown(param: click.Parameter, value: Any) -> Any:
    """What may be shown of a value: text, a list of texts, or a value that is no text and is no secret."""
    if isinstance(value, list | tuple):
        return [shown(param, element) for element in value]
    if value is not None and isinstance(param, SecretOption):
        return param.masked(str(value))
    return value


def holds_secret(param: click.Parameter, value: Any) -> bool:
    """Whether something of the value is not shown."""
    return value is not None and bool(shown(param, value) != (list(value) if isinstance(value, tuple) else value))
