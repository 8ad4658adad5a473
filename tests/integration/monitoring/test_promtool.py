"""What a worker says at /metrics passes Prometheus' own check."""

import subprocess
import urllib.request

import pytest

from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker
from tests.integration.busy_month import event_lines, hostile_records
from tests.integration.installation import install

pytestmark = pytest.mark.integration


def complaints(promtool: str, exposition: bytes) -> bytes:
    answer = subprocess.run(
        [promtool, "check", "metrics"], input=exposition, capture_output=True, check=False
    )
    return answer.stdout + answer.stderr if answer.returncode or answer.stderr else b""


def test_the_metrics_of_a_worker_are_clean(promtool: str, broker: AvailableBroker) -> None:
    installation = install(broker, 1)
    lines = event_lines()[:2_000]
    installation.send_events(lines)
    installation.send(Topic.SALES, hostile_records())
    count = len(lines) + len(hostile_records())
    with installation.worker() as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == count)
        with urllib.request.urlopen(f"{worker.address}/metrics", timeout=10) as answer:  # noqa: S310 - ours
            exposition = answer.read()
    assert b'aboveboard_events_total{result="applied"' in exposition
    assert complaints(promtool, exposition) == b""


@pytest.mark.parametrize(
    "exposition",
    [
        b"# TYPE events counter\nevents 1\n",
        b"# HELP waiting_total x\n# TYPE waiting_total gauge\nwaiting_total 1\n",
        b"a{b=1} 2\n",
    ],
)
def test_the_tool_bites(promtool: str, exposition: bytes) -> None:
    assert complaints(promtool, exposition)
