import logging
from typing import Final

import pytest

from streams.worker.findings import Finding, Findings
from streams.worker.health import Health

GONE: Final = Finding("the topic sales is not there", "Look for it", "sales")
FULL: Final = Finding("3 disks are full", "Empty them")


def test_a_finding_lasts_until_it_is_not_reported_any_more() -> None:
    now = [10.0]
    findings = Findings(lambda: now[0])
    findings.report("disks", [FULL])
    now[0] = 15.0
    findings.report("disks", [Finding("4 disks are full", "Empty them")])
    findings.report("topics", [GONE])
    assert [(one.what, seconds) for one, seconds in findings.lasting()] == [
        ("4 disks are full", 5.0),
        (GONE.what, 0.0),
    ]
    findings.report("disks", [])
    assert [one for one, _ in findings.lasting()] == [GONE]


def test_the_log_tells_what_is_new_and_what_is_over(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "aboveboard.worker")
    findings = Findings()
    for found in ([GONE], [GONE], [], [Finding("not yet", "Wait", usual=True)], []):
        findings.report("topics", found)
    assert caplog.messages == [f"not ready: {GONE.what}. Look for it", f"over: {GONE.what}"]


def test_a_worker_with_a_finding_is_alive_and_not_ready() -> None:
    health = Health((), stall_after=1.0, clock=lambda: 0.0)
    assert health.readiness().ok
    health.findings.report("topics", [GONE])
    (complaint,) = health.readiness().complaints
    assert (complaint.what, complaint.topic, complaint.remedy) == (GONE.what, "sales", GONE.remedy)
    assert health.liveness().ok
