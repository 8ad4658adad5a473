"""What a run of chaos sends: a simulated centre in disorder, with hostile records in its midst.

No event comes later than is allowed: whether one that does is refused depends on how far the other
topics of its partition have been read, and nobody promises anything about it. A whole source may:
each stops for hours and catches up, and the others go on. Its silence holds time back.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from detectors.basis.errors import InvalidEvent
from detectors.decoding import EventDecoder
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings
from streams.wire.routing import EventRouter
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.integration.busy_month import LARGEST_SENT, settings
from tests.streams.hostile_corpus import CORPUS
from tests.streams.odd_agents import with_odd_agents
from tests.streams.simulation.disturbance import duplicate, shuffle_within, timed

DAYS: Final = 50
BEGINS: Final = datetime(2025, 1, 1, tzinfo=UTC)
UNTIL: Final = BEGINS + timedelta(days=DAYS + 1)
REPEATED_SHARE: Final = 0.05
STOPS_FOR: Final = timedelta(hours=12)
"""How long a source stops, in the time of its events."""

STAMPED_AHEAD: Final = 100
"""Records of each topic that nobody can have known yet, of as many accounts: enough of them to move
every partition, if they were believed."""

AHEAD: Final = datetime(2099, 1, 1, tzinfo=UTC)
EVENTS_AN_AGENT: Final = 4.4 * DAYS
"""Roughly, at three sales a day, repeats included."""


class Sent(NamedTuple):
    """A record as the sources send it."""

    topic: Topic
    key: bytes
    value: bytes


class World(NamedTuple):
    """All records in the order of their time; ``hostile`` of them are none that can be applied.

    ``ahead`` are more of them, which only the broker's stamp refutes: a file has none. ``sent`` are
    all together, in the order of sending.
    """

    records: Sequence[Sent]
    hostile: int
    ahead: Sequence[Sent]
    sent: Sequence[Sent]

    def write(self, path: Path) -> Path:
        """Write the same records, in the same order, as a file for `aboveboard detect`."""
        with path.open("wb") as file:
            file.writelines(record.value + b"\n" for record in self.records)
        return path


def make_world(events: int, seed: int) -> World:
    """Return at least `events` records, equal for an equal seed."""
    router = EventRouter()
    records = []
    for line in _lines(events, seed):
        route = router.route(line)
        records.append(Sent(route.topic, route.key, line))
    hostile = list(_hostile())
    chance = random.Random(seed)  # noqa: S311 - the same events for the same seed
    places = sorted(chance.randrange(len(records)) for _ in hostile)
    chance.shuffle(hostile)
    for shift, (place, record) in enumerate(zip(places, hostile, strict=True)):
        records.insert(place + shift, record)
    ahead = list(_ahead())
    sent = _with_stops(records, chance)
    for shift, place in enumerate(sorted(chance.randrange(len(records)) for _ in ahead)):
        sent.insert(place + shift, ahead[shift])
    return World(records, len(hostile), ahead, sent)


def _with_stops(records: Sequence[Sent], chance: random.Random) -> list[Sent]:
    """Let each source stop once: what it has to tell meanwhile comes after all the others tell."""
    sent = list(records)
    length = round(len(sent) * STOPS_FOR / timedelta(days=DAYS))
    topics = list(EVENT_TOPICS)
    chance.shuffle(topics)
    for number, topic in enumerate(topics):
        third = len(sent) // len(topics)
        start = third * number + chance.randrange(third - length)
        stretch = sent[start : start + length]
        # Stable: every source keeps its own order.
        sent[start : start + length] = sorted(stretch, key=lambda record: record.topic is topic)
    return sent


def _ahead() -> Iterator[Sent]:
    """Return events that are right but for their time."""
    for number in range(STAMPED_AHEAD):
        for topic, kind in EVENT_TOPICS.items():
            account = f"ahead-{number}"
            event = {
                "type": kind,
                "event_id": f"{topic}-{account}",
                "account_id": account,
                "occurred_at": AHEAD,
                "sale_id": account,
                "customer_id": None,
                "agent_id": None,
                "product": "ahead",
                "amount": None,
                "reason": "other",
                "initiated_by": "customer",
                "kind": "login",
            }
            yield Sent(topic, account.encode(), msgspec.json.encode(event))


def _lines(events: int, seed: int) -> Iterator[bytes]:
    centre = SimulationSettings(
        agents=max(20, round(events / EVENTS_AN_AGENT) + 1),
        days=DAYS,
        seed=seed,
        planted_share=0.1,
        sales_per_day=3,
    )
    everybody = with_odd_agents(timed(simulate(centre)), centre.start, DAYS)
    repeated = duplicate(everybody, share=REPEATED_SHARE, seed=seed)
    return shuffle_within(repeated, timedelta(minutes=59), seed=seed)


def _hostile() -> Iterator[Sent]:
    """Return what every decoder refuses, for the same reason in a topic as in a file."""
    in_a_file = EventDecoder(settings().limits)
    for topic, kind in EVENT_TOPICS.items():
        in_the_topic = EventDecoder(settings().limits, kind)
        records = [hostile.record for hostile in CORPUS] + [b"x" * LARGEST_SENT]
        for number, record in enumerate(records):
            if len(record) > LARGEST_SENT or b"\n" in record:
                continue
            reason = _refusal(in_a_file, record)
            if reason is not None and reason == _refusal(in_the_topic, record):
                yield Sent(topic, f"hostile-{number}".encode(), record)


def _refusal(decoder: EventDecoder, record: bytes) -> str | None:
    try:
        decoder.decode(record)
    except InvalidEvent as error:
        return error.reason
    return None
