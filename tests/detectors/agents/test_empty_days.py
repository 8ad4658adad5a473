"""A day without anything to judge ends as if it had been judged, and costs less."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec
import pytest

from detectors.agents.early.at_risk import DayExposure
from detectors.agents.gathering.gathering import DayBatch
from detectors.agents.mature.tier import MatureTier
from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent
from detectors.pipeline import Pipeline
from tests.streams.stages.actors.small_stream import SETTINGS, UNTIL, event_lines

GAP = timedelta(days=60)
"""Longer than an alert stands, and than evidence can be corrected, in these settings."""


def events(shift: timedelta) -> Iterable[AnyEvent]:
    """Yield the events of the last third of a month, all later by so much."""
    decode, name = EventDecoder(SETTINGS.limits).decode, f"+{shift.days}"
    for line in event_lines()[2 * len(event_lines()) // 3 :]:
        event = decode(line)
        others = {"account_id": event.account_id + name, "event_id": event.event_id + name}
        yield msgspec.structs.replace(event, occurred_at=event.occurred_at + shift, **others)


def told() -> tuple[list[bytes], bytes]:
    """Return the alerts of ten days and the silence after them, both twice, and the state."""
    pipeline, alerts = Pipeline(SETTINGS), list[bytes]()
    for shift in (timedelta(0), GAP + timedelta(days=30)):
        for event in events(shift):
            pipeline.apply(event)
        for until in (UNTIL, UNTIL + GAP):
            pipeline.advance(seconds_at(until + shift))
            alerts += map(msgspec.json.encode, pipeline.alerts())
    return alerts, pipeline.snapshot()


def judged_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge every day as one on which something happened: the slow reference."""
    for kind in (DayBatch, DayExposure):
        monkeypatch.setattr(kind, "is_empty", property(lambda _: False))


def left_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a day on which nothing happened for one on which nothing ends either."""
    judge = MatureTier.judge
    monkeypatch.setattr(
        MatureTier,
        "judge",
        lambda tier, batch, *others: [] if batch.is_empty else judge(tier, batch, *others),
    )


def test_an_empty_day_ends_as_a_judged_one(monkeypatch: pytest.MonkeyPatch) -> None:
    alerts, state = told()
    assert any(b'"resolved"' in alert for alert in alerts)
    with monkeypatch.context() as slow:
        judged_in_full(slow)
        assert told() == (alerts, state)
    with monkeypatch.context() as broken:
        left_out_whole(broken)
        assert told()[0] != alerts
