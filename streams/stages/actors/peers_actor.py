"""The peers stage behind the topic of peer totals: one partition for the whole installation."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from detectors.messages.outcomes import DayReport
from detectors.peers.stage import Peers
from detectors.settings import Settings
from streams.stages.actors.actor import Capture, Output
from streams.stages.actors.complaint import TopicComplaint
from streams.stages.actors.messages import Messages
from streams.stages.actors.sense import Sense
from streams.stages.actors.unusable import Unusable
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic


class PeersActor:
    """Merges the reports of all agents partitions and answers every one of them."""

    def __init__(self, settings: Settings, agents_partitions: int) -> None:
        self._agents_partitions: Final = agents_partitions
        self._peers: Final = Peers(settings, agents_partitions)
        sense = Sense(settings, agents_partitions=agents_partitions)
        self._reports: Final = Messages(DayReport, sense.report)
        self._outputs: list[Output] = []

    @property
    def is_full(self) -> bool:
        """Never: what it waits for are reports, which are small."""
        return False

    def complaints(self) -> Sequence[TopicComplaint]:
        """Return nothing: its input is ours."""
        return ()

    def apply(self, topic: Topic, records: Sequence[KafkaRecord]) -> Sequence[Unusable]:
        """Apply reports; return the records that are none."""
        del topic
        unusable: list[Unusable] = []
        for report in self._reports.read(records, unusable):
            for review in self._peers.receive(report):
                value = msgspec.msgpack.encode(review)
                key = str(review.day).encode()
                self._outputs.extend(
                    Output(Topic.PEER_EXPECTATIONS, value, key, partition)
                    for partition in range(self._agents_partitions)
                )
        return unusable

    def tick(self, idle: Mapping[Topic, float], now: float) -> bool:
        """Return false: this stage has no time of its own."""
        del idle, now
        return False

    def outputs(self) -> list[Output]:
        """Return the reviews of the days that are complete."""
        outputs, self._outputs = self._outputs, []
        return outputs

    def capture(self, number: int) -> Capture:
        """Return the whole state: what was written before is not needed any more."""
        return Capture((self._peers.snapshot(),), b"", number)

    def restore(self, rest: bytes, segments: Sequence[bytes]) -> None:
        """Restore the snapshot written last."""
        del rest
        self._peers.restore(segments[-1])
