"""Shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import boto3
import pytest
from hypothesis import settings

from tests.examples import examples
from tests.servers.gateway import SHARED
from tests.servers.quick import with_one_model

# no deadline: how long an example takes depends on what else the machine does
settings.register_profile("auditor", max_examples=examples(100), deadline=None)
settings.load_profile("auditor")


@pytest.fixture(scope="session", autouse=True)
def _for_all_tests() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        with_one_model(patch)
        patch.setenv("AUDITOR_ISOLATED", "1")  # whatever settings file lies above the checkout
        yield
    SHARED.stop()


def pytest_runtest_teardown() -> None:
    """boto3 keeps a session for all who name none, with the credentials of whoever came first."""
    boto3.DEFAULT_SESSION = None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[pytest.TestReport]:
    """Where every server is installed (CI), a test that is skipped for want of one has failed."""
    report: pytest.TestReport = yield
    if os.environ.get("AUDITOR_NOTHING_SKIPPED") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and here nothing may be: {report.longrepr}"
    return report
