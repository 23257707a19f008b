"""What a world for versitygw leaves out: this much and no more, and each of it because the server cannot hold it."""

from __future__ import annotations

import re

import pytest
from botocore.exceptions import ClientError

from tests.scanning import world
from tests.servers.gateway import SHARED

UID, NAME = re.compile("oseh_[a-z]+_[A-Za-z0-9_-]{22}"), re.compile("([-/])[A-Za-z0-9_-]{22}$")
LEFT_OUT = {
    # a control character comes back as U+FFFD
    "\x1b[2J\x1b[31mred\x07",
    "s3_files/uploads/\x1b[2J\x1b[31mred/1/…",
    # a path is put in order before it is used
    "a//b",
    "a//b-…",
    "./here-…",
    "up/../down-…",
    "../../etc/passwd",
    "/s3_files/images/originals/x/y",
    "./s3_files/images/originals/x/y",
    "s3_files/./images/x",
    "s3_files//images/originals/x/y",
    "s3_files/images/originals//x",
    "s3_files/uploads//1/x",
    "s3_files/courses/a//x.zip",
    "s3_files/audio/originals/…/a//b-…",
    "/s3_files/audio/originals/…/…",
    "s3_files//audio/originals/…/…",
    "s3_files/audio/originals//…/…",
    "s3_files/audio/originals/…/./c-…",
    # a folder has no bytes of its own
    "s3_files/images/exports/",
    # a name in a folder has at most 255 bytes
    "x" * 1024,
    "é" * 400 + "-…",
    "s3_files/videos/originals/…/" + "n" * 967,
}


def form(key: str) -> str:
    """The key with `…` for what is drawn by chance."""
    return NAME.sub(r"\1…", re.sub("(?<=red/1/).*", "…", UID.sub("…", key)))


def test_so_much_and_no_more() -> None:
    left_out = world(1, 400, "versitygw").left_out
    assert {form(key) for key in left_out} == LEFT_OUT
    assert len(left_out) == len(LEFT_OUT)
    assert world(1, 400, "moto").left_out == []


@pytest.mark.server
def test_the_server_cannot_hold_any_of_it() -> None:
    gateway = SHARED.running()
    client = gateway.client()
    for number, key in enumerate(world(1, 400, "versitygw").left_out):
        bucket = f"left-out-{number}"
        client.create_bucket(Bucket=bucket)
        try:
            client.put_object(Bucket=bucket, Key=key, Body=b"hello")
        except ClientError:
            continue
        kept = [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket)["Contents"]]
        assert key not in kept
