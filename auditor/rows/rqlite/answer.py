"""What a node answered, taken apart and checked: half an answer is none, and neither is the answer to another question.

The form is `{"results": [{"columns": […], "types": […], "values": [[…], …]}, …]}`, one result for each statement,
with `error` in a result or beside them (https://rqlite.io/docs/api/api/).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auditor.rows.rqlite.trouble import Behind, Rejected, Unavailable

_STALE = "stale read"  # rqlite's own words, when the limits of freshness are not kept


@dataclass(frozen=True)
class Result:
    columns: Sequence[str]
    values: Sequence[Sequence[Any]]


def question(statements: Sequence[str], mark: str) -> bytes:
    """The body of a request. The mark, asked for after the statements, shows that an answer is theirs, and whole."""
    return json.dumps([*statements, f"SELECT '{mark}' AS mark"]).encode()


def results(body: bytes, statements: int, mark: str) -> list[Result]:
    """One result for each statement. Raises Behind, Rejected, and Unavailable for what is no answer to it."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise Unavailable("sent an answer that is not whole") from None
    if not isinstance(answer, dict):
        raise Unavailable("did not answer as rqlite does")
    _check_error(answer)
    found = answer.get("results")
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise Unavailable("did not answer as rqlite does")
    for entry in found:
        if entry.get("error"):
            raise Rejected(str(entry["error"]))
    parsed = [_result(entry) for entry in found]
    if len(parsed) != statements + 1 or parsed[-1].values != [[mark]]:
        raise Unavailable("sent the answer to another question")
    return parsed[:-1]


def _check_error(answer: dict[str, Any]) -> None:
    error = answer.get("error")
    if error:
        raise Behind("is behind the leader") if error == _STALE else Unavailable(f"could not answer: {error}")


def _result(entry: dict[str, Any]) -> Result:
    columns, values = entry.get("columns"), entry.get("values") or []
    if not isinstance(columns, list) or not isinstance(values, list):
        raise Unavailable("did not answer as rqlite does")
    if not all(isinstance(row, list) and len(row) == len(columns) for row in values):
        raise Unavailable("sent rows of the wrong length")
    return Result(columns, values)
