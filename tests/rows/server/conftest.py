"""One server of each kind for all tests of this folder that need one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.rows.server.making import DATABASE
from tests.servers.databases import SERVERS, DatabaseServer, database_server

Servers = Callable[[str], DatabaseServer]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:

        @cache
        def started(name: str) -> DatabaseServer:
            running = stack.enter_context(database_server(name))
            running.create(DATABASE)
            return running

        yield started


@pytest.fixture(params=list(SERVERS))
def server(request: pytest.FixtureRequest, servers: Servers) -> DatabaseServer:
    return servers(request.param)
