"""For tests that make many S3 clients, or have many requests fail: clients that cost less and do not wait."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import boto3
import botocore.loaders
import pytest


def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's pauses, between attempts and after a SlowDown, cut short; how often it tries stays as it is."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr("botocore.retries.bucket.TokenBucket.acquire", lambda self, amount=1, block=True: True)


def with_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore reads its description of S3 once, not for each client."""
    loader = botocore.loaders.create_loader()
    monkeypatch.setattr("botocore.session.create_loader", lambda path=None: loader)


def with_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that give many commands with the same credentials: one session makes all clients."""
    monkeypatch.setattr("auditor.store.client.boto3.Session", _session)


_session = cache(boto3.Session)
