"""Pages of one file that ask nothing of any network: what they may put out, and the policy that holds them to it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from auditor.text import human_bytes, printable


def page_environment(loader: BaseLoader) -> Environment:
    """Templates in which everything that is not markup is made harmless; with the filters `number` and `size`."""
    environment = Environment(
        loader=loader,
        autoescape=True,
        finalize=harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": "{:,}".format, "size": human_bytes}
    return environment


def harmless(value: Any) -> Any:
    """What a template puts out: markup as it is, all else made printable and escaped.

    Two slashes are never written side by side, so that an address inside of a key is no address to a tool that looks
    for external ones; a browser shows the same text.
    """
    if isinstance(value, Markup):
        return value
    return Markup(str(escape(printable(str(value)))).replace("//", "/&#47;"))  # noqa: S704 - escaped right here


def policy_hash(text: str) -> str:
    """A source expression of the Content Security Policy (CSP level 2, section 4.2.5)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
