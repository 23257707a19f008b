"""Property tests are about answers: how long an example takes depends on what else the machine does."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
few = settings(unhurried, max_examples=40)  # where an example is checked against a whole schema
