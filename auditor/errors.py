"""What can go wrong, and what each failure means for the run.

AuditorError
├── CannotStart         nothing was read yet: exit 2
├── ReadFailed          evidence is missing: the run is incomplete, exit 3
│   ├── ListingFailed     a page of the listing
│   └── RowsFailed        a page of rows, a look-up of rows
├── CallRefused         the store does not let us ask something that an audit can do without
├── ObjectGone          the object was listed, and is no longer there
├── ObjectChanged       the object is another one than was listed
├── ObjectUnreadable    the object is there and could not be read
└── VersionsUnreadable  what is left of a deleted object cannot be told; no verdict rests on that

Every message is one sentence that says what happened and, where there is something to do, what to do next. No
message holds a credential, a presigned URL or a byte of an object.
"""

from __future__ import annotations


class AuditorError(Exception):
    """Base of every error that the tool raises on purpose."""


class CannotStart(AuditorError):
    """The run cannot begin: usage, document, bindings, credentials, bucket or database."""


class ReadFailed(AuditorError):
    """Something that the run rests on could not be read to its end."""


class ListingFailed(ReadFailed):
    """A page of the listing failed for good, or the listing cannot be trusted (order, count)."""


class RowsFailed(ReadFailed):
    """Rows could not be read."""


class CallRefused(AuditorError):
    """The store refuses a call, or does not know it: what rests on it is not audited, and the run is complete."""


class ObjectGone(AuditorError):
    """The store says 404 for a key that it listed."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key!r} is no longer in the bucket")
        self.key = key


class ObjectChanged(AuditorError):
    """The object was written anew since it was listed: its ETag is another one."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key!r} was written anew while it was being looked at")
        self.key = key


class ObjectUnreadable(AuditorError):
    """An object exists and could not be read.

    `refused` tells a standing answer of the store (access denied, archived) from a transport that failed after all
    retries: only the latter makes the run incomplete.
    """

    def __init__(self, key: str, reason: str, *, refused: bool) -> None:
        super().__init__(f"{key!r} could not be read: {reason}")
        self.key = key
        self.reason = reason
        self.refused = refused


class VersionsUnreadable(AuditorError):
    """Whether a bucket keeps versions, or which it has of a key, could not be read."""
