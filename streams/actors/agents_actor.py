"""The agents stage of one partition behind the topics of outcomes and of peer expectations."""

from collections.abc import Mapping
from typing import Final

import msgspec

from detectors.agents.stage import Agents
from detectors.outcomes import DayReview, OutcomeBundle
from detectors.settings import Settings
from streams.actors.actor import Output, Record, StateWrite
from streams.actors.alert_records import alert_records
from streams.actors.positions import Positions
from streams.actors.snapshot_entries import SnapshotEntries
from streams.metrics import Metrics
from streams.topic_catalogue import Topic


class AgentsActor:
    """Hands bundles and reviews to the stage, and its reports and alerts to their topics."""

    def __init__(
        self, settings: Settings, partition: int, ledger_partitions: int, metrics: Metrics
    ) -> None:
        self._partition: Final = partition
        self._metrics: Final = metrics
        self._agents = Agents(settings, partition, ledger_partitions)
        self._positions = Positions()
        self._entries = SnapshotEntries()

    @property
    def judged_until(self) -> float:
        """The event time (seconds) before which every outcome has been judged."""
        return self._agents.judged_until

    def apply(self, record: Record) -> bool:
        """Take in a bundle or a review."""
        if not self._positions.take(record):
            self._metrics.redelivered("agents")
            return False
        if record.topic is Topic.OUTCOMES:
            self._agents.receive(msgspec.msgpack.decode(record.value or b"", type=OutcomeBundle))
        else:
            self._agents.review(msgspec.msgpack.decode(record.value or b"", type=DayReview))
        return True

    def reached(self, topic: Topic) -> int | None:
        """Give the offset after the last record of a topic."""
        return self._positions.reached(topic)

    def tick(self, idle: Mapping[Topic, float]) -> bool:
        """Decide nothing: this stage's time is that of the ledgers."""
        del idle
        self._metrics.open_alerts(self._partition, self._agents.open_alerts())
        self._metrics.null(self._partition, self._agents.shadow())
        self._metrics.spread(self._partition, self._agents.spread())
        return False

    def outputs(self) -> list[Output]:
        """Give reports for the peers stage, and alerts about agents."""
        harvest = self._agents.harvest()
        outputs = [
            Output(
                Topic.PEER_TOTALS, msgspec.msgpack.encode(report), str(self._partition).encode(), 0
            )
            for report in harvest.reports
        ]
        for pattern, number in harvest.judged.items():
            self._metrics.evidence_updates(pattern, number)
        for alert in harvest.alerts:
            self._metrics.alert(alert)
            outputs.extend(alert_records(alert))
        return outputs

    def state(self) -> StateWrite:
        """Give the whole state."""
        return self._entries.write(self._agents.snapshot(), self._positions.snapshot())

    def restore(self, entries: Mapping[bytes, bytes]) -> None:
        """Take over the last finished snapshot."""
        found = self._entries.read(entries)
        if found is not None:
            snapshot, positions = found
            self._agents.restore(snapshot)
            self._positions.restore(positions)
