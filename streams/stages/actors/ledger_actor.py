"""The ledger of one partition behind its three event topics."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import inf
from typing import Final

import msgspec

from detectors.basis.durations import seconds_of
from detectors.basis.errors import IncompatibleSnapshot, InvalidEvent
from detectors.basis.event_time import BEGINNING, Seconds, seconds_at
from detectors.basis.identifiers import AccountId
from detectors.basis.saved_state import read_state
from detectors.evidence.arrays import Reals
from detectors.ledger.clock import EventClock
from detectors.ledger.line_joiner import LineJoiner
from detectors.ledger.output import LedgerOutput
from detectors.ledger.plain.joining import AFTER, APPLIED, UNCHANGED, no_counts
from detectors.ledger.stage import Ledger
from detectors.messages.holes import Hole
from detectors.messages.mentions import MentionBundle
from detectors.settings import Settings
from streams.metrics.registry import Metrics
from streams.stages.actors.account_segments import AccountSegments, restore_accounts
from streams.stages.actors.actor import Capture, Output
from streams.stages.actors.bundles import bundle_outputs, empty_outputs, is_new_day
from streams.stages.actors.complaint import TopicComplaint
from streams.stages.actors.event_holes import EventHoles
from streams.stages.actors.event_intake import EventIntake, Lines
from streams.stages.actors.ledger_state import LedgerState
from streams.stages.actors.mention_outputs import empty_mention_outputs, mention_outputs
from streams.stages.actors.placement import Placement
from streams.stages.actors.unusable import Unusable
from streams.stages.losses import Loss
from streams.stages.timing.present import Present
from streams.stages.timing.silence import Silence
from streams.wire.record import KafkaRecord
from streams.wire.topics import EVENT_TOPICS, Topic

_AT_ONCE: Final = 2_000
"""Records that are scanned before they are joined: a call has its price, whatever their number."""


class LedgerActor:
    """Decodes and joins the events of one partition, and sends all agents partitions what follows.

    Time moves in two ways. An event moves the watermark at once, the same on every replay. So does
    what silence grants (`streams.stages.timing.silence`), once it has been written with the state:
    what has been sent can then always be sent again, byte for byte.

    Parameters
    ----------
    settings
        What decides the alerts.
    partition, partitions, agents_partitions, keys_partitions
        Which partition this is, of how many, and how many the stages have that it tells.
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
        keys_partitions: int = 0,
        idle_after: float,
        until: Seconds | None,
        metrics: Metrics,
    ) -> None:
        self._config_hash: Final = settings.config_hash
        self._partition: Final = partition
        self._agents_partitions: Final = agents_partitions
        self._keys_partitions: Final = keys_partitions
        self._until: Final = until
        self._lateness: Final = seconds_of(settings.time.allowed_lateness)
        self._jump: Final = seconds_of(settings.time.largest_jump)
        self._metrics: Final = metrics
        self._clock = EventClock(settings.time, list(EVENT_TOPICS))
        self._ledger: Final = Ledger(settings, partition)
        self._intake: Final = EventIntake(
            settings.limits,
            partition,
            metrics,
            self._ledger.numbers,
            settings.time.ahead_of_arrival,
            settings.identities,
        )
        self._joiner: Final = LineJoiner(self._ledger, self._clock)
        self._placement: Final = Placement(list(EVENT_TOPICS), partition, partitions)
        self._segments: Final = AccountSegments(self._ledger)
        self._silence: Final = Silence(
            self._clock, self._lateness, idle_after=idle_after, until=until
        )
        self._present: Final = Present(self._lateness + seconds_of(settings.time.ahead_of_arrival))
        self._announced = BEGINNING
        self._holes: Final = EventHoles(self._lateness)
        self._changed = set[AccountId]()

    @property
    def is_full(self) -> bool:
        """Never: a ledger waits for no other stage."""
        return False

    @property
    def holes(self) -> Sequence[Hole]:
        """What it had to go on without."""
        return self._holes.all

    def remember(self, loss: Loss) -> None:
        """Go on without these records."""
        self._holes.add(loss, self._clock.reached(loss.topic), self._said_until())

    def complaints(self) -> list[TopicComplaint]:
        """Return the topics that cannot be believed."""
        return [
            *self._intake.complaints(),
            *self._placement.complaints(),
            *self._present.complaints(),
        ]

    def apply(self, topic: Topic, records: Sequence[KafkaRecord]) -> Sequence[Unusable]:
        """Decode and join events; what cannot be applied goes to the dead letters."""
        self._holes.bound(topic, records, partial(self._intake.time_of, topic), self._said_until())
        self._ledger.advance(self._silence.granted)
        for start in range(0, len(records), _AT_ONCE):
            some = records[start : start + _AT_ONCE]
            self._place(topic, self._intake.read(topic, some))
            self._intake.finish(topic, len(some), self._ledger.matches.counts.contradictions)
        return ()

    def _place(self, topic: Topic, lines: Lines) -> None:
        """Join events in parts: what comes after a turn of trust must know of it, in any batch."""
        joined, valid = 0, lines.about_accounts()
        for turned, trusted in self._placement.note(topic, lines.account_ids(valid)):
            last = int(valid[turned])
            self._join(topic, lines.until(last + 1), joined)
            joined = last + 1
            # Not what is far from the topic's own clock: one wrong time must not end all trust.
            at, reached = lines.time(last), self._clock.reached(topic)
            at = at if at <= reached + self._jump else reached
            self._ledger.distrust.turn(topic, max(at, self._ledger.watermark), trusted=trusted)
        self._join(topic, lines, joined)

    def _join(self, topic: Topic, lines: Lines, line: int) -> None:
        """Join the events of some lines, from number `line` on."""
        decode, clock = self._intake.decoder(topic), self._clock
        told = no_counts()
        until = Seconds(inf) if self._until is None else self._until
        # Only the time of this topic can move now; the others hold the watermark back to here.
        others = clock.watermark((topic,))
        while line < len(lines.scanned.kinds):
            joined = self._joiner.join(
                topic, lines.scanned, line, others, until, told, partial(lines.event, decode)
            )
            if joined.newest_line >= 0:
                self._silence.note_arrival(joined.newest, lines.records[joined.newest_line])
            line = joined.stopped
            if line < len(lines.scanned.kinds):
                self._join_alone(topic, lines, line, told)
                line += 1
        applied, unchanged, after, _ = told.sum(axis=0)
        results = {"applied": int(applied), "unchanged": int(unchanged), "after_until": int(after)}
        self._intake.joined(topic, results)

    def _join_alone(self, topic: Topic, lines: Lines, line: int, told: Reals) -> None:
        """Join the event of a line that may move time otherwise than those before it, if any."""
        record, ledger, clock = lines.records[line], self._ledger, self._clock
        if not lines.is_event(line):
            self._doubt(topic, record)
            return
        event = lines.event(self._intake.decoder(topic), line)
        kind, at = list(EVENT_TOPICS).index(topic), seconds_at(event.occurred_at)
        if at > (inf if self._until is None else self._until):
            told[kind, AFTER] += 1
            return
        is_late = at < ledger.watermark
        try:
            changed = ledger.merge(event, at)
        except InvalidEvent as error:
            self._intake.reject(topic, record, error)
            self._doubt(topic, record)
            return
        told[kind, APPLIED if changed else UNCHANGED] += 1
        if is_late:
            self._metrics.late_event(topic)
        reached = clock.observe(topic, at, event.account_id)
        self._silence.note_arrival(reached, record)
        ledger.advance(min(reached - self._lateness, clock.watermark((topic,))))

    def _doubt(self, topic: Topic, record: KafkaRecord) -> None:
        """Take in what a record that was refused still tells of its account."""
        reached = self._clock.reached(topic)
        self._ledger.refuse(record.value or b"", EVENT_TOPICS[topic], reached)

    def tick(self, idle: Mapping[Topic, float], now: float) -> bool:
        """Propose a later watermark: without idle topics, or past all while all are idle."""
        self._ledger.advance(self._silence.granted)
        self._silence.look(idle, now)
        self._present.look({topic: self._clock.reached(topic) for topic in EVENT_TOPICS}, now)
        self._metrics.ledger(self._partition, self._clock.newest(), self._ledger)
        self._metrics.misplaced(self._partition, self._placement.counts())
        return self._silence.proposed > self._said_until()

    def outputs(self) -> list[Output]:
        """Return dead letters, and bundles for the agents stage and that of the keys."""
        output = self._ledger.drain()
        self._changed |= output.changed
        outputs = self._intake.letters()
        self._metrics.outcomes(output.bundle.outcomes)
        bundle = msgspec.structs.replace(output.bundle, holes=tuple(self._holes.all))
        outputs.extend(self._to_keys(output))
        told, self._announced = bundle_outputs(bundle, self._agents_partitions, self._announced)
        outputs.extend(told)
        if self._silence.is_empty:
            self._silence.is_empty = False
            outputs.extend(empty_outputs(self._partition, self._agents_partitions, bundle.holes))
            outputs.extend(empty_mention_outputs(self._partition, self._keys_partitions))
        return outputs

    def capture(self, number: int) -> Capture:
        """Return the accounts that changed since the last call, and all that is beside accounts."""
        self._silence.take()
        segment, needed_from = self._segments.segment(number, self._changed)
        self._changed.clear()
        state = LedgerState(
            self._config_hash,
            self._ledger.watermark,
            self._silence.granted,
            self._silence.arrived,
            self._clock.snapshot(),
            self._holes.all,
            self._placement.snapshot(),
            self._ledger.distrust.snapshot(),
            self._ledger.matches.counts,
            self._ledger.merged_agents.state,
        )
        return Capture(segment, msgspec.msgpack.encode(state), needed_from)

    def restore(self, rest: bytes, segments: Sequence[bytes]) -> None:
        """Restore the accounts, and all that is beside them."""
        state = read_state(rest, LedgerState, "a ledger")
        if state.config_hash != self._config_hash:
            raise IncompatibleSnapshot(
                f"ledger partition {self._partition} was kept under settings {state.config_hash}, "
                f"these are {self._config_hash}: use another topic prefix, or the old settings"
            )
        restore_accounts(self._ledger, segments, state.watermark)
        self._clock.restore(state.clock)
        self._silence.restore(state.granted, state.arrived)
        self._announced = state.watermark
        self._holes.all = state.holes
        self._placement.restore(state.placed)
        self._ledger.distrust.restore(state.distrusted)
        self._ledger.matches.counts = state.matches
        self._ledger.merged_agents.restore(state.merged_agents)

    def _to_keys(self, output: LedgerOutput) -> list[Output]:
        """Return what the ledgers of keys are told."""
        watermark, announced = output.bundle.watermark, self._announced
        bundle = MentionBundle(
            self._partition,
            watermark,
            output.mentions,
            touches=output.touches,
            merged=output.merged,
            staff=output.staff,
        )
        new_day = is_new_day(watermark, announced)
        return mention_outputs(bundle, self._keys_partitions, announced, new_day=new_day)

    def _said_until(self) -> Seconds:
        """Return the time up to which everything was said, or will be before anything else is."""
        return max(self._ledger.watermark, self._silence.granted)
