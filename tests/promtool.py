"""The tool by which Prometheus checks metrics and rules."""

import shutil

import pytest


@pytest.fixture(scope="session")
def promtool() -> str:
    """Return the path of the tool; CI counts a skip here as a failure (tools/demand_kafka.py)."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not here; on Debian the package prometheus brings it")
    return found
