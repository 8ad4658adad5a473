"""People who read alerts as they come, and decide about them, while everything breaks."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event
from typing import Final, Self

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from detectors.alerts.alert import Alert
from detectors.cases.case import case_id_of
from detectors.events.decision import Decision
from streams.wire.decision_record import decision_record
from streams.wire.topics import Topic, topic_name
from tests.chaos.others.intruder import is_foreign

COURSES: Final[Sequence[Sequence[str]]] = (
    (),
    ("note",),
    ("acknowledge",),
    ("acknowledge", "note"),
    ("snooze",),
    ("snooze", "note"),
    ("propose", "reject"),
    ("propose", "approve"),
    ("propose", "approve"),
    ("propose", "approve", "reopen"),
)
"""What they may do about a revision of an alert, one thing after the other."""

SOON: Final = timedelta(seconds=5)
LATE: Final = timedelta(days=10)

_PATIENCE_SECONDS: Final = 90.0
_WAIT_MILLISECONDS: Final = 200


def decisions_about(alert: Alert, seen: dict[str, int], seed: int, now: datetime) -> list[Decision]:
    """Return what is decided about a revision by people who have `seen` these of its case.

    The kinds and ids depend on the alert and the seed. Moments are those of the events, in the
    past. What is acknowledged or snoozed ends in the past too, so that it is silent for nobody, or
    by the clock on the wall: a moment from `now`, or long after the run.
    """
    name = f"{alert.alert_id}-{alert.revision}"
    chance = Random(f"{seed}/{name}")  # noqa: S311 - the same for the same seed
    course = chance.choice(COURSES)
    until = chance.choice((alert.updated_at + timedelta(days=2), now + SOON, now + LATE))
    decided = []
    for number, kind in enumerate(course):
        moment = alert.updated_at + timedelta(minutes=1 + number)
        fields = {
            "kind": kind,
            "decision_id": f"{name}-{kind}",
            "case_id": case_id_of(alert.subject),
            "occurred_at": moment,
            "who": ("ann", "bob", "cleo")[number],
            "role": "approver",
            "seen": seen,
            "until": until,
            "proposal": f"{name}-propose",
            "outcome": "unclear",  # what does not change the evidence: see `verdict.undecided`
            "reason": "A campaign.",
            "words": "I called three customers.",
        }
        one: Decision = msgspec.convert(fields, Decision)
        decided.append(one)
    return decided


class People:
    """At work from the start of the block until `finish`; ``decided`` is what they sent."""

    def __init__(self, bootstrap: str, prefix: str, seed: int) -> None:
        self._bootstrap: Final = bootstrap
        self._prefix: Final = prefix
        self._seed: Final = seed
        self._go_home: Final = Event()
        self._pool: Final = ThreadPoolExecutor(1)
        self._work: Future[None] | None = None
        self._known: Final[dict[str, dict[str, int]]] = {}
        self._read: Final[set[tuple[str, int]]] = set()
        self.decided: Final[set[bytes]] = set()

    def __enter__(self) -> Self:
        self._work = self._pool.submit(asyncio.run, self._decide())
        return self

    def __exit__(self, *_: object) -> None:
        self._go_home.set()
        self._pool.shutdown()

    def finish(self) -> None:
        """Return when they have decided about all alerts that there are."""
        self._go_home.set()
        if self._work is not None:
            self._work.result()

    async def _decide(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            request_timeout_ms=int(1_000 * _PATIENCE_SECONDS),
        )
        async with consumer, producer:
            name = topic_name(self._prefix, Topic.ALERTS)
            numbers = await producer.partitions_for(name)
            places = [TopicPartition(name, number) for number in numbers]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            while not self._go_home.is_set():
                await self._turn(consumer, producer)
            # Everything that was told is there by now.
            ends = await consumer.end_offsets(places)
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while any([await consumer.position(place) < ends[place] for place in places]):
                if time.monotonic() > deadline:
                    raise TimeoutError("people could not read all alerts")
                await self._turn(consumer, producer)

    async def _turn(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
        for records in (await consumer.getmany(timeout_ms=_WAIT_MILLISECONDS)).values():
            waiting = []
            for record in records:
                if is_foreign(record.key):
                    continue
                for decision in self._about(msgspec.json.decode(record.value, type=Alert)):
                    made = decision_record(decision)
                    self.decided.add(made.value)
                    topic = topic_name(self._prefix, Topic.DECISIONS)
                    waiting.append(
                        await producer.send(topic, made.value, made.key, headers=made.headers)
                    )
            await asyncio.gather(*waiting)

    def _about(self, alert: Alert) -> Sequence[Decision]:
        place = (alert.alert_id, alert.revision)
        if place in self._read:
            return ()  # a worker that was killed repeats itself
        self._read.add(place)
        known = self._known.setdefault(case_id_of(alert.subject), {})
        known[alert.alert_id] = max(alert.revision, known.get(alert.alert_id, 0))
        return decisions_about(alert, dict(known), self._seed, datetime.now(UTC))
