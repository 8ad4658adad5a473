"""Alerts that rest on the time of a hole name it, the same whatever happens to the workers."""

from functools import cache
from typing import Final

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.agents.believed import Believed, BelievedState
from detectors.alerts.alert import Alert
from streams.stages.losses import Loss
from streams.wire.topics import Topic
from tests.streams.stages.actors.in_memory import Broker, run_installation
from tests.streams.stages.actors.test_crashes import crash_points, values

restored: Final = Believed.restore

SENTENCE: Final = "account-activity partition 0 lacks 9 records (offsets 120 to 128) of 2025-"


def told(broker: Broker, seed: int = 1, most: int = 50) -> set[bytes]:
    broker.lost = [Loss(Topic.ACCOUNT_ACTIVITY, 0, 120, 128)]
    run_installation(broker, seed, most)
    return set(values(broker, Topic.ALERTS))


@cache
def told_in_peace(partitions: int) -> frozenset[bytes]:
    return frozenset(told(Broker(partitions, [])))


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    partitions=st.integers(1, 2),
    agents=st.integers(1, 3),
    seed=st.integers(0, 2**32),
    most=st.integers(1, 80),
    crashes=crash_points,
)
def test_the_alerts_are_the_same_whatever_happens(
    partitions: int, agents: int, seed: int, most: int, crashes: list[int]
) -> None:
    broker = Broker(partitions, crashes, agents=agents)
    assert told(broker, seed, most) == told_in_peace(partitions)


def forgetful(believed: Believed, state: BelievedState) -> None:
    """Restore everything but the holes."""
    restored(believed, msgspec.structs.replace(state, holes=[]))


def test_the_law_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that forgets them does no harm: who is told of them remembers."""
    crashes = range(100, 1_000, 50)
    assert told(Broker(2, crashes)) == told_in_peace(2)
    monkeypatch.setattr(Believed, "restore", forgetful)
    assert told(Broker(2, crashes)) != told_in_peace(2)


def test_alerts_of_both_kinds_name_it_and_others_do_not() -> None:
    alerts = [msgspec.json.decode(value, type=Alert) for value in told_in_peace(2)]
    for kind in ("agent", "account"):
        named = [alert.data_quality for alert in alerts if alert.subject.type == kind]
        assert any(lacks and lacks[0].startswith(SENTENCE) for lacks in named), kind
    assert any(alert.data_quality is msgspec.UNSET for alert in alerts)
