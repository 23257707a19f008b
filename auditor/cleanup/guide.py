"""`README.md` of a plan: what is in the folder, in which order to use it, and how to undo it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.cleanup.limits import Totals
from auditor.text import human_bytes, printable


@dataclass(frozen=True)
class Told:
    """What the guide speaks of."""

    bucket: str | None
    url: str
    totals: Totals
    rows: int  # that stay behind
    expires: str  # when the lifecycle rule begins to delete
    left_out: Mapping[str, int]
    exceeded: Sequence[str]
    until: str | None  # of a plan that was looked at again


def guide(told: Told) -> str:
    parts = [_what(told), _first(told)]
    if told.bucket is not None:
        parts += [_tagging(told), _deleting(told), _uploads(told), _undo(told)]
    return "\n".join([*filter(None, parts), _rows(told), _after(told)])


def _what(told: Told) -> str:
    totals = told.totals
    text = (
        f"# Cleanup of {printable(told.url)}\n\n"
        f"{totals.objects:,} objects with {human_bytes(totals.size)}, and {totals.uploads:,} unfinished uploads. "
        "`objects.jsonl` has them with the evidence, one in each line; `plan.json` what was selected, the limits, and "
        "the SHA-256 of every file. Nothing in this folder was carried out.\n"
    )
    if told.left_out:
        text += "\nLeft out:\n\n"
        text += "".join(f"- {count:,}, because {reason}\n" for reason, count in sorted(told.left_out.items()))
    if told.exceeded:
        text += "\nAbove its limits, and let through by the hash of this very plan:\n\n"
        text += "".join(f"- {reason}\n" for reason in told.exceeded)
    return text


def _first(told: Told) -> str:
    if told.until is not None:
        return (
            "## First\n\n"
            f"The objects were looked at again. Use what is here before {told.until}; after that, look again: every "
            "minute in between is one in which somebody may write to a key or refer to a file.\n"
        )
    return (
        "## First\n\nLook again right before the cleanup, and use only what that writes:\n\n"
        "    auditor verify THIS-FOLDER --db LIVE-DATABASE --pending redis://HOST:PORT/DB\n"
    )


def _tagging(told: Told) -> str:
    if not told.totals.objects:
        return ""
    bucket = shlex.quote(told.bucket or "")
    return (
        "## Slowly: tag, and let a lifecycle rule delete (the way back stays open)\n\n"
        f"1. Put the rule of `lifecycle.json` beside the rules that the bucket has. It deletes from {told.expires} on. "
        "`aws s3api put-bucket-lifecycle-configuration` replaces all rules, so merge them first:\n"
        f"   `aws s3api get-bucket-lifecycle-configuration --bucket {bucket}`.\n"
        "2. `sh tag.sh`, or for many objects a job of S3 Batch Operations with the operation *Replace all object tags* "
        "(`S3PutObjectTagging`), the tag of `lifecycle.json`, and `manifest.csv` (format "
        "`S3BatchOperations_CSV_20180820`, fields `Bucket,Key`). Either replaces the tags that an object has.\n"
        "3. Until the day comes, look again with `auditor verify`, and `sh untag.sh` the whole plan when anything "
        "in it is in use again. An object that is written anew loses the tag and stays.\n"
    )


def _deleting(told: Told) -> str:
    if not told.totals.objects:
        return ""
    return (
        "## At once: delete\n\n"
        "`sh delete.sh` sends `delete-00001.json` and so on, 1000 keys each, and one by one the keys that XML cannot "
        "hold. Each object goes only if its ETag is still the one that was seen; a server that does not know "
        "conditional deletes ignores that. S3 Batch Operations has no operation that deletes objects.\n"
    )


def _uploads(told: Told) -> str:
    if not told.totals.uploads:
        return ""
    return (
        "## Unfinished uploads\n\n`sh abort.sh` aborts them. Their parts are gone at once, on a versioned bucket, too: "
        "there is no way back.\n"
    )


def _undo(told: Told) -> str:
    if not told.totals.objects:
        return ""
    return (
        "## Undo\n\n"
        "- Tagged only: `sh untag.sh`, and take the rule out again.\n"
        "- Deleted, and versioning is enabled (where it is suspended, the object is gone for good): each deletion left "
        "a delete marker on top of the object; the run's "
        "listing names no versions, so `sh undo.sh` asks for the newest marker of each key and removes it. It needs "
        "`s3:ListBucketVersions` and `s3:DeleteObjectVersion`, and works until a lifecycle rule removes the old "
        "versions. It also brings back what the service itself deleted since.\n"
        "- Deleted, and the bucket keeps no versions: the objects are gone. Only a copy elsewhere (replication, AWS "
        "Backup) brings them back; copy them away first, or turn on versioning, if there is any doubt.\n"
    )


def _rows(told: Told) -> str:
    if not told.rows:
        return ""
    return (
        "## Rows\n\n"
        f"**{told.rows:,} of these objects have a database row, which stays behind and leads nowhere once the object "
        "is gone.** `rows.csv` lists their uids (a cell that begins like a formula has one leading `'`). Delete the "
        "object first and its row right after, as the service does, best by the service's own job: other rows that "
        "refer to it (an upload's part, an old export) go with it or must go, too. Until then audits report REF002.\n"
    )


def _after(told: Told) -> str:
    return (
        "## Afterwards\n\n    auditor verify THIS-FOLDER --after\n\nsays what is gone, what remains and what failed.\n"
    )
