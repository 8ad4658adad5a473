"""A few thousand records as sources would send them, and what the pipeline makes of them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from zlib import crc32

import msgspec

from detectors.alerts.alert import Alert
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import seconds_at
from detectors.basis.identifiers import PatternName
from detectors.decoding import EventDecoder
from detectors.events.decision import Decision
from detectors.messages.outcomes import ShadowCount, Spread
from detectors.pipeline import Pipeline
from detectors.settings import Settings, read_settings
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.detectors.cases.people import closings_of
from tests.streams.odd_agents import with_odd_agents
from tests.streams.simulation.disturbance import duplicate, shuffle_within, timed

SETTINGS: Final = read_settings(
    {
        "time": {"allowed_lateness": "1h", "corrections_for": "1d"},
        # Budgets so large that a month of few agents shows every kind of alert.
        "evidence": {
            "false_alarms_per_1000_agent_years": 3_000,
            "early_false_alarms_per_1000_agent_years": 3_000,
            "false_discovery_rate": 0.9,
            "smallest_rate_ratio": 1.05,
            "review_every": "2d",
            "resolve_after": "2d",
            "resolve_below": 0.5,
            "silent_after": "4d",
        },
        "patterns": {
            "quick_cancellation": {"window": "2d"},
            "unused_account": {"window": "3d"},
            "shared_payer": {"enabled": True, "window": "4d"},
        },
        "commission": {"window": "5d"},
    }
)
DAYS: Final = 30
UNTIL: Final = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=DAYS + 1)
HOSTILE: Final = (b"", b"null", b'{"event_id": "e-1"}', b"\xff\xfe", b"[" * 5_000, b"{}" * 40_000)

_TOPIC_OF: Final = {kind: topic for topic, kind in EVENT_TOPICS.items()}


class _Head(msgspec.Struct):
    type: str
    account_id: str


@cache
def event_lines() -> tuple[bytes, ...]:
    """Return events late by up to the allowed lateness, one in twenty of them twice."""
    centre = SimulationSettings(
        agents=8,
        days=DAYS,
        seed=2,
        planted_share=0.5,
        sales_per_day=4,
        start=date(2025, 1, 1),
        also_planted=("shared_payer",),
    )
    everybody = with_odd_agents(timed(simulate(centre)), centre.start, DAYS)
    repeated = duplicate(everybody, share=0.05, seed=1)
    return tuple(shuffle_within(repeated, timedelta(minutes=59), seed=2))


def topic_and_account(line: bytes) -> tuple[Topic, str]:
    head = msgspec.json.decode(line, type=_Head)
    return _TOPIC_OF[head.type], head.account_id


@cache
def partitioned(partitions: int) -> dict[tuple[Topic, int], list[bytes | None]]:
    """Return the records of each partition of each topic, with hostile ones between."""
    logs: dict[tuple[Topic, int], list[bytes | None]] = {
        (topic, number): [] for topic in EVENT_TOPICS for number in range(partitions)
    }
    for line in event_lines():
        topic, account_id = topic_and_account(line)
        logs[topic, crc32(account_id.encode()) % partitions].append(line)
    for log in logs.values():
        for number, record in enumerate((*HOSTILE, None)):
            log.insert(min(len(log), number * 17), record)
    return logs


@cache
def decisions() -> tuple[Decision, ...]:
    """Return how people close the cases of the first two agents told of."""
    return tuple(closings_of(_judged(decided=False)[1]))


@cache
def _judged(*, decided: bool) -> tuple[Pipeline, tuple[Alert, ...]]:
    """Return a pipeline that has judged the events, and what it told."""
    pipeline = Pipeline(SETTINGS)
    for decision in decisions() if decided else ():
        pipeline.decide(decision)
    decoder = EventDecoder(SETTINGS.limits)
    for line in event_lines():
        pipeline.apply(decoder.decode(line))
    pipeline.advance(seconds_at(UNTIL))
    return pipeline, tuple(pipeline.alerts())


def expected_revisions() -> frozenset[bytes]:
    """Return every revision that the pipeline tells of the events."""
    return _revisions(decided=False)


def decided_revisions() -> frozenset[bytes]:
    """Return every revision that it tells of the events if people decide beside it."""
    return _revisions(decided=True)


@cache
def _revisions(*, decided: bool) -> frozenset[bytes]:
    return frozenset(map(msgspec.json.encode, _judged(decided=decided)[1]))


@cache
def expected_actions(*, decided: bool) -> frozenset[bytes]:
    """Return every revision of what becomes of commissions."""
    return frozenset(map(msgspec.json.encode, _judged(decided=decided)[0].commissions))


def expected_null() -> dict[PatternName, ShadowCount]:
    """Return what the shadow null of the pipeline counts."""
    return _judged(decided=False)[0].shadow()


def expected_spread() -> dict[PatternName, Spread]:
    """Return the spread and the tempering of the pipeline at its end."""
    return _judged(decided=False)[0].spread()


@cache
def expected_letters(partitions: int) -> frozenset[tuple[str, ...]]:
    """Return reason, topic, partition, offset and content of all records that are refused."""
    return frozenset(_refused(SETTINGS, partitions))


def _refused(settings: Settings, partitions: int) -> Iterator[tuple[str, ...]]:
    for (topic, number), log in partitioned(partitions).items():
        decoder = EventDecoder(settings.limits, EVENT_TOPICS[topic])
        for offset, record in enumerate(log):
            try:
                decoder.decode(record or b"")
            except InvalidEvent as error:
                yield (error.reason, topic, str(number), str(offset), (record or b"").hex())
