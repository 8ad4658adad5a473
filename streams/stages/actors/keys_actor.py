"""The ledger of keys of one partition behind the topic of mentions."""

from collections.abc import Mapping, Sequence
from typing import Final

from detectors.keys.stage import Keys
from detectors.messages.mentions import MentionBundle
from detectors.settings import Settings
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Capture, Output
from streams.stages.actors.bundles import bundle_outputs
from streams.stages.actors.complaint import TopicComplaint
from streams.stages.actors.messages import Messages
from streams.stages.actors.sense import Sense
from streams.stages.actors.unusable import Unusable
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic


class KeysActor:
    """Passes mentions to the stage, and its outcomes to the agents.

    Parameters
    ----------
    settings
        All settings; at least one enabled pattern looks across accounts.
    partition, ledger_partitions, agents_partitions
        Which partition this is, and how many the stages before and after it have.
    """

    def __init__(
        self,
        settings: Settings,
        partition: int,
        ledger_partitions: int,
        agents_partitions: int,
        metrics: Metrics,
    ) -> None:
        self._partition: Final = partition
        self._agents_partitions: Final = agents_partitions
        self._metrics: Final = metrics
        self._keys: Final = Keys(settings, partition, ledger_partitions)
        sense = Sense(settings, ledger_partitions=ledger_partitions)
        self._bundles: Final = Messages(MentionBundle, sense.mentions)
        self._announced = self._keys.time

    @property
    def is_full(self) -> bool:
        """Never: what it waits for are ledgers, which wait for no other stage."""
        return False

    def complaints(self) -> Sequence[TopicComplaint]:
        """Return nothing: its input is ours."""
        return ()

    def apply(self, topic: Topic, records: Sequence[KafkaRecord]) -> Sequence[Unusable]:
        """Apply mentions; return the records that are none."""
        del topic
        unusable: list[Unusable] = []
        for bundle in self._bundles.read(records, unusable):
            self._keys.receive(bundle)
        return unusable

    def tick(self, idle: Mapping[Topic, float], now: float) -> bool:
        """Set the gauges; return false: the time of this stage is that of the ledgers."""
        del idle, now
        self._metrics.crowded(self._partition, self._keys.crowded)
        return False

    def outputs(self) -> list[Output]:
        """Return bundles for the agents stage."""
        bundle = self._keys.drain()
        self._metrics.outcomes(bundle.outcomes)
        outputs, self._announced = bundle_outputs(bundle, self._agents_partitions, self._announced)
        return outputs

    def capture(self, number: int) -> Capture:
        """Return the whole state: what was written before is not needed any more."""
        return Capture((self._keys.snapshot(),), b"", number)

    def restore(self, rest: bytes, segments: Sequence[bytes]) -> None:
        """Restore the snapshot written last."""
        del rest
        self._keys.restore(segments[-1])
        self._announced = self._keys.time
