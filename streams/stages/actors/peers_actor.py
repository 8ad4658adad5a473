"""The peers stage: one partition for the whole installation, behind peer totals and decisions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds
from detectors.cases.reading import DecisionDecoder, require_past
from detectors.events.decision import Decision
from detectors.messages.outcomes import DayReport, DayReview
from detectors.peers.stage import Peers
from detectors.settings import Settings
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Capture, Output
from streams.stages.actors.complaint import TopicComplaint
from streams.stages.actors.messages import Messages
from streams.stages.actors.sense import Sense
from streams.stages.actors.unusable import Unusable
from streams.stages.pieces import (
    LARGEST_PIECE,
    MessagesInPieces,
    cut,
    parts_of_segment,
    segment,
)
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic


class PeersActor:
    """Merges the reports of all agents partitions and answers every one of them.

    People's decisions go with the reviews. When one counts is a matter of when it was read, which
    a replay would see between other records; so it is written with the state first, and counts
    after that; and only when no report is left to read, so that what was sent before a crash has
    been sent again. And nothing is reviewed before all decisions have been read once: of an
    installation that reads everything again, each then counts from its own day on.

    Reports come, and reviews go out, in pieces; `largest_piece` is how long those are.
    """

    def __init__(
        self,
        settings: Settings,
        partition: int,
        agents_partitions: int,
        metrics: Metrics,
        *,
        largest_piece: int = LARGEST_PIECE,
    ) -> None:
        self._partition: Final = partition
        self._largest_piece: Final = largest_piece
        self._metrics: Final = metrics
        self._agents_partitions: Final = agents_partitions
        self._peers: Final = Peers(settings, agents_partitions, held=True)
        sense = Sense(settings, agents_partitions=agents_partitions)
        self._reports: Final = MessagesInPieces(Messages(DayReport, sense.report))
        self._decode: Final = DecisionDecoder(settings.limits).decode
        self._tolerance: Final = seconds_of(settings.time.tolerance)
        self._new: list[Decision] = []
        self._all_read = False
        self._caught_up = False
        self._reviews: list[DayReview] = []

    @property
    def is_full(self) -> bool:
        """Never: what it waits for are reports of the days that others have reported."""
        return False

    def complaints(self) -> Sequence[TopicComplaint]:
        """Return nothing: its input is ours."""
        return ()

    def apply(self, topic: Topic, records: Sequence[KafkaRecord]) -> Sequence[Unusable]:
        """Apply reports, or decisions; return the records that should be reports and are none."""
        unusable: list[Unusable] = []
        if topic is Topic.DECISIONS:
            self._new += self._decisions(records)
        else:
            for report in self._reports.read(records, unusable):
                self._reviews += self._peers.receive(report)
        return unusable

    def tick(self, idle: Mapping[Topic, float], now: float) -> bool:
        """Set the gauges; return whether decisions, or that there are no more, wait for writing."""
        del now
        self._metrics.limits(self._partition, self._peers)
        self._metrics.markets(self._partition, self._peers.markets)
        self._all_read = self._all_read or idle[Topic.DECISIONS] > 0.0
        # While days are held, nothing was sent that a decision could change.
        self._caught_up = self._peers.is_held or idle[Topic.PEER_TOTALS] > 0.0
        waits = bool(self._new) and self._caught_up
        return waits or (self._all_read and self._peers.is_held)

    def outputs(self) -> list[Output]:
        """Return the reviews of the days that are complete."""
        reviews, self._reviews = [*self._reviews, *self._peers.due()], []
        return [
            Output(Topic.PEER_EXPECTATIONS, value, str(review.day).encode(), partition)
            for review in reviews
            for value in self._cut(review)
            for partition in range(self._agents_partitions)
        ]

    def capture(self, number: int) -> Capture:
        """Return the whole state: what was written before is not needed any more."""
        if self._caught_up:
            for decision in self._new:
                self._peers.decide(decision)
            self._new.clear()
        if self._all_read and not self._new:
            self._peers.release()
        waiting = msgspec.msgpack.encode(self._new)
        whole = segment(self._reports.snapshot(), self._peers.snapshot())
        return Capture(whole, waiting, number)

    def restore(self, rest: bytes, segments: Sequence[bytes]) -> None:
        """Restore the snapshot written last."""
        pieces, peers = parts_of_segment(segments[-1], "the peers stage")
        self._peers.restore(peers)  # first: it refuses the state of another version
        self._reports.restore(pieces)
        self._new = msgspec.msgpack.decode(rest, type=list[Decision])

    def _cut(self, review: DayReview) -> list[bytes]:
        message = msgspec.msgpack.encode(review)
        return cut(self._partition, review.day, message, self._largest_piece)

    def _decisions(self, records: Sequence[KafkaRecord]) -> Iterator[Decision]:
        """Yield the decisions among records; of the others, ``aboveboard cases`` writes letters."""
        for record in records:
            try:
                decision = self._decode(record.value or b"")
                require_past(decision, Seconds(record.timestamp / 1_000), self._tolerance)
            except InvalidEvent:
                continue
            yield decision
