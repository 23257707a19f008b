"""What botocore's errors mean for an audit, in sentences of our own.

Only names are taken over from an error (its class, the server's error code), never its text: that may quote URLs,
headers or key ids.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import botocore.exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from auditor.errors import CannotStart

# What a call may raise because of the network, the credentials or the server; the second line is what botocore's
# parser raises for an answer that is well-formed and makes no sense (a date that is none, an entry without a key).
_UNANSWERED = (boto.BotoCoreError, boto.ClientError, ResponseParserError, HTTPError, OSError)
FAILURES = (*_UNANSWERED, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError)

# The error code that our own checks of a page give to a page that cannot be trusted; its message is ours.
BROKEN_PAGE = "BrokenPage"

_SIGN_IN = "sign in again (for instance with `aws sso login`), or choose other credentials with --profile"
_BY_CLASS: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    (
        (boto.NoCredentialsError,),
        "no AWS credentials were found",
        "set AWS_PROFILE, run `aws configure`, or pass --profile",
    ),
    ((boto.PartialCredentialsError,), "the AWS credentials are not complete", "complete them with `aws configure`"),
    (
        (
            boto.CredentialRetrievalError,
            boto.TokenRetrievalError,
            boto.NoAuthTokenError,
            boto.SSOError,
            boto.MetadataRetrievalError,
        ),
        "the AWS credentials could not be had, or have expired",
        _SIGN_IN,
    ),
    ((boto.SSLError,), "the TLS connection failed", "check --endpoint-url and the certificates of this machine"),
    (
        (boto.ConnectionError, boto.ReadTimeoutError),
        "the endpoint could not be reached",
        "check the network, --endpoint-url and --region",
    ),
    ((boto.HTTPClientError, HTTPError, OSError), "the connection broke", "check the network and try again"),
    ((boto.ParamValidationError,), "the name is not one that S3 accepts", "check the URL"),
    (
        (boto.PaginationError,),
        "the server repeats itself: the same page token came twice",
        "report it to whoever runs it",
    ),
)
_BY_CODE: dict[str, tuple[str, str]] = {
    "NoSuchBucket": ("there is no such bucket", "check the name, --endpoint-url and --profile"),
    "AccessDenied": ("access denied", "grant s3:ListBucket on the bucket, or choose other credentials with --profile"),
    "ExpiredToken": ("the session token has expired", _SIGN_IN),
    "InvalidAccessKeyId": ("the server does not know the access key", "choose other credentials with --profile"),
    "SignatureDoesNotMatch": ("the secret key is wrong", "choose other credentials with --profile"),
    "RequestTimeTooSkewed": ("this machine's clock is wrong", "set it right"),
    "PermanentRedirect": ("the bucket is somewhere else", "pass --region, or the right --endpoint-url"),
    "SlowDown": ("the server asks to slow down, and kept asking", "try again later"),
}
_SAME = {
    "403": "AccessDenied",
    "AllAccessDisabled": "AccessDenied",
    "404": "NoSuchBucket",
    "ExpiredTokenException": "ExpiredToken",
    "InvalidToken": "ExpiredToken",
    "TokenRefreshRequired": "ExpiredToken",
    "301": "PermanentRedirect",
    "AuthorizationHeaderMalformed": "PermanentRedirect",
    "IllegalLocationConstraintException": "PermanentRedirect",
}
CREDENTIAL_CODES = frozenset(
    {"ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed"}
) | {code for code, same in _SAME.items() if same == "ExpiredToken"}


def cannot_connect(error: Exception, *, endpoint_url: str | None, profile: str | None) -> CannotStart:
    """Why not even a client could be made."""
    if isinstance(error, boto.ProfileNotFound):
        return CannotStart(f"There is no AWS profile {profile!r}; `aws configure list-profiles` shows which there are.")
    if isinstance(error, boto.ConfigParseError):
        return CannotStart("The AWS configuration file cannot be read; check ~/.aws/config and ~/.aws/credentials.")
    if isinstance(error, boto.InvalidRegionError):
        return CannotStart("That is no name of a region; pass one such as us-west-2 to --region.")
    if endpoint_url is not None and isinstance(error, ValueError):
        return CannotStart("--endpoint-url is not a URL; pass one such as https://s3.example.com:9000.")
    what, advice = _explained(error)
    return CannotStart(f"The S3 client could not be made: {what}; {advice}.")


def cannot_list(error: Exception, *, bucket: str, endpoint_url: str) -> CannotStart:
    """Why the bucket cannot be audited, and what to do about it."""
    what, advice = _explained(error)
    return CannotStart(f"Bucket {bucket!r} cannot be listed at {_host(endpoint_url)}: {what}; {advice}.")


def reason(error: Exception) -> str:
    """What happened, in half a sentence."""
    return _explained(error)[0]


def code_and_status(error: Exception) -> tuple[str, int]:
    """The server's error code and the HTTP status; ("", 0) when there was no answer."""
    if not isinstance(error, boto.ClientError):
        return "", 0
    code = str(error.response.get("Error", {}).get("Code", ""))
    return code, int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _explained(error: Exception) -> tuple[str, str]:
    if isinstance(error, boto.ClientError):
        return _explained_code(error)
    for classes, what, advice in _BY_CLASS:
        if isinstance(error, classes):
            return what, advice
    return (
        f"something could not be understood ({type(error).__name__})",
        "check --endpoint-url and the AWS configuration",
    )


def _explained_code(error: boto.ClientError) -> tuple[str, str]:
    code, status = code_and_status(error)
    if code == BROKEN_PAGE:
        return str(error.response["Error"]["Message"]), "check that the endpoint speaks S3, and try again"
    known = _BY_CODE.get(_SAME.get(code, code))
    if known is not None:
        return known
    name = re.sub(r"[^A-Za-z0-9._-]", "", code)[:64] or "no error code"
    return f"the server answered {name} (HTTP {status})", "try again, or ask whoever runs the server"


def _host(endpoint_url: str) -> str:
    """Scheme, host and port: a URL may hold a password."""
    parts = urlsplit(endpoint_url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
