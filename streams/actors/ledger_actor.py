"""The ledger of one partition behind its three event topics."""

from collections.abc import Mapping, Sequence
from typing import Final
from zlib import crc32

import msgspec
from msgspec import Struct

from detectors.account import Account
from detectors.decoding import EventDecoder
from detectors.durations import seconds_of
from detectors.errors import IncompatibleSnapshot, InvalidEvent
from detectors.event_time import BEGINNING, day_of
from detectors.identity import settings_id
from detectors.ledger.clock import EventClock, SourceClock
from detectors.ledger.stage import Ledger
from detectors.outcomes import AgentId, Outcome, OutcomeBundle
from detectors.settings import Settings
from streams.actors.actor import Output, Record, StateWrite
from streams.actors.alert_records import alert_records
from streams.actors.positions import Positions
from streams.dead_letters import from_topic, to_headers
from streams.metrics import Metrics
from streams.topic_catalogue import EVENT_TOPICS, Topic

LARGEST_BUNDLE: Final = 2_000
"""Outcomes in one message: a thousand bytes each would still fit a broker's default limit."""

_HEAD: Final = b"head"
_ACCOUNT: Final = b"account/"


class LedgerHead(Struct, tag="ledger-1"):
    """State of a ledger partition beside its accounts."""

    config_hash: str
    watermark: float
    clock: dict[str, SourceClock]
    positions: dict[str, int]


