"""Worlds in versitygw, an S3 server of another make than moto: one gateway for all tests of a process."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.servers.real import versitygw_binary, versitygw_server
from tests.world.ledger import WorldObject
from tests.world.serve import CREDENTIALS
from tests.world.world import World

ACCESS, SECRET = CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
_THREADS = 4


@dataclass
class Gateway:
    """A running gateway. A world that was put into it stays there, since an audit changes nothing."""

    url: str
    root: Path
    _buckets: dict[World, str] = field(default_factory=dict)

    def bucket(self, made: World) -> str:
        """The name of the bucket that holds the world, every object put by S3's own means."""
        if made not in self._buckets:
            name = f"world-{made.ledger.seed}-{len(self._buckets)}"
            self.client().create_bucket(Bucket=name)
            self.put(name, *made.objects)
            self._buckets[made] = name
        return self._buckets[made]

    def put(self, bucket: str, *objects: WorldObject) -> None:
        """The gateway takes a file's time for LastModified; a folder's changes with what is put into it."""
        client = self.client()
        with ThreadPoolExecutor(_THREADS) as executor:
            list(executor.map(lambda one: client.put_object(Bucket=bucket, Key=one.key, Body=one.body), objects))
        for one in objects:
            os.utime(self.root / bucket / one.key, (one.modified, one.modified))

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
            config=Config(retries={"max_attempts": 0}, max_pool_connections=_THREADS),
        )


class _Lazily:
    """Started by the first test that needs it, stopped at the end of the session."""

    def __init__(self) -> None:
        self._stack, self._running = ExitStack(), None

    def running(self) -> Gateway:
        if self._running is None:
            self._running = self._stack.enter_context(_gateway())
        return self._running

    def stop(self) -> None:
        self._running = None
        self._stack.close()


SHARED = _Lazily()


@contextmanager
def _gateway() -> Iterator[Gateway]:
    """A running gateway, or a skipped test where the binary is not installed."""
    binary = versitygw_binary()
    if binary is None:
        pytest.skip("versitygw is not installed (see tests/servers/real.py)")
    folder = Path(tempfile.mkdtemp(prefix="auditor-versitygw-"))
    try:
        with versitygw_server(binary, folder, ACCESS, SECRET) as url:
            yield Gateway(url, folder / "root")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
