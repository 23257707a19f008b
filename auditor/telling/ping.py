"""Signs of life for a service that raises the alarm when they stay away.

The form is the one of https://healthchecks.io/docs/http_api/, which others took over: `URL/start` when a run begins,
`URL` when it ended well, `URL/fail` when it did not. The body is a line for the service's log.
"""

from __future__ import annotations

from auditor.telling.address import Address
from auditor.telling.sending import post

_CONTENT_TYPE = "text/plain; charset=UTF-8"


def ping_start(address: Address) -> str | None:
    """None when the service took it, else why it did not; so with all of these."""
    return _ping(address.below("start"), "the audit begins")


def ping_end(address: Address, exit_code: int) -> str | None:
    """Findings are news and no failure of the audit: 0 and 1 are a success, everything else is not."""
    if exit_code in (0, 1):
        return _ping(address, f"the audit ended with exit code {exit_code}")
    return _ping(address.below("fail"), f"the audit is not complete: exit code {exit_code}")


def ping_failure(address: Address, what: str) -> str | None:
    """For a run that did not come to an end; `what` says how, without a secret."""
    return _ping(address.below("fail"), what)


def _ping(address: Address, line: str) -> str | None:
    return post(address, line.encode(), _CONTENT_TYPE)
