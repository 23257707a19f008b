"""A world behind a door that writes every request down and lets faults in: the stub, or a proxy of a real server."""

from __future__ import annotations

from functools import cache
from typing import Literal

import pytest

from tests.scanning import VERSITYGW, Place, world
from tests.servers.gateway import SHARED
from tests.servers.proxy_s3 import ProxyS3
from tests.servers.stub_s3 import Stored, StubS3
from tests.world.world import World

Kind = Literal["stub", "versitygw"]
KINDS = ["stub", VERSITYGW]
every_kind = pytest.mark.parametrize("kind", KINDS)


def place_of(kind: Kind) -> Place:
    """The stub holds whatever moto does."""
    return "moto" if kind == "stub" else kind


def behind(kind: Kind, seed: int, objects: int) -> World:
    """The world, without what the server cannot hold."""
    return world(seed, objects, place_of(kind))


def door(kind: Kind, made: World, *, page_size: int = 1000) -> StubS3:
    """Not yet open: `with door(...) as server`."""
    if kind == "stub":
        return StubS3(_stored(made), bucket=made.ledger.bucket, page_size=page_size)
    gateway = SHARED.running()
    return ProxyS3(gateway.url, gateway.bucket(made), _stored(made), page_size=page_size)


@cache
def _stored(made: World) -> dict[str, Stored]:
    return {item.key: Stored(item.body, item.last_modified, item.storage_class) for item in made.objects}
