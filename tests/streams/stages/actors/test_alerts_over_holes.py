"""Alerts that rest on the time of a hole name it, the same whatever happens to the workers."""

from functools import cache
from typing import Final

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.alerts.alert import Alert
from streams.stages.losses import Loss
from streams.wire.topics import Topic
from tests.streams.stages.actors.in_memory import Broker, run_installation
from tests.streams.stages.actors.test_crashes import crash_points, values

SENTENCE: Final = "account-activity partition 0 lacks 9 records (offsets 120 to 128) of 2025-"


def told(partitions: int, seed: int, most: int, crashes: list[int]) -> set[bytes]:
    broker = Broker(partitions, crashes)
    broker.lost = [Loss(Topic.ACCOUNT_ACTIVITY, 0, 120, 128)]
    run_installation(broker, seed, most)
    return set(values(broker, Topic.ALERTS))


@cache
def told_in_peace(partitions: int) -> frozenset[bytes]:
    return frozenset(told(partitions, 1, 50, []))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    partitions=st.integers(1, 2),
    seed=st.integers(0, 2**32),
    most=st.integers(1, 80),
    crashes=crash_points,
)
def test_the_alerts_are_the_same_whatever_happens(
    partitions: int, seed: int, most: int, crashes: list[int]
) -> None:
    assert told(partitions, seed, most, crashes) == told_in_peace(partitions)


def test_alerts_of_both_kinds_name_it_and_others_do_not() -> None:
    alerts = [msgspec.json.decode(value, type=Alert) for value in told_in_peace(2)]
    for kind in ("agent", "account"):
        named = [alert.data_quality for alert in alerts if alert.subject.type == kind]
        assert any(lacks and lacks[0].startswith(SENTENCE) for lacks in named), kind
    assert any(alert.data_quality is msgspec.UNSET for alert in alerts)
