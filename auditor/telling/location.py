"""Where the report of a run is, for somebody who sits elsewhere."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from auditor.errors import CannotStart
from auditor.text import printable

RUN = "{run}"
_REPORT = "report.html"


@dataclass(frozen=True)
class Location:
    """`folder` is a path on `host`, made printable; `url` is a link, where one was configured."""

    host: str
    folder: str
    url: str | None = None

    def __str__(self) -> str:
        return self.url or f"{self.host}:{self.folder}"


def locate(folder: Path, report_url: str | None = None) -> Location:
    """`report_url` as `check_report_url` takes it."""
    host = printable(socket.gethostname())
    return Location(host, printable(str(folder.absolute())), report_url and _filled(report_url, folder.name))


def check_report_url(template: str) -> str:
    """Raises CannotStart for what cannot be a link."""
    try:
        parts = urlsplit(template)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or not template.isascii() or not template.isprintable() or set(template) & set(' <>|"'):
        raise CannotStart("what --report-url names is no URL: write https://HOST/PATH, with {run} for the run's folder")
    return template


def _filled(template: str, run: str) -> str:
    """
    >>> _filled("https://audits.example.com/nightly/", "a b"), _filled("https://example.com/?run={run}", "a&b")
    ('https://audits.example.com/nightly/a%20b/report.html', 'https://example.com/?run=a%26b')
    """
    name = quote(run, safe="", errors="surrogateescape")
    if RUN in template:
        return template.replace(RUN, name)
    return f"{template.rstrip('/')}/{name}/{_REPORT}"
