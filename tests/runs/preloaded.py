"""What the server imports before it forks: everything that an audit imports, and botocore's description of S3, read."""

from __future__ import annotations

import botocore.session
import pytest

from auditor.plugins import load_reports, load_rules
from tests.servers.quick import with_one_model

load_rules()
load_reports()
with_one_model(pytest.MonkeyPatch())  # for good: there is nothing else in that process
botocore.session.create_loader().load_service_model("s3", "service-2")
