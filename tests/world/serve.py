"""A world in moto's S3, served on 127.0.0.1."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server import werkzeug_app
from moto.moto_server.utilities import RegexConverter
from moto.s3.models import S3Backend, s3_backends
from moto.server import ThreadedMotoServer

from tests.world.ledger import WorldObject
from tests.world.world import World

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


class _AnyCharacter(RegexConverter):
    """moto's patterns of paths end at a newline, and S3's keys do not."""

    def __init__(self, url_map: Any, *items: str) -> None:
        super().__init__(url_map, *(f"(?s:{item})" for item in items))


werkzeug_app.RegexConverter = _AnyCharacter


@dataclass(frozen=True)
class Served:
    """Where the world is; `backend` is moto's own, for tests that change the bucket while it is read."""

    endpoint_url: str
    bucket: str
    server: ThreadedMotoServer
    backend: S3Backend


def backend() -> S3Backend:
    """The backend behind every server of this process; no `mock_aws` is needed, and none may be active."""
    found: S3Backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    return found


def put_into_moto(world: World, bucket: str) -> None:
    """Make the bucket and place every object with its own time, past HTTP."""
    target = backend()
    target.create_bucket(bucket, "us-east-1")
    for found in world.objects:
        place(target, bucket, found)


def place(target: S3Backend, bucket: str, found: WorldObject) -> None:
    """One object with its own time."""
    made = target.put_object(bucket, found.key, found.body, found.storage_class, disable_notification=True)
    made.last_modified = datetime.fromtimestamp(found.modified, UTC).replace(tzinfo=None)  # moto keeps naive UTC


def remove_from_moto(bucket: str) -> None:
    target = backend()
    target.get_bucket(bucket).keys.clear()
    target.delete_bucket(bucket)


@contextmanager
def serve(world: World, bucket: str | None = None, port: int = 0) -> Iterator[Served]:
    """The world behind an endpoint of its own; server and bucket are gone afterwards."""
    name = bucket or world.ledger.bucket
    put_into_moto(world, name)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    try:
        host, bound = server.get_host_and_port()
        yield Served(f"http://{host}:{bound}", name, server, backend())
    finally:
        server.stop()
        remove_from_moto(name)
