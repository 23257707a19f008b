"""The one door to S3: a client that can look and cannot touch.

Two guards stand one behind the other. The first knows operations by name and lets a short list pass, before a request
is even built (and before one is presigned). The second knows nothing but the HTTP method of what is about to be sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from auditor import __version__
from auditor.errors import AuditorError
from auditor.store.trouble import cannot_connect

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

ALLOWED = frozenset(
    {
        "ListObjectsV2",
        "ListObjectVersions",
        "ListMultipartUploads",
        "ListParts",
        "GetBucketVersioning",
        "HeadBucket",
        "HeadObject",
        "GetObject",
    }
)
ALLOWED_METHODS = frozenset({"GET", "HEAD"})

_CONFIG = Config(
    # Adaptive: after the first 503 SlowDown the client slows itself down instead of being told again and again.
    retries={"mode": "adaptive", "total_max_attempts": 6},
    connect_timeout=10,  # seconds
    read_timeout=60,
    max_pool_connections=72,  # 32 workers, each with a page on its way and an object open, and some to spare
    tcp_keepalive=True,
    # Whole, not `user_agent_extra`: botocore's own is put together anew for every page of a listing.
    user_agent=f"bucket-auditor/{__version__} boto3/{boto3.__version__}",
    # Content rules have checksums of their own, from the database; reading must not cost a second one.
    response_checksum_validation="when_required",
    request_checksum_calculation="when_required",
)


class ReadOnlyError(AuditorError):
    """Something tried to do more than look. Nothing was sent."""


def read_only_client(
    *,
    endpoint_url: str | None = None,
    profile: str | None = None,
    region: str | None = None,
    expected_bucket_owner: str | None = None,
) -> S3Client:
    """An S3 client for `ALLOWED` operations only; any other raises ReadOnlyError before anything is sent.

    `expected_bucket_owner` (an account id) is sent along with every call. Raises CannotStart when the profile or the
    endpoint makes no sense; credentials are looked for by the first call, not here.
    """
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        client = session.client("s3", endpoint_url=endpoint_url, config=_CONFIG)
    except (BotoCoreError, ValueError) as error:
        raise cannot_connect(error, endpoint_url=endpoint_url, profile=profile) from error
    guard(client)
    client.meta.events.register("needs-retry.*.HeadBucket", _redirect_once, unique_id="auditor-redirect")
    if expected_bucket_owner is not None:
        _expect_owner(client, expected_bucket_owner)
    return client


def guard(client: S3Client) -> None:
    """Register both guards, each ahead of whatever else listens to its event."""
    events = client.meta.events
    events.register_first("provide-client-params.*.*", _only_allowed_operations, unique_id="auditor-operations")
    events.register_first("before-send.*.*", _only_reading_methods, unique_id="auditor-methods")


def _only_allowed_operations(model: Any, **_: Any) -> None:
    if model.name not in ALLOWED:
        raise ReadOnlyError(f"{model.name} was refused, because an audit only lists and reads; nothing was sent")


def _only_reading_methods(request: Any, event_name: str, **_: Any) -> None:
    if request.method not in ALLOWED_METHODS:
        operation = event_name.rpartition(".")[2]
        raise ReadOnlyError(f"{operation} was refused, because {request.method} may write; nothing was sent")


def _redirect_once(request_dict: dict[str, Any], **_: Any) -> None:
    """botocore answers a redirect with a HEAD of the bucket; to a server that redirects that, too, for ever."""
    request_dict["context"].setdefault("s3_redirect", {})["redirected"] = True


def _expect_owner(client: S3Client, owner: str) -> None:
    def add_owner(params: dict[str, Any], model: Any, **_: Any) -> None:
        if "ExpectedBucketOwner" in model.input_shape.members:
            params.setdefault("ExpectedBucketOwner", owner)

    client.meta.events.register("provide-client-params.s3", add_owner, unique_id="auditor-owner")
