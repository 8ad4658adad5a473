"""Seals what one partition of a stage writes, and knows by it what others wrote for it."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from streams.errors import OtherRelease
from streams.stages.actors.actor import Output
from streams.stages.actors.unusable import Unusable
from streams.wire.record import KafkaRecord
from streams.wire.seal import SEAL, SealCheck, check_seal, place_of, seal_of
from streams.wire.topics import Topic, topic_name

INNER_TOPICS: Final = frozenset(
    {Topic.MENTIONS, Topic.OUTCOMES, Topic.PEER_TOTALS, Topic.PEER_EXPECTATIONS}
)
"""The topics that only our own stages write to, and read."""


class Seals:
    """The seals of one partition.

    Parameters
    ----------
    prefix
        That of the installation: what was copied from another one is not ours.
    partition
        The number of the partition, of every input topic.
    """

    def __init__(self, prefix: str, partition: int) -> None:
        self._prefix: Final = prefix
        self._places: Final = {
            topic: place_of(topic_name(prefix, topic), partition) for topic in INNER_TOPICS
        }

    def seal(self, outputs: Iterable[Output]) -> list[Output]:
        """Return outputs with the seals that they need: one digest a message, not one a fact."""
        return [self._sealed(output) for output in outputs]

    def sift(
        self, topic: Topic, records: Sequence[KafkaRecord]
    ) -> tuple[Sequence[KafkaRecord], list[Unusable]]:
        """Return the records that are ours, and those that are not.

        Topics of events are for everybody: there a decoder judges, and none is foreign.

        Raises
        ------
        OtherRelease
            If a record bears the seal of another version. It is ours, and leaving it out would
            lose outcomes for good: this worker has to end, and one of that release to take over.
        """
        place = self._places.get(topic)
        if place is None:
            return records, []
        ours: list[KafkaRecord] = []
        foreign: list[Unusable] = []
        for record in records:
            found = check_seal(place, record.key, record.value, record.headers)
            if found is SealCheck.RIGHT:
                ours.append(record)
            elif found is SealCheck.OTHER_RELEASE:
                raise OtherRelease(record.offset)
            else:
                foreign.append(Unusable(record, found.value))
        return ours, foreign

    def _sealed(self, output: Output) -> Output:
        topic = output.topic
        if topic in INNER_TOPICS:
            place = place_of(topic_name(self._prefix, topic), output.partition)
            seal = seal_of(place, output.key, output.value)
        elif topic is Topic.DEAD_LETTERS:
            place = place_of(topic_name(self._prefix, topic))
            seal = seal_of(place, output.key, output.value, output.headers)
        else:  # alerts are for everybody
            return output
        return msgspec.structs.replace(output, headers=(*output.headers, (SEAL, seal)))
