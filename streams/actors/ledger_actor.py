"""The ledger of one partition behind its three event topics."""

from collections.abc import Mapping
from typing import Final

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
from detectors.outcomes import OutcomeBundle
from detectors.settings import Settings
from streams.actors.actor import Output, Record, StateWrite
from streams.actors.alert_records import alert_records
from streams.actors.bundles import cut
from streams.actors.positions import Positions
from streams.actors.snapshot_entries import SnapshotEntries
from streams.dead_letters import from_topic, to_headers
from streams.event_routing import LARGEST_RECORD
from streams.metrics import Metrics
from streams.topic_catalogue import EVENT_TOPICS, Topic

KEPT_OF_TOO_LARGE: Final = 65_536
"""Bytes kept of a rejected record that does not fit a message once more, now with headers."""

_LONGEST_KEY: Final = 4_096

_ACCOUNT: Final = b"account/"


class LedgerState(Struct, tag="ledger-1"):
    """State of a ledger partition beside its accounts, and those that changed with it.

    ``granted`` is the event time up to which the stream counts as complete by the silence of its
    topics: the watermark moves there next. ``open_alerts`` counts by pattern. ``changed`` are
    entries of the changelog that are written one by one after this; None is a forgotten account.
    """

    config_hash: str
    watermark: float
    granted: float
    clock: dict[str, SourceClock]
    open_alerts: dict[str, int]
    changed: dict[bytes, bytes | None]


