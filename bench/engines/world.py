"""The events of the comparison, where each goes, and the alerts that must come of them."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import Struct

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.ledger.agreement import MOST_ASKED
from detectors.settings import Settings
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.settings import SimulationSettings
from streams.wire.partitioner import partition_of
from streams.wire.routing import EventRouter
from streams.wire.topics import Topic

PARTITIONS: Final = 4
AFTERWARDS: Final = timedelta(days=3)
"""How long after its last event a world ends: with the days since the last one of a partition's
quietest topic, less than a jump of time that needs confirmation."""

_COMMAND: Final = Path(sys.executable).with_name("aboveboard")


class EventRecord(NamedTuple):
    """A record to be produced; `at` is its event time in seconds."""

    topic: Topic
    partition: int
    key: bytes
    value: bytes
    at: float


class World(Struct, frozen=True):
    """Events in the order of their time, closed by records that move time on to `until`."""

    records: Sequence[EventRecord]
    alerts: frozenset[bytes]


def make_world(events: int, folder: Path, *, agents: int = 200) -> World:
    """Simulate so many events, and let `aboveboard detect` find the alerts in them."""
    lines = _simulated(events, agents)
    records = routed(lines)
    until = _end(records)
    return World((*records, *closing(until)), _detected(lines, until, folder))


def outcomes_world(events: int, *, agents: int = 200) -> World:
    """Simulate so many events, for those who look at outcomes only: no alerts are found in them."""
    records = routed(_simulated(events, agents))
    return World((*records, *closing(_end(records))), frozenset())


def _simulated(events: int, agents: int) -> list[bytes]:
    simulation = SimulationSettings(agents=agents, days=events // (4 * agents) + 10, seed=1)
    return list(islice(simulate(simulation, EventCounts()), events))


def _end(records: Sequence[EventRecord]) -> datetime:
    return datetime.fromtimestamp(records[-1].at, UTC) + AFTERWARDS


def routed(lines: Iterable[bytes]) -> list[EventRecord]:
    """Return the record of each line."""
    route, decode = EventRouter().route, EventDecoder(Settings().limits).decode
    records: list[EventRecord] = []
    for line in lines:
        topic, key = route(line)[:2]
        at = seconds_at(decode(line).occurred_at)
        records.append(EventRecord(topic, place_of(key), key, line, at))
    return records


def place_of(key: bytes) -> int:
    """Return the partition of an account."""
    return partition_of(key.decode(), PARTITIONS)


def closing(until: datetime) -> list[EventRecord]:
    """Return records of every topic and partition with which the watermark reaches `until`.

    Nothing is to be found in them: sales by no agent, cancellations of no sale, contacts. They are
    of as many accounts as may be asked whether time has come so far.
    """
    moment = until + timedelta(seconds=seconds_of(Settings().time.allowed_lateness))
    bodies = {
        Topic.SALES: '"type":"sale","sale_id":"closing","customer_id":"closing","agent_id":null,'
        '"product":"closing","amount":1.0',
        Topic.CANCELLATIONS: '"type":"cancellation","sale_id":"none","reason":"returned",'
        '"initiated_by":"system"',
        Topic.ACCOUNT_ACTIVITY: '"type":"account_activity","kind":"contact_change",'
        '"initiated_by":"system"',
    }
    records: list[EventRecord] = []
    for topic, body in bodies.items():
        for partition, number in product(range(PARTITIONS), range(MOST_ASKED)):
            name = f"closing-{partition}-{number}"
            line = (
                f'{{"event_id":"{topic}-{name}","account_id":"{name}",'
                f'"occurred_at":"{moment.isoformat()}",{body}}}'
            ).encode()
            records.append(EventRecord(topic, partition, name.encode(), line, moment.timestamp()))
    return records


def open_accounts(number: int, first: int = 0) -> list[EventRecord]:
    """Return sales of so many accounts within an hour: nothing of them matures."""
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    records: list[EventRecord] = []
    for place in range(first, first + number):
        moment = begin + timedelta(milliseconds=place)
        key = f"account-{place:07d}".encode()
        line = (
            f'{{"type":"sale","event_id":"e-{place}","account_id":"{key.decode()}",'
            f'"occurred_at":"{moment.isoformat()}","sale_id":"s-{place}",'
            f'"customer_id":"c-{place}","agent_id":"agent-{place % 200:04d}",'
            '"product":"broadband","amount":10.0,"channel":"phone"}'
        ).encode()
        records.append(EventRecord(Topic.SALES, place_of(key), key, line, moment.timestamp()))
    return records


def one_for_each_partition(first: int) -> list[EventRecord]:
    """Return one sale of a new account for every partition, numbered from `first` on."""
    found: dict[int, EventRecord] = {}
    number = first
    while len(found) < PARTITIONS:
        (record,) = open_accounts(1, number)
        found.setdefault(record.partition, record)
        number += 1
    return list(found.values())


def _detected(lines: Sequence[bytes], until: datetime, folder: Path) -> frozenset[bytes]:
    events, alerts = folder / "events.jsonl", folder / "alerts.jsonl"
    events.write_bytes(b"\n".join(lines) + b"\n")
    words = ("detect", str(events), "--until", until.isoformat(), "--out", str(alerts))
    subprocess.run([_COMMAND, *words], check=True, capture_output=True)
    return frozenset(alerts.read_bytes().splitlines())
