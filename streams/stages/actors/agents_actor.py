"""The agents stage of one partition behind the topics of outcomes and of peer expectations."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from detectors.agents.alerting.not_judged import counted
from detectors.agents.stage import Agents
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Seconds
from detectors.messages.outcomes import DayReport, DayReview, OutcomeBundle
from detectors.settings import Settings
from detectors.sight.stretch import told_once
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Capture, Output
from streams.stages.actors.alert_records import (
    alert_records,
    commendation_record,
    commission_record,
    request_record,
)
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

MOST_REVIEWS_BEHIND: Final = 4
"""Periods between two reviews for which outcomes may wait in memory to be judged: two at least, so
that one is there when the other has been judged."""


class AgentsActor:
    """Passes bundles and reviews to the stage, and its reports and alerts to their topics.

    Reports go out, and reviews come, in pieces; `largest_piece` is how long those are.
    """

    def __init__(
        self,
        settings: Settings,
        partition: int,
        ledger_partitions: int,
        metrics: Metrics,
        *,
        keys_partitions: int = 0,
        largest_piece: int = LARGEST_PIECE,
    ) -> None:
        senders = ledger_partitions + keys_partitions
        self._partition: Final = partition
        self._largest_piece: Final = largest_piece
        self._metrics: Final = metrics
        self._agents: Final = Agents(settings, partition, senders)
        self._review_every: Final = seconds_of(settings.evidence.review_every)
        sense = Sense(settings, ledger_partitions=senders)
        self._bundles: Final = Messages(OutcomeBundle, sense.bundle)
        self._reviews: Final = MessagesInPieces(Messages(DayReview, sense.review))

    @property
    def judged_until(self) -> Seconds:
        """The event time (seconds) before which every outcome has been judged."""
        return self._agents.judged_until

    @property
    def is_full(self) -> bool:
        """Whether so many days are complete that several reviews must come to judge them.

        None of those reviews needs more outcomes: every ledger announces each day to all agents
        partitions alike, so the others can report these days as well.
        """
        unjudged = self._agents.complete_until - self._agents.judged_until
        return unjudged > MOST_REVIEWS_BEHIND * self._review_every

    def unseen(self) -> list[str]:
        """Return what cannot be seen now, a sentence each."""
        stretches = told_once(self._agents.believed.stretches())
        return [stretch.words for stretch in stretches if stretch.until is None]

    def complaints(self) -> Sequence[TopicComplaint]:
        """Return nothing: its input is ours."""
        return ()

    def apply(self, topic: Topic, records: Sequence[KafkaRecord]) -> Sequence[Unusable]:
        """Apply bundles or reviews; return the records that are none."""
        unusable: list[Unusable] = []
        if topic is Topic.OUTCOMES:
            for bundle in self._bundles.read(records, unusable):
                self._agents.receive(bundle)
        else:
            for review in self._reviews.read(records, unusable):
                self._agents.review(review)
        return unusable

    def tick(self, idle: Mapping[Topic, float], now: float) -> bool:
        """Set the gauges; return false, since the time of this stage is that of the ledgers."""
        del idle, now
        self._metrics.open_alerts(self._partition, self._agents.open_alerts())
        self._metrics.commended(self._partition, len(self._agents.beside.commending.state.open))
        self._metrics.null(self._partition, self._agents.shadow())
        self._metrics.spread(self._partition, self._agents.spread())
        self._metrics.judged(self._partition, self._agents.judged_until)
        stretches = told_once(self._agents.believed.stretches())
        self._metrics.blind(self._partition, stretches)
        self._metrics.left_out(self._partition, self._agents.screen.left_out)
        self._metrics.untold(self._partition, self._agents.believed.untold)
        self._metrics.groups_not_judged(self._partition, self._agents.groups.not_judged())
        self._metrics.unjudged(self._partition, self._agents.roster.not_judged)
        self._metrics.unjudged_groups(self._partition, self._agents.groups.without_place())
        self._metrics.held_back(self._partition, self._agents.causes.held_back)
        if self._agents.beside.commissions.is_on:
            self._metrics.commissions_held(self._partition, self._agents.beside.commissions.held)
        for tier in self._agents.tiers:
            self._metrics.incomparable(self._partition, tier.name, counted(tier.not_judged()))
        return False

    def outputs(self) -> list[Output]:
        """Return reports for the peers stage, alerts, and requests to verify sales."""
        output = self._agents.drain()
        outputs = [
            Output(Topic.PEER_TOTALS, piece, str(self._partition).encode(), 0)
            for report in output.reports
            for piece in self._cut(report)
        ]
        for pattern, number in output.judged.items():
            self._metrics.evidence_updates(pattern, number)
        for alert in output.alerts:
            self._metrics.alert(alert)
            outputs.extend(alert_records(alert))
        for action in output.commissions:
            self._metrics.commission(action.action)
            outputs.append(commission_record(action))
        self._metrics.verification_requests(len(output.requests))
        outputs.extend(map(request_record, output.requests))
        outputs.extend(map(commendation_record, output.commendations))
        return outputs

    def capture(self, number: int) -> Capture:
        """Return the whole state: what was written before is not needed any more."""
        whole = segment(self._reviews.snapshot(), self._agents.snapshot())
        return Capture(whole, b"", number)

    def restore(self, rest: bytes, segments: Sequence[bytes]) -> None:
        """Restore the snapshot written last."""
        del rest
        waiting, agents = parts_of_segment(segments[-1], "the agents stage")
        self._agents.restore(agents)  # first: it refuses the state of another version
        self._reviews.restore(waiting)

    def _cut(self, report: DayReport) -> list[bytes]:
        message = msgspec.msgpack.encode(report)
        return cut(self._partition, report.day, message, self._largest_piece)