class LedgerActor:
    """Decodes and joins the events of one partition, and tells all agents partitions.

    Time moves in two ways. An event moves the watermark at once, the same on every replay. Silence
    is seen by the clock on the wall, and a replay would see it at another place; so the time that
    it grants is written with the state first, and used after that. What has been told can then
    always be told again.

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
        None, time then goes on as the clock on the wall does. Events after it are left out.
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
        self._entries = SnapshotEntries()
        self._granted = BEGINNING
        self._proposed = BEGINNING
        self._announced = BEGINNING
        self._open_alerts: dict[str, int] = {}
        self._rejected: list[Output] = []
        self._changed: set[str] = set()

    def apply(self, record: Record) -> bool:
        """Decode and join one event; what cannot be applied goes to the dead letters."""
        if not self._positions.take(record):
            self._metrics.redelivered("ledger")
            return False
        self._ledger.advance(self._granted)
        try:
            event = self._decoders[record.topic].decode(record.value or b"")
            if self._until is not None and event.occurred_at.timestamp() > self._until:
                self._metrics.event(record.topic, "after_until")
                return True
            changed = self._ledger.apply(event)
        except InvalidEvent as error:
            self._reject(record, error)
            return True
        self._metrics.event(record.topic, "applied" if changed else "unchanged")
        self._clock.observe(record.topic, event.occurred_at.timestamp(), event.account_id)
        self._ledger.advance(self._clock.watermark())
        return True

    def reached(self, topic: Topic) -> int | None:
        """Give the offset after the last record of a topic."""
        return self._positions.reached(topic)

    def tick(self, idle: Mapping[Topic, float]) -> bool:
        """Let idle topics hold nothing back, and let time go on while all of them are idle."""
        self._ledger.advance(self._granted)
        silent = [topic for topic, seconds in idle.items() if seconds >= self._idle_after]
        self._proposed = max(self._proposed, self._clock.watermark(silent))
        if len(silent) == len(EVENT_TOPICS):
            self._proposed = max(self._proposed, self._time_after(min(idle.values())))
        self._metrics.ledger(self._partition, self._clock.newest(), self._ledger)
        self._metrics.open_account_alerts(self._partition, self._open_alerts)
        return self._proposed > max(self._granted, self._ledger.watermark)

    def outputs(self) -> list[Output]:
        """Give dead letters, alerts about accounts, and bundles for the agents stage."""
        harvest = self._ledger.harvest()
        self._changed |= harvest.changed
        outputs, self._rejected = self._rejected, []
        for alert in harvest.alerts:
            self._metrics.alert(alert)
            change = 1 if alert.status == "open" else -1
            self._open_alerts[alert.pattern] = self._open_alerts.get(alert.pattern, 0) + change
            outputs.extend(alert_records(alert))
        for outcome in harvest.bundle.outcomes:
            self._metrics.outcome(outcome)
        outputs.extend(self._bundles(harvest.bundle))
        return outputs

    def state(self) -> StateWrite:
        """Give the accounts that changed since the last call, and all that is beside accounts."""
        self._granted = self._proposed
        changed: dict[bytes, bytes | None] = {}
        for account_id in sorted(self._changed):
            account = self._ledger.account(account_id)
            changed[_ACCOUNT + account_id.encode()] = (
                None if account is None else msgspec.msgpack.encode(account)
            )
        self._changed.clear()
        state = LedgerState(
            self._config_hash,
            self._ledger.watermark,
            self._granted,
            self._clock.snapshot(),
            self._open_alerts,
            changed,
        )
        write = self._entries.write(msgspec.msgpack.encode(state), self._positions.snapshot())
        return StateWrite(write.prepared, write.head, {**write.settled, **changed})

    def restore(self, entries: Mapping[bytes, bytes]) -> None:
        """Take over the accounts, those that changed last from the state they changed with."""
        found = self._entries.read(entries)
        if found is None:
            return
        snapshot, positions = found
        try:
            state = msgspec.msgpack.decode(snapshot, type=LedgerState)
            accounts = {
                key.removeprefix(_ACCOUNT).decode(): msgspec.msgpack.decode(value, type=Account)
                for key, value in {**entries, **state.changed}.items()
                if key.startswith(_ACCOUNT) and value is not None
            }
        except msgspec.MsgspecError as error:
            raise IncompatibleSnapshot(f"not the state of a ledger: {error}") from None
        if state.config_hash != self._config_hash:
            raise IncompatibleSnapshot(
                f"ledger partition {self._partition} was kept under settings {state.config_hash}, "
                f"these are {self._config_hash}: use another topic prefix, or the old settings"
            )
        self._ledger.restore(accounts, state.watermark)
        self._clock.restore(state.clock)
        self._positions.restore(positions)
        self._granted = self._proposed = state.granted
        self._announced = state.watermark
        self._open_alerts = state.open_alerts
        self._changed = {key.removeprefix(_ACCOUNT).decode() for key in state.changed}

    def _time_after(self, seconds: float) -> float:
        """Give the time up to which the stream is complete after so much silence of all topics."""
        if self._until is not None:
            return self._until
        return self._clock.newest() + seconds - self._lateness

    def _reject(self, record: Record, error: InvalidEvent) -> None:
        self._metrics.event(record.topic, "rejected")
        self._metrics.dead_letter(error.reason)
        kept = record.value or b""
        if len(kept) > LARGEST_RECORD:
            kept = kept[:KEPT_OF_TOO_LARGE]
        letter = from_topic(error, record.topic, record.partition, record.offset, kept)
        key = record.key if len(record.key or b"") <= _LONGEST_KEY else None
        headers = tuple(to_headers(letter))
        self._rejected.append(Output(Topic.DEAD_LETTERS, letter.record, key, headers=headers))

    def _bundles(self, bundle: OutcomeBundle) -> list[Output]:
        """Cut a bundle by agents partition and by size; all hear of a new day, some of the rest."""
        new_day = bundle.watermark > BEGINNING and (
            self._announced == BEGINNING or day_of(bundle.watermark) > day_of(self._announced)
        )
        key = str(self._partition).encode()
        outputs: list[Output] = []
        for place, parts in enumerate(cut(bundle, self._agents_partitions, self._announced)):
            if not parts and new_day:
                parts.append(OutcomeBundle(self._partition, bundle.watermark))
            if parts:
                parts[-1] = msgspec.structs.replace(parts[-1], watermark=bundle.watermark)
            outputs.extend(
                Output(Topic.OUTCOMES, msgspec.msgpack.encode(part), key, place) for part in parts
            )
        if new_day:
            self._announced = bundle.watermark
        return outputs