class LedgerActor:
    """Decodes and joins the events of one partition, and tells all agents partitions.

    Parameters
    ----------
    settings
        What decides the alerts.
    partition, agents_partitions
        Which partition this is, and how many partitions the next stage has.
    idle_after
        Seconds after which a topic with nothing left to read no longer holds the watermark back.
    until
        Event time (seconds) up to which the stream counts as complete once every topic is idle; if
        None, time then goes on as the clock on the wall does.
    """

    def __init__(
        self,
        settings: Settings,
        partition: int,
        agents_partitions: int,
        *,
        idle_after: float,
        until: float | None,
        metrics: Metrics,
    ) -> None:
        self._config_hash: Final = settings_id(settings)
        self._partition: Final = partition
        self._agents_partitions: Final = agents_partitions
        self._idle_after: Final = idle_after
        self._until: Final = until
        self._lateness: Final = seconds_of(settings.time.allowed_lateness)
        self._metrics: Final = metrics
        self._decoders: Final = {
            topic: EventDecoder(settings.limits, kind) for topic, kind in EVENT_TOPICS.items()
        }
        self._clock = EventClock(settings.time, list(EVENT_TOPICS))
        self._ledger = Ledger(settings, partition)
        self._positions = Positions()
        self._idle: frozenset[str] = frozenset()
        self._announced = BEGINNING
        self._rejected: list[Output] = []
        self._changed: set[str] = set()

    def apply(self, record: Record) -> bool:
        """Decode and join one event; what cannot be applied goes to the dead letters."""
        if not self._positions.take(record):
            self._metrics.redelivered("ledger")
            return False
        try:
            event = self._decoders[record.topic].decode(record.value or b"")
            changed = self._ledger.apply(event)
        except InvalidEvent as error:
            self._reject(record, error)
            return True
        self._metrics.event(record.topic, "applied" if changed else "unchanged")
        self._clock.observe(record.topic, event.occurred_at.timestamp(), event.account_id)
        self._ledger.advance(self._clock.watermark(self._idle - {record.topic}))
        return True

    def tick(self, idle: Mapping[Topic, float]) -> None:
        """Let idle topics hold nothing back, and let time go on while all of them are idle."""
        self._idle = frozenset(t for t, seconds in idle.items() if seconds >= self._idle_after)
        watermark = self._clock.watermark(self._idle)
        if len(self._idle) == len(EVENT_TOPICS) and self._clock.newest() > BEGINNING:
            if self._until is None:
                watermark = self._clock.newest() + min(idle.values()) - self._lateness
            else:
                watermark = max(watermark, self._until)
        self._ledger.advance(watermark)
        self._metrics.ledger(self._partition, self._clock.newest(), self._ledger)

    def outputs(self) -> list[Output]:
        """Give dead letters, alerts about accounts, and bundles for the agents stage."""
        harvest = self._ledger.harvest()
        self._changed |= harvest.changed
        outputs, self._rejected = self._rejected, []
        for alert in harvest.alerts:
            self._metrics.alert(alert)
            outputs.extend(alert_records(alert))
        for outcome in harvest.bundle.outcomes:
            self._metrics.outcome(outcome)
        outputs.extend(self._bundles(harvest.bundle))
        return outputs

    def state(self) -> StateWrite:
        """Give the accounts that changed since the last call, and the head."""
        updates: dict[bytes, bytes] = {}
        removals: list[bytes] = []
        changed, self._changed = self._changed, set()
        for account_id in changed:
            key = _ACCOUNT + account_id.encode()
            account = self._ledger.account(account_id)
            if account is None:
                removals.append(key)
            else:
                updates[key] = msgspec.msgpack.encode(account)
        head = LedgerHead(
            self._config_hash,
            self._ledger.watermark,
            self._clock.snapshot(),
            self._positions.snapshot(),
        )
        return StateWrite(updates, (_HEAD, msgspec.msgpack.encode(head)), tuple(removals))

    def restore(self, entries: Mapping[bytes, bytes]) -> None:
        """Take over accounts and head; accounts newer than the head are as good."""
        if not entries:
            return
        try:
            accounts = {
                key.removeprefix(_ACCOUNT).decode(): msgspec.msgpack.decode(value, type=Account)
                for key, value in entries.items()
                if key.startswith(_ACCOUNT)
            }
            head = (
                msgspec.msgpack.decode(entries[_HEAD], type=LedgerHead)
                if _HEAD in entries
                else LedgerHead(self._config_hash, BEGINNING, {}, {})
            )
        except msgspec.MsgspecError as error:
            raise IncompatibleSnapshot(f"not the state of a ledger: {error}") from None
        if head.config_hash != self._config_hash:
            raise IncompatibleSnapshot(
                f"ledger partition {self._partition} was kept under settings {head.config_hash}, "
                f"these are {self._config_hash}: use another topic prefix, or the old settings"
            )
        self._ledger.restore(accounts, head.watermark)
        self._clock.restore(head.clock)
        self._positions.restore(head.positions)

    def _reject(self, record: Record, error: InvalidEvent) -> None:
        self._metrics.event(record.topic, "rejected")
        self._metrics.dead_letter(error.reason)
        letter = from_topic(
            error, record.topic, record.partition, record.offset, record.value or b""
        )
        self._rejected.append(
            Output(
                Topic.DEAD_LETTERS, letter.record, record.key, headers=tuple(to_headers(letter))
            )
        )

    def _bundles(self, bundle: OutcomeBundle) -> list[Output]:
        """Cut a bundle by agents partition and by size; all hear of a new day, some of the rest."""
        outcomes: list[list[Outcome]] = [[] for _ in range(self._agents_partitions)]
        sales: list[dict[AgentId, dict[int, int]]] = [{} for _ in range(self._agents_partitions)]
        for outcome in bundle.outcomes:
            outcomes[self._place(outcome.agent_id)].append(outcome)
        for agent_id, days in bundle.sales.items():
            sales[self._place(agent_id)][agent_id] = days
        new_day = bundle.watermark > BEGINNING and (
            self._announced == BEGINNING or day_of(bundle.watermark) > day_of(self._announced)
        )
        outputs: list[Output] = []
        for place in range(self._agents_partitions):
            if not (new_day or outcomes[place] or sales[place]):
                continue
            parts = _parts(outcomes[place])
            for number, part in enumerate(parts, start=1):
                last = number == len(parts)
                message = OutcomeBundle(
                    self._partition,
                    bundle.watermark if last else self._announced,
                    list(part),
                    sales[place] if last else {},
                )
                outputs.append(
                    Output(
                        Topic.OUTCOMES,
                        msgspec.msgpack.encode(message),
                        str(self._partition).encode(),
                        place,
                    )
                )
        if new_day:
            self._announced = bundle.watermark
        return outputs

    def _place(self, agent_id: AgentId | None) -> int:
        return crc32((agent_id or "").encode()) % self._agents_partitions


def _parts(outcomes: Sequence[Outcome]) -> list[Sequence[Outcome]]:
    """Cut into parts of at most `LARGEST_BUNDLE`, at least one."""
    starts = range(0, max(1, len(outcomes)), LARGEST_BUNDLE)
    return [outcomes[start : start + LARGEST_BUNDLE] for start in starts]
