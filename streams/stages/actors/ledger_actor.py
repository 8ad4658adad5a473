"""The ledger of one partition behind its three event topics."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
from msgspec import Struct, field

from detectors.basis.durations import seconds_of
from detectors.basis.errors import IncompatibleSnapshot, InvalidEvent
from detectors.basis.event_time import BEGINNING, Seconds, seconds_at
from detectors.basis.identifiers import AccountId, PatternName
from detectors.basis.saved_state import read_state
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent
from detectors.ledger.clock import EventClock, SourceClock
from detectors.ledger.distrust import Stretch
from detectors.ledger.matches import MatchCounts
from detectors.ledger.stage import Ledger
from detectors.settings import Settings
from streams.metrics import Metrics
from streams.stages.actors.account_segments import AccountSegments, accounts_in
from streams.stages.actors.actor import Capture, Output
from streams.stages.actors.alert_records import alert_records
from streams.stages.actors.bundles import bundle_outputs, empty_outputs
from streams.stages.actors.decoded import decoded
from streams.stages.actors.placement import Placed, Placement
from streams.stages.set_aside import letter_output
from streams.wire.dead_letter import from_topic
from streams.wire.record import KafkaRecord
from streams.wire.topics import EVENT_TOPICS, Topic

EMPTY_EVERY: Final = 6.0
"""A partition without events announces that again after so many times `idle_after`."""

_AT_ONCE: Final = 250
"""Records that are decoded before they are joined."""

_BY_THE_BROKER: Final = 1
"""The type of a record's timestamp that says when the record arrived."""


class LedgerState(Struct, tag="ledger-4"):
    """State of a ledger partition beside its accounts.

    ``granted`` is the event time up to which the stream counts as complete by the silence of its
    topics: the watermark moves there next. ``arrived`` is when the newest record arrived, in
    seconds since the epoch. ``open_alerts`` counts by pattern. ``placed`` counts records that are
    not in the partition of their account, ``distrusted`` is when their topics were not believed.
    ``matches`` counts what met what it belongs to, of all that is forgotten.
    """

    config_hash: str
    watermark: Seconds
    granted: Seconds
    arrived: float
    clock: dict[str, SourceClock]
    open_alerts: dict[PatternName, int]
    placed: dict[Topic, Placed] = field(default_factory=dict)
    distrusted: list[Stretch] = field(default_factory=list)
    matches: MatchCounts = field(default_factory=MatchCounts)


