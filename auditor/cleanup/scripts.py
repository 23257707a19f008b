"""The shell scripts of a plan, line by line. The tool writes them and never runs them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import datetime

from auditor.cleanup import formats
from auditor.cleanup.model import Action, Item
from auditor.text import isoformat

NAMES = ("delete.sh", "abort.sh", "tag.sh", "untag.sh", "undo.sh")
FORWARD = frozenset({"delete.sh", "abort.sh", "tag.sh"})  # what needs a fresh look first
_WHAT = {
    "delete.sh": "Deletes the objects of this plan, each only if its ETag is still the same.",
    "abort.sh": "Aborts the multipart uploads of this plan; their parts are gone at once.",
    "tag.sh": "Tags what still has its ETag, for the rule in lifecycle.json. Tags that it had are replaced.",
    "untag.sh": "Takes the tags off again. All tags of the objects go.",
    "undo.sh": "Brings back what was deleted, where the bucket keeps versions: removes the newest delete markers.",
}
_END = (
    '[ "$failed" -eq 0 ] || echo "$failed requests failed: run auditor verify with --after" >&2\n[ "$failed" -eq 0 ]\n'
)


@dataclass(frozen=True)
class Guard:
    """Until when the scripts may run; None for a plan that nobody has looked at again."""

    until: datetime | None = None

    def lines(self) -> str:
        if self.until is None:
            return (
                'if [ "${1-}" != --unverified ]; then\n'
                '  echo "nobody has looked at these objects again: run auditor verify first and use what it writes,'
                ' or pass --unverified" >&2\n  exit 2\nfi\n'
            )
        return (
            f'if [ "$(date -u +%s)" -ge {int(self.until.timestamp())} ]; then\n'
            f'  echo "this was looked at too long ago (use it before {isoformat(self.until.replace(microsecond=0))}):'
            ' run auditor verify again" >&2\n  exit 2\nfi\n'
        )


def head(name: str, guard: Guard, endpoint: str | None = None) -> str:
    """Up to the first request. Every script counts what failed and goes on.

    Amazon has a bucket of every name: without the endpoint at which the bucket was looked at, `aws` would ask there.
    """
    lines = f'#!/bin/sh\n# {_WHAT[name]}\nset -u\ncd -- "$(dirname -- "$0")" || exit 2\nfailed=0\n'
    if endpoint is not None:
        lines += f'aws() {{ command aws "$@" --endpoint-url {shlex.quote(endpoint)}; }}\n'
    return lines + (guard.lines() if name in FORWARD else "")


def tail() -> str:
    return _END


def of_batch(bucket: str, filename: str) -> str:
    """DeleteObjects answers 200 whatever became of the objects; in quiet mode it names those that stayed."""
    sent = f"aws s3api delete-objects --bucket {shlex.quote(bucket)} --delete file://{filename}"
    return (
        f"answer=$({sent}) || failed=$((failed + 1))\n"
        '[ -z "$answer" ] || { printf \'%s\\n\' "$answer"; failed=$((failed + 1)); }\n'
    )


def of_item(name: str, bucket: str, item: Item, mark: str) -> str:
    """The request that a script makes for one item; nothing where it makes none."""
    if item.action is Action.ABORT:
        return _counted(formats.abort(bucket, item)) if name == "abort.sh" else ""
    if name == "delete.sh":
        return "" if formats.fits_xml(item.key) else _counted(formats.delete(bucket, item))
    if name == "tag.sh":
        return _counted(formats.tag(bucket, item, mark))
    if name == "untag.sh":
        return _counted(formats.untag(bucket, item.key))
    return _undone(bucket, item) if name == "undo.sh" else ""


def _counted(command: str) -> str:
    return f"{command} || failed=$((failed + 1))\n"


def _undone(bucket: str, item: Item) -> str:
    removed = formats.remove_marker(bucket, item.key)
    return (
        f"marker=$({formats.newest_marker(bucket, item.key)}) || failed=$((failed + 1))\n"
        f'case "$marker" in ""|None) ;; *) {removed} || failed=$((failed + 1)) ;; esac\n'
    )
