"""The events of a small centre in disorder, hostile records beside them, and what must come out."""

import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from detectors.alerts.alert import Alert
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import seconds_at
from detectors.commission.action import CommissionAction
from detectors.decoding import EventDecoder
from detectors.events.decision import Decision
from detectors.pipeline import Pipeline
from detectors.settings import Settings, read_settings
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings
from streams.wire.topics import Topic
from tests.detectors.cases.people import closings_of
from tests.integration.installation import Installation
from tests.streams.hostile_corpus import CORPUS
from tests.streams.odd_agents import with_odd_agents
from tests.streams.simulation.disturbance import duplicate, shuffle_within, timed

AGENTS: Final = 40
"""So few that a worker has read everything soon, and so many that there are alerts of all kinds."""

DAYS: Final = 50
UNTIL: Final = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=DAYS + 1)
PAID: Final = Topic.COMMISSION_ACTIONS
LARGEST_SENT: Final = 1_000_000
SENDING_SPEED: Final = DAYS * 86_400 / 8
"""Seconds of event time a second with which sending everything takes 8 seconds."""

SETTINGS: Final = """\
[evidence]
false_alarms_per_1000_agent_years = 500
early_false_alarms_per_1000_agent_years = 500
false_discovery_rate = 0.5
smallest_rate_ratio = 1.1
review_every = "3d"
resolve_after = "5d"
resolve_below = 0.5
silent_after = "10d"
[groups]
false_alarms_per_1000_group_years = 500
fewest_others = 1
[patterns.quick_cancellation]
window = "5d"
[patterns.unused_account]
window = "12d"
[patterns.pushed_sale]
enabled = true
[patterns.clawback_cliff]
enabled = true
[patterns.shared_payer]
enabled = true
window = "10d"
[commission]
window = "6d"
[cases]
longest_acknowledgement = "3650d"
longest_snooze = "3650d"
"""


def settings() -> Settings:
    return read_settings(tomllib.loads(SETTINGS))


def write_settings(folder: Path) -> Path:
    path = folder / "settings.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


TOGETHER: Final = re.compile(rb'"agent_id":"agent-00(?:03|08|11|17|33|34|37|38)"')
"""Agents who share a team, and many of whom misbehave: so the team is told of as well."""


@cache
def event_lines(agents: int = AGENTS) -> tuple[bytes, ...]:
    """Return 260 events an agent, late by up to the allowed hour, one in twenty of them twice."""
    centre = SimulationSettings(
        agents=agents,
        days=DAYS,
        seed=11,
        planted_share=0.15,
        sales_per_day=3,
        also_planted=("pushed_sale", "clawback_cliff", "shared_payer"),
    )
    everybody = with_odd_agents(timed(map(_in_teams, simulate(centre))), centre.start, DAYS)
    repeated = duplicate(everybody, share=0.05, seed=1)
    return tuple(shuffle_within(repeated, timedelta(minutes=59), seed=2))


def _in_teams(line: bytes) -> bytes:
    return re.sub(rb'"team":"[^"]*"', b'"team":"together"', line) if TOGETHER.search(line) else line


@cache
def hostile_records() -> tuple[bytes | None, ...]:
    """Return records that no topic of sales should hold and that a broker takes."""
    decode = EventDecoder(settings().limits, "sale").decode
    refused: list[bytes | None] = [None, b"x" * LARGEST_SENT]
    for hostile in CORPUS:
        try:
            decode(hostile.record)
        except InvalidEvent:
            if len(hostile.record) <= LARGEST_SENT:
                refused.append(hostile.record)
    return tuple(refused)


@cache
def _told(
    agents: int = AGENTS, *, decided: bool
) -> tuple[tuple[Alert, ...], tuple[CommissionAction, ...]]:
    decode = EventDecoder(settings().limits).decode
    pipeline = Pipeline(settings())
    for decision in decisions() if decided else ():
        pipeline.decide(decision)
    for line in event_lines(agents):
        pipeline.apply(decode(line))
    pipeline.advance(seconds_at(UNTIL))
    alerts = tuple(pipeline.alerts())
    return alerts, tuple(pipeline.commissions)


@cache
def decisions() -> tuple[Decision, ...]:
    """Return how people close the cases of the first two agents told of."""
    return tuple(closings_of(_told(decided=False)[0]))


@cache
def expected_revisions(agents: int = AGENTS, *, decided: bool = False) -> frozenset[bytes]:
    """Return every revision that the pipeline tells, also of events beside `decisions`."""
    return frozenset(map(msgspec.json.encode, _told(agents, decided=decided)[0]))


def expected_actions(agents: int = AGENTS, *, decided: bool = False) -> Sequence[CommissionAction]:
    """Return every revision of what becomes of commissions, also beside `decisions`."""
    return _told(agents, decided=decided)[1]


def send_decisions(installation: Installation) -> None:
    installation.send(Topic.DECISIONS, map(msgspec.json.encode, decisions()))


def send_everything(installation: Installation, speed: float | None = None) -> None:
    """Send the events, and the hostile records in their midst; `speed` as `replay` takes it."""
    half = len(event_lines()) // 2
    installation.send_events(event_lines()[:half], speed=speed)
    installation.send(Topic.SALES, hostile_records())
    installation.send_events(event_lines()[half:], speed=speed)


def assert_alerts_are_those_of_the_pipeline(
    installation: Installation, *, decided: bool = False
) -> None:
    told = {record.value for record in installation.records(Topic.ALERTS)}
    expected = expected_revisions(decided=decided)
    missing, strange = len(expected - told), len(told - expected)
    assert (missing, strange) == (0, 0), f"{missing} missing, {strange} strange"
    latest: dict[str, Alert] = {}
    for value in expected:
        alert = msgspec.json.decode(value, type=Alert)
        known = latest.get(alert.alert_id, alert)
        latest[alert.alert_id] = max(known, alert, key=lambda a: a.revision)
    current = {
        record.key.decode(): msgspec.json.decode(record.value, type=Alert)
        for record in installation.records(Topic.ALERTS_CURRENT)
    }
    assert current == latest
    paid = {record.key.decode(): record.value for record in installation.records(PAID)}
    actions = {one.commission_id: one for one in expected_actions(decided=decided)}
    wanted = {key: msgspec.json.encode(one) for key, one in actions.items()}
    wrong = [(paid.get(key), wanted.get(key)) for key in sorted({*paid, *wanted})]
    wrong = [(told, expected) for told, expected in wrong if told != expected]
    assert not wrong, f"{len(wrong)} commissions of {len(wanted)}, such as {wrong[0]}"


def assert_every_refused_record_is_a_dead_letter(installation: Installation) -> None:
    """At least once, with its reason, its place, and every byte."""
    sent = {
        (str(record.partition), str(record.offset)): record.value
        for record in installation.records(Topic.SALES)
        if record.key.startswith(b"key-")
    }
    assert sorted(map(bytes, filter(None, sent.values()))) == sorted(
        filter(None, hostile_records())
    )
    letters = installation.records(Topic.DEAD_LETTERS)
    kept = {}
    for letter in letters:
        headers = {name: value.decode() for name, value in letter.headers}
        assert headers["source"] == Topic.SALES
        assert headers["reason"] in InvalidEvent.REASONS
        assert headers["detail"]
        kept[headers["partition"], headers["offset"]] = letter.value
    assert kept == {place: value or b"" for place, value in sent.items()}
