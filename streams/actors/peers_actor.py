"""The peers stage behind the topic of peer totals: one partition for the whole installation."""

from collections.abc import Mapping
from typing import Final

import msgspec

from detectors.outcomes import DayReport
from detectors.peers.stage import Peers
from detectors.settings import Settings
from streams.actors.actor import Output, Record, StateWrite
from streams.actors.positions import Positions
from streams.actors.snapshot_entries import SnapshotEntries
from streams.metrics import Metrics
from streams.topic_catalogue import Topic


class PeersActor:
    """Merges the reports of all agents partitions and answers every one of them."""

    def __init__(self, settings: Settings, agents_partitions: int, metrics: Metrics) -> None:
        self._agents_partitions: Final = agents_partitions
        self._metrics: Final = metrics
        self._peers = Peers(settings, agents_partitions)
        self._positions = Positions()
        self._entries = SnapshotEntries()
        self._outputs: list[Output] = []

    def apply(self, record: Record) -> bool:
        """Take in a report."""
        if not self._positions.take(record):
            self._metrics.redelivered("peers")
            return False
        report = msgspec.msgpack.decode(record.value or b"", type=DayReport)
        for review in self._peers.receive(report):
            value = msgspec.msgpack.encode(review)
            key = str(review.day).encode()
            self._outputs.extend(
                Output(Topic.PEER_EXPECTATIONS, value, key, partition)
                for partition in range(self._agents_partitions)
            )
        return True

    def reached(self, topic: Topic) -> int | None:
        """Give the offset after the last record of a topic."""
        return self._positions.reached(topic)

    def tick(self, idle: Mapping[Topic, float]) -> bool:
        """Decide nothing: this stage has no time of its own."""
        del idle
        return False

    def outputs(self) -> list[Output]:
        """Give the reviews of the days that are complete."""
        outputs, self._outputs = self._outputs, []
        return outputs

    def state(self) -> StateWrite:
        """Give the whole state."""
        return self._entries.write(self._peers.snapshot(), self._positions.snapshot())

    def restore(self, entries: Mapping[bytes, bytes]) -> None:
        """Take over the last finished snapshot."""
        found = self._entries.read(entries)
        if found is not None:
            snapshot, positions = found
            self._peers.restore(snapshot)
            self._positions.restore(positions)