class LedgerActor:
    """Decodes and joins the events of one partition, and sends all agents partitions what follows.

    Time moves in two ways. An event moves the watermark at once, the same on every replay. Silence
    is seen by the wall clock, and a replay would see it between other records; so the time that it
    grants is written with the state first, and used after that. What has been sent can then always
    be sent again, byte for byte.

    Parameters
    ----------
    settings
        What decides the alerts.
    partition, partitions, agents_partitions
        Which partition this is, of how many, and how many partitions the next stage has.
    idle_after
        Seconds after which a topic with nothing left to read no longer holds the watermark back.
    until
        Event time (seconds) up to which the stream counts as complete once every topic is idle; if
        None, time then goes on as the wall clock does. Events after it are left out.
    """

    def __init__(
        self,
        settings: Settings,
        partition: int,
        agents_partitions: int,
        *,
        partitions: int = 1,
        idle_after: float,
        until: Seconds | None,
        metrics: Metrics,
    ) -> None:
        self._config_hash: Final = settings.config_hash
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
        self._ledger: Final = Ledger(settings, partition)
        self._placement: Final = Placement(list(EVENT_TOPICS), partition, partitions)
        self._segments: Final = AccountSegments(self._ledger.account)
        self._granted = BEGINNING
        self._proposed = BEGINNING
        self._announced = BEGINNING
        self._arrived: float = BEGINNING
        self._newest = BEGINNING
        self._empty_at: float | None = None
        self._is_empty = False
        self._open_alerts: dict[PatternName, int] = {}
        self._rejected: list[Output] = []
        self._changed: set[AccountId] = set()

    @property
    def is_full(self) -> bool:
        """Never: a ledger waits for no other stage."""
        return False

    def complaints(self) -> Mapping[str, str]:
        """Return the topics that cannot be believed, and why."""
        return self._placement.complaints()

    def apply(self, topic: Topic, records: Sequence[KafkaRecord]) -> None:
        """Decode and join events; what cannot be applied goes to the dead letters."""
        self._ledger.advance(self._granted)
        # Some at a time: of many at once the first are out of the processor's cache when they are
        # joined, and the garbage collector looks at all of them.
        for start in range(0, len(records), _AT_ONCE):
            self._apply_some(topic, records[start : start + _AT_ONCE])

    def _apply_some(self, topic: Topic, records: Sequence[KafkaRecord]) -> None:
        events, records = decoded(
            self._decoders[topic].decode, records, partial(self._reject, topic)
        )
        # What is joined after a turn of trust must know of it, in whatever batches it comes: so it
        # is known where one is before anything is joined.
        turns = self._placement.note(topic, events)
        joined = 0
        for index, trusted in turns:
            here, joined = joined, index + 1
            self._join(topic, events[here:joined], records[here:joined])
            # No more than the topic's own clock: one wrong timestamp must not end all trust.
            at = min(seconds_at(events[index].occurred_at), self._clock.reached(topic))
            # What is settled stands, however soon that was.
            self._ledger.distrust.turn(topic, max(at, self._ledger.watermark), trusted=trusted)
        if turns:
            events, records = events[joined:], records[joined:]
        self._join(topic, events, records)

    def _join(
        self, topic: Topic, events: Sequence[AnyEvent], records: Sequence[KafkaRecord]
    ) -> None:
        """Join events, each decoded from the record beside it."""
        ledger, clock = self._ledger, self._clock
        merge, observe = ledger.merge, clock.observe
        until, lateness = self._until, self._lateness
        applied = unchanged = after = 0
        newest, newest_record = self._newest, None
        # Only the time of this topic can move now; the others hold the watermark back to here.
        others = clock.watermark((topic,))
        for event, record in zip(events, records, strict=True):
            at = seconds_at(event.occurred_at)
            try:
                if until is not None and at > until:
                    after += 1
                    continue
                changed = merge(event, at)
            except InvalidEvent as error:
                self._reject(topic, record, error)
                continue
            if changed:
                applied += 1
            else:
                unchanged += 1
            reached = observe(topic, at, event.account_id)
            if reached > newest:
                newest, newest_record = reached, record
            reached -= lateness
            if others > ledger.watermark < reached:
                ledger.advance(min(reached, others))
        if newest_record is not None:
            self._note_arrival(newest, newest_record)
        for result, number in (
            ("applied", applied),
            ("unchanged", unchanged),
            ("after_until", after),
        ):
            if number:
                self._metrics.events(topic, result, number)

    def tick(self, idle: Mapping[Topic, float], now: float) -> bool:
        """Propose a later watermark: without idle topics, or past all while all are idle."""
        self._ledger.advance(self._granted)
        silent = [topic for topic, seconds in idle.items() if seconds >= self._idle_after]
        self._proposed = max(self._proposed, self._clock.watermark(silent))
        if len(silent) == len(EVENT_TOPICS):
            self._proposed = max(self._proposed, self._time_after(min(idle.values()), now))
            self._look_whether_empty(min(idle.values()))
        self._metrics.ledger(self._partition, self._clock.newest(), self._ledger)
        self._metrics.misplaced(self._partition, self._placement.counts())
        self._metrics.open_account_alerts(self._partition, self._open_alerts)
        return self._proposed > max(self._granted, self._ledger.watermark)

    def outputs(self) -> list[Output]:
        """Return dead letters, alerts about accounts, and bundles for the agents stage."""
        output = self._ledger.drain()
        self._changed |= output.changed
        outputs, self._rejected = self._rejected, []
        for alert in output.alerts:
            self._metrics.alert(alert)
            change = 1 if alert.status == "open" else -1
            self._open_alerts[alert.pattern] = self._open_alerts.get(alert.pattern, 0) + change
            outputs.extend(alert_records(alert))
        self._metrics.outcomes(output.bundle.outcomes)
        told, self._announced = bundle_outputs(
            output.bundle, self._agents_partitions, self._announced
        )
        outputs.extend(told)
        if self._is_empty:
            self._is_empty = False
            outputs.extend(empty_outputs(self._partition, self._agents_partitions))
        return outputs

    def capture(self, number: int) -> Capture:
        """Return the accounts that changed since the last call, and all that is beside accounts."""
        self._granted = self._proposed
        segment, needed_from = self._segments.segment(
            number, self._changed, self._ledger.accounts()
        )
        self._changed.clear()
        state = LedgerState(
            self._config_hash,
            self._ledger.watermark,
            self._granted,
            self._arrived,
            self._clock.snapshot(),
            self._open_alerts,
            self._placement.snapshot(),
            self._ledger.distrust.snapshot(),
            self._ledger.matches.counts,
        )
        return Capture(segment, msgspec.msgpack.encode(state), needed_from)

    def restore(self, rest: bytes, segments: Sequence[bytes]) -> None:
        """Restore the accounts, and all that is beside them."""
        state, accounts = read_state(rest, LedgerState, "a ledger"), accounts_in(segments)
        if state.config_hash != self._config_hash:
            raise IncompatibleSnapshot(
                f"ledger partition {self._partition} was kept under settings {state.config_hash}, "
                f"these are {self._config_hash}: use another topic prefix, or the old settings"
            )
        self._ledger.restore(accounts, state.watermark)
        self._clock.restore(state.clock)
        self._granted = self._proposed = state.granted
        self._announced = state.watermark
        self._arrived, self._newest = state.arrived, self._clock.newest()
        self._open_alerts = state.open_alerts
        self._placement.restore(state.placed)
        self._ledger.distrust.restore(state.distrusted)
        self._ledger.matches.counts = state.matches

    def _note_arrival(self, newest: Seconds, record: KafkaRecord) -> None:
        """Note when the newest event arrived; older ones that come after it change nothing."""
        self._newest = newest
        by_the_broker = record.timestamp_type == _BY_THE_BROKER
        self._arrived = record.timestamp / 1_000 if by_the_broker else BEGINNING

    def _time_after(self, silence: float, now: float) -> Seconds:
        """Return the time up to which the stream is complete after `silence` seconds of all topics.

        Event time goes on from the newest event as the clock on the wall has gone on since the
        last record arrived, whether this worker ran in the meantime or not.
        """
        if self._until is not None:
            return self._until
        if self._arrived > BEGINNING:
            silence = max(0.0, now - self._arrived)
        return self._clock.newest() + silence - self._lateness

    def _look_whether_empty(self, silence: float) -> None:
        """Decide whether to announce that this partition has never had an event.

        Without a time of its own, it would hold back all others for ever. So it announces now and
        then that it is empty, and the watermarks that others announced before that then count.
        """
        if self._until is not None or self._clock.newest() > BEGINNING:
            return
        last = self._empty_at
        if last is None or not last <= silence < last + EMPTY_EVERY * self._idle_after:
            self._empty_at = silence
            self._is_empty = True

    def _reject(self, topic: Topic, record: KafkaRecord, error: InvalidEvent) -> None:
        self._metrics.events(topic, "rejected", 1)
        self._metrics.dead_letter(error.reason)
        letter = from_topic(error, topic, self._partition, record.offset, record.value)
        self._rejected.append(letter_output(letter, record.key))
