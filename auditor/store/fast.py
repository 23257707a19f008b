"""How the listing gets past botocore's parser, and what makes a page count as broken.

botocore builds a tree of every page twice (once to look for an `<Error>`, once to parse it): some 95 ms of CPU for
1000 keys. A handler of `before-parse` takes the entries out of the body beforehand and leaves a page without entries
to botocore, so that tokens, errors and retries are still botocore's. See docs/listing.md for the order of events.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from auditor.store.page import cut, from_dictionaries
from auditor.store.trouble import BROKEN_PAGE

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_TABLE = "AuditorObjects"
_wanted: ContextVar[bool] = ContextVar("auditor_fast_listing", default=False)


def install(client: S3Client) -> None:
    """Register the handlers; calls of the client outside of `fast_pages` are answered as ever."""
    # `*` in place of `s3` puts a handler ahead of botocore's own, which are registered under `s3`: the pages must be
    # cut before `_handle_200_error` parses them, and judged before the retry handler looks at the status.
    client.meta.events.register("before-parse.*.ListObjectsV2", _take_entries, unique_id="auditor-entries")
    client.meta.events.register("needs-retry.*.ListObjectsV2", _judge, unique_id="auditor-judge")


@contextmanager
def fast_pages() -> Iterator[None]:
    """Answers to ListObjectsV2 calls made inside are for `objects_of`: they may have no `Contents`."""
    token = _wanted.set(True)
    try:
        yield
    finally:
        _wanted.reset(token)


def objects_of(answer: dict[str, Any]) -> pa.Table:
    """The page's objects (`auditor.frames.OBJECTS`), whichever way it was parsed."""
    table = answer.get(_TABLE)
    return from_dictionaries(answer.get("Contents", ())) if table is None else table


def _take_entries(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    if not _wanted.get() or response_dict["status_code"] != 200:
        return
    found = cut(response_dict["body"])
    if found is not None:
        customized_response_dict[_TABLE], response_dict["body"] = found


def _judge(response: tuple[Any, dict[str, Any]] | None, **_: Any) -> None:
    """A 200 whose page cannot be whole becomes a 500, as botocore does with an `<Error>`: retried, then raised."""
    if not _wanted.get() or response is None or response[0].status_code != 200:
        return
    http, answer = response
    fault = _fault(answer)
    if fault is not None:
        http.status_code = 500
        answer["Error"] = {"Code": BROKEN_PAGE, "Message": fault}
        answer["ResponseMetadata"]["HTTPStatusCode"] = 500


def _fault(answer: dict[str, Any]) -> str | None:
    if answer["ResponseMetadata"]["HTTPStatusCode"] != 200:  # an <Error>, which botocore has seen to
        return None
    entries = answer[_TABLE].num_rows if _TABLE in answer else len(answer.get("Contents", ()))
    entries += len(answer.get("CommonPrefixes", ()))
    said = answer.get("KeyCount", entries)
    if said != entries:
        return f"a page says that it has {said} keys, and has {entries}"
    if "IsTruncated" not in answer:
        return "a page does not say whether there are more"
    if answer["IsTruncated"] and not answer.get("NextContinuationToken"):
        return "a page says that there are more, and not where"
    return None
