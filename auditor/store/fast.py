"""How the listing gets past botocore's parser, and what makes a page count as broken.

botocore builds a tree of every page twice (once to look for an `<Error>`, once to parse it): some 95 ms of CPU for
1000 keys. A handler of `before-parse` takes the entries out of the body beforehand and leaves a page without entries
to botocore, so that tokens, errors and retries are still botocore's. See docs/listing.md for the order of events.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from botocore.compat import unquote_str
from botocore.parsers import create_parser

from auditor.store.page import cut, from_dictionaries, without_entries
from auditor.store.trouble import BROKEN_PAGE

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_TAKEN = "AuditorEntries"
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


@dataclass(frozen=True)
class _Taken:
    """A page whose entries botocore has not seen, as it came in."""

    entries: int
    response: dict[str, Any]
    shape: Any

    def table(self) -> pa.Table:
        """The entries cut, or, where one of them is unusual, parsed by botocore's own parser after all."""
        table = cut(self.response["body"])
        if table is not None:
            return table
        contents = create_parser("rest-xml").parse(self.response, self.shape).get("Contents", ())
        return from_dictionaries({**item, "Key": unquote_str(item["Key"])} for item in contents)


def objects_of(answer: dict[str, Any]) -> pa.Table:
    """The page's objects (`auditor.frames.OBJECTS`), whichever way it is parsed.

    Cutting waits until it is asked for: a dozen pages in a row cost less than a dozen with botocore between them, whose
    code and data each of them pushes out of the processor's caches.
    """
    taken = answer.get(_TAKEN)
    return from_dictionaries(answer.get("Contents", ())) if taken is None else taken.table()


def _take_entries(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], operation_model: Any, **_: Any
) -> None:
    if not _wanted.get() or response_dict["status_code"] != 200:
        return
    found = without_entries(response_dict["body"])
    if found is not None:
        entries, rest = found
        customized_response_dict[_TAKEN] = _Taken(entries, dict(response_dict), operation_model.output_shape)
        response_dict["body"] = rest


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
    entries = answer[_TAKEN].entries if _TAKEN in answer else len(answer.get("Contents", ()))
    entries += len(answer.get("CommonPrefixes", ()))
    said = answer.get("KeyCount", entries)
    if said != entries:
        return f"a page says that it has {said} keys, and has {entries}"
    if "IsTruncated" not in answer:
        return "a page does not say whether there are more"
    if answer["IsTruncated"] and not answer.get("NextContinuationToken"):
        return "a page says that there are more, and not where"
    if answer.get("NextContinuationToken") and not answer["IsTruncated"]:
        return "a page says that there are no more, and where they are"
    return None
