"""The events of a small centre in disorder, hostile records beside them, and what must come out."""

import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from detectors.alerts.verification_request import VerificationRequest
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import seconds_at
from detectors.commission.action import CommissionAction
from detectors.decoding import EventDecoder
from detectors.events.decision import Decision
from detectors.patterns import Patterns
from detectors.pipeline import Pipeline
from detectors.settings import Settings, read_settings
from streams.simulation.centre import simulate
from streams.simulation.planted import FORMS
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

_JUDGING: Final = """\
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
[cases]
longest_acknowledgement = "3650d"
longest_snooze = "3650d"
[verification]
rate = 0.1
most = 0.4
key = "of a busy month, and no secret"
[commission]
window = "6d"
[commendations]
at_most_per_1000_agent_years = 500
least_matured = 10
"""

_PATTERNS: Final = """\
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
"""

_LONGEST_WINDOW: Final = "12d"
"""Of a pattern that waits for a month: else half the sales would never be judged."""


def _every_pattern() -> str:
    """Return settings under which all patterns are on, and wait for days."""
    told = []
    for name in Patterns.__struct_fields__:
        told.append(f"[patterns.{name}]\nenabled = true\n")
        if getattr(getattr(Patterns(), name), "window", "") == "30d":
            told.append(f'window = "{_LONGEST_WINDOW}"\n')
        if name == "no_consent":
            told.append('channels = ["phone"]\n')
    return "".join(told)


class Month(NamedTuple):
    """A month of a small centre, and the settings under which it is judged."""

    agents: int
    planted_share: float
    also_planted: tuple[str, ...]
    settings: str

    def write_settings(self, folder: Path) -> Path:
        path = folder / "settings.toml"
        path.write_text(self.settings, encoding="utf-8")
        return path


BUSY: Final = Month(
    AGENTS, 0.15, ("pushed_sale", "clawback_cliff", "shared_payer"), _JUDGING + _PATTERNS
)

CATALOGUE: Final = Month(
    49,
    0.03,
    tuple(sorted(FORMS)),
    _JUDGING.replace("alarms_per_1000_agent_years = 500", "alarms_per_1000_agent_years = 1500")
    + _every_pattern(),
)
"""Everything on, and of each pattern one agent planted. Of more agents it would be two.

So many patterns share a budget that it is larger.
"""


def settings(month: Month = BUSY) -> Settings:
    return read_settings(tomllib.loads(month.settings))


def write_settings(folder: Path) -> Path:
    return BUSY.write_settings(folder)


TOGETHER: Final = re.compile(rb'"agent_id":"agent-00(?:03|08|11|17|33|34|37|38)"')
"""Agents who share a team, and many of whom misbehave: so the team is told of as well."""


@cache
def event_lines(month: Month = BUSY) -> tuple[bytes, ...]:
    """Return 260 events an agent, late by up to the allowed hour, one in twenty of them twice."""
    centre = SimulationSettings(
        agents=month.agents,
        days=DAYS,
        seed=11,
        planted_share=month.planted_share,
        sales_per_day=3,
        also_planted=month.also_planted,
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


class Told(NamedTuple):
    """What the pipeline tells of the month: alerts, and what is told beside them."""

    alerts: tuple[Alert, ...]
    requests: tuple[VerificationRequest, ...]
    actions: tuple[CommissionAction, ...]
    commendations: tuple[Commendation, ...]


@cache
def _told(month: Month, *, decided: bool) -> Told:
    decode = EventDecoder(settings(month).limits).decode
    pipeline = Pipeline(settings(month))
    for decision in decisions(month) if decided else ():
        pipeline.decide(decision)
    for line in event_lines(month):
        pipeline.apply(decode(line))
    pipeline.advance(seconds_at(UNTIL))
    alerts = tuple(pipeline.alerts())
    beside = tuple(pipeline.requests), tuple(pipeline.commissions), tuple(pipeline.commendations)
    return Told(alerts, *beside)


@cache
def decisions(month: Month = BUSY) -> tuple[Decision, ...]:
    """Return how people close the cases of the first two agents told of."""
    return tuple(closings_of(_told(month, decided=False).alerts))


@cache
def expected_revisions(month: Month = BUSY, *, decided: bool = False) -> frozenset[bytes]:
    """Return every revision that the pipeline tells, also of events beside `decisions`."""
    return frozenset(map(msgspec.json.encode, _told(month, decided=decided).alerts))


def expected_requests(month: Month = BUSY, *, decided: bool = False) -> tuple[bytes, ...]:
    """Return every request to verify a sale that the pipeline makes, in its order."""
    return tuple(map(msgspec.json.encode, _told(month, decided=decided).requests))


def expected_commendations(month: Month = BUSY, *, decided: bool = False) -> frozenset[bytes]:
    """Return every revision of every commendation that the pipeline tells."""
    return frozenset(map(msgspec.json.encode, _told(month, decided=decided).commendations))


def expected_actions(month: Month = BUSY, *, decided: bool = False) -> Sequence[CommissionAction]:
    """Return every revision of what becomes of commissions, also beside `decisions`."""
    return _told(month, decided=decided).actions


def send_decisions(installation: Installation, month: Month = BUSY) -> None:
    installation.send(Topic.DECISIONS, map(msgspec.json.encode, decisions(month)))


def send_everything(
    installation: Installation, speed: float | None = None, month: Month = BUSY
) -> None:
    """Send the events, and the hostile records in their midst; `speed` as `replay` takes it."""
    lines = event_lines(month)
    half = len(lines) // 2
    installation.send_events(lines[:half], speed=speed)
    installation.send(Topic.SALES, hostile_records())
    installation.send_events(lines[half:], speed=speed)


def assert_alerts_are_those_of_the_pipeline(
    installation: Installation, *, decided: bool = False, month: Month = BUSY
) -> None:
    told = {record.value for record in installation.records(Topic.ALERTS)}
    expected = expected_revisions(month, decided=decided)
    missing, strange = len(expected - told), len(told - expected)
    assert (missing, strange) == (0, 0), f"{missing} missing, {strange} strange"
    asked = {record.value for record in installation.records(Topic.VERIFICATION_REQUESTS)}
    assert asked == set(expected_requests(month, decided=decided)) != set()
    commended = {record.value for record in installation.records(Topic.COMMENDATIONS)}
    assert commended == expected_commendations(month, decided=decided)
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
    actions = {one.commission_id: one for one in expected_actions(month, decided=decided)}
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
