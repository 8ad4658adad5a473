"""A feed that stops: the worker says so where people look, and tells nothing that rests on it."""

import signal
from collections.abc import Sequence
from datetime import timedelta
from functools import cache

import msgspec
import pytest

from detectors.alerts.alert import Alert
from detectors.decoding import EventDecoder
from detectors.events.event import AccountActivity, Sale
from detectors.pipeline import Pipeline
from detectors.settings import Settings, read_settings
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings
from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker
from tests.integration.installation import Installation, WorkerProcess, install
from tests.integration.test_worker_health import asked

pytestmark = pytest.mark.integration

CENTRE = SimulationSettings(agents=20, days=60, seed=5, planted_share=0)
STOPS_AT = CENTRE.begins_at + timedelta(days=15)
PATTERN = "unused_account"


@cache
def _events() -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Return a small centre of honest agents, and all of it that a feed brings until it stops."""
    decode = EventDecoder(Settings().limits).decode
    lines = tuple(simulate(CENTRE))
    events = [(line, decode(line)) for line in lines]
    kept = tuple(
        line
        for line, event in events
        if not isinstance(event, AccountActivity) or event.occurred_at < STOPS_AT
    )
    return lines, kept


def _told_by_pipeline(lines: Sequence[bytes], settings: Settings) -> set[bytes]:
    pipeline = Pipeline(settings)
    decode = EventDecoder(settings.limits).decode
    for line in lines:
        pipeline.apply(decode(line))
    return {msgspec.json.encode(alert) for alert in pipeline.alerts()}


def _accused(told: set[bytes]) -> set[str]:
    """Return the accounts that are still told as unused."""
    latest: dict[str, Alert] = {}
    for value in told:
        alert = msgspec.json.decode(value, type=Alert)
        known = latest.get(alert.alert_id, alert)
        latest[alert.alert_id] = max(known, alert, key=lambda one: one.revision)
    return {
        alert.subject.id
        for alert in latest.values()
        if alert.pattern == PATTERN and alert.subject.type == "account" and alert.status == "open"
    }


def _notes(worker: WorkerProcess) -> list[str]:
    status, told = asked(worker, "/readyz")
    return told.get("notes", []) if status == 200 else []


def _told_by_worker(installation: Installation) -> set[bytes]:
    return {record.value for record in installation.records(Topic.ALERTS)}


def test_a_feed_that_stops_accuses_nobody_and_is_told(broker: AvailableBroker) -> None:
    whole, kept = _events()
    decode = EventDecoder(Settings().limits).decode
    really_unused = _accused(_told_by_pipeline(whole, Settings()))
    sold = {event.account_id for event in map(decode, whole) if isinstance(event, Sale)}
    installation = install(broker, 4)
    installation.send_events(kept)
    with installation.worker() as worker:
        worker.wait_for(lambda it: any("could not be seen" in note for note in _notes(it)))
        worker.wait_for(lambda it: it.sum_of("aboveboard_blind_since_timestamp_seconds") > 0)
        expected = _told_by_pipeline(kept, Settings())
        worker.wait_for(lambda _: _told_by_worker(installation) >= expected)
        assert worker.end(signal.SIGTERM).code == 0
    told = _told_by_worker(installation)
    assert told == expected
    assert _accused(told) <= really_unused
    # Without sight, most of those who bought in the last month would be told as accounts unused.
    trusting = read_settings({"sight": {"silent_after": "365d"}})
    assert len(_accused(_told_by_pipeline(kept, trusting)) - really_unused) > len(sold) / 10
