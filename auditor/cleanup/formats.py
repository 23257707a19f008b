"""The forms in which others take a plan: S3 Batch Operations, `aws s3api`, lifecycle rules. Pure text.

Sources: the S3 user guide on manifests of Batch Operations (CSV without a header, keys URL-encoded) and on conditional
deletes; the service model of botocore for `DeleteObjects` (ETag of an ObjectIdentifier; the other conditions are for
directory buckets alone), `DeleteObject` (IfMatch), `PutObjectTagging`, `AbortMultipartUpload`.

Requests are JSON in ASCII, handed over as `--cli-input-json`: no character of a key is read by a shell, by a terminal,
or as `file://…` by the command itself.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from auditor.cleanup.model import Item

BATCH = 1000  # objects that DeleteObjects takes at once
TAG = "auditor-plan"


def manifest_line(bucket: str, key: str) -> str:
    """One line of a manifest of Batch Operations; a plus is encoded, so that nobody takes it for a blank.

    >>> manifest_line("b", 'a b+c,"\u00e9"/d')
    'b,a%20b%2Bc%2C%22%C3%A9%22/d\\n'
    """
    return f"{bucket},{quote(key, safe='/')}\n"


def fits_xml(key: str) -> bool:
    """Whether a list of keys in XML, as DeleteObjects sends it, gives the key exactly, to every reader of XML.

    >>> fits_xml("a b\u00e9"), fits_xml("a\\x01"), fits_xml("a\\r"), fits_xml("\\uffff"), fits_xml("a ")
    (True, False, False, False, False)
    """
    return key == key.strip() and not any(
        character < " " or "\x7f" <= character <= "\x9f" or character in "\u2028\u2029\ufffe\uffff" for character in key
    )


def identifier(item: Item) -> dict[str, str]:
    """What DeleteObjects takes for one object: it goes only if its ETag is still the same."""
    return {"Key": item.key, **({"ETag": item.etag} if item.etag else {})}


def batch(items: Iterable[Item]) -> str:
    """The content of a file for `aws s3api delete-objects --delete file://…`; errors alone are answered."""
    return json.dumps({"Objects": [identifier(item) for item in items], "Quiet": True}, separators=(",", ":")) + "\n"


def command(operation: str, request: dict[str, Any], *options: str) -> str:
    """A command for a POSIX shell that sends one request."""
    document = json.dumps(request, separators=(",", ":")).replace("'", "\\u0027")
    return " ".join(["aws", "s3api", operation, "--cli-input-json", shlex.quote(document), *options])


def delete(bucket: str, item: Item) -> str:
    """Deletes one object, if its ETag is still the same."""
    return command(
        "delete-object", {"Bucket": bucket, "Key": item.key, **({"IfMatch": item.etag} if item.etag else {})}
    )


def abort(bucket: str, item: Item) -> str:
    return command("abort-multipart-upload", {"Bucket": bucket, "Key": item.key, "UploadId": item.upload_id})


def tag(bucket: str, item: Item, mark: str) -> str:
    """Tags one object. PutObjectTagging knows no condition, so a HEAD that does goes before it."""
    same = {"Bucket": bucket, "Key": item.key, **({"IfMatch": item.etag} if item.etag else {})}
    tags = {"TagSet": [{"Key": TAG, "Value": mark}]}
    put = command("put-object-tagging", {"Bucket": bucket, "Key": item.key, "Tagging": tags})
    return f"{command('head-object', same)} > /dev/null && {put}"


def untag(bucket: str, key: str) -> str:
    return command("delete-object-tagging", {"Bucket": bucket, "Key": key})


def newest_marker(bucket: str, key: str) -> str:
    """Prints the version id of the delete marker that hides the object, or None."""
    literal = json.dumps(key).replace("'", "\\u0027").replace("`", "\\u0060")
    query = f"DeleteMarkers[?IsLatest && Key == `{literal}`].VersionId | [0]"
    request = {"Bucket": bucket, "Prefix": key, "MaxKeys": 100}
    return command("list-object-versions", request, "--no-paginate", "--output", "text", "--query", shlex.quote(query))


def remove_marker(bucket: str, key: str) -> str:
    """Deletes the delete marker whose version id is in `$marker`."""
    return command("delete-object", {"Bucket": bucket, "Key": key}, '--version-id="$marker"')


def lifecycle(mark: str, date: str) -> str:
    """A lifecycle rule that deletes what is tagged, from a day on. Days would count from the object's own birth."""
    rule = {
        "ID": f"{TAG}-{mark}",
        "Status": "Enabled",
        "Filter": {"Tag": {"Key": TAG, "Value": mark}},
        "Expiration": {"Date": date},
    }
    return json.dumps({"Rules": [rule]}, indent=2) + "\n"
