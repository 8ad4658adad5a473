"""Which records of a partition are about accounts that belong into another one.

Facts about one account that stand in different partitions never meet, and nothing that was not seen
can then be told as absent. So a topic is not believed while too many of its records are misplaced.
Only the order of the records in their topic decides it, so that every replay decides the same.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import Struct, field

from streams.stages.actors.complaint import TopicComplaint
from streams.wire.partitioner import misplaced
from streams.wire.topics import Topic

LAST: Final = 1_000
"""How many records of a topic are looked at."""

MOST: Final = 10
"""More misplaced ones among the last records than this end the trust in a topic: one in a hundred.
It is a number rather than a share, so that the first records of a topic need no exception."""

FEW: Final = 5
"""With no more than this trust returns: with one threshold, it would come and go."""

_HARM: Final = (
    f"more than {MOST} of the last {LAST:,} records are not in the partition of their account_id, "
    "so events of one account do not meet, and no account is told as unused"
)

_REMEDY: Final = (
    "Set partitioner=murmur2_random at producers built on librdkafka, leave others their default "
    "one, and let all of them key by account_id"
)


class Placed(Struct):
    """What is known of one topic.

    ``records`` and ``misplaced`` count since the beginning; ``latest`` are the numbers of the
    latest misplaced records, no more of them than decide.
    """

    records: int = 0
    misplaced: int = 0
    latest: list[int] = field(default_factory=list)
    distrusted: bool = False


class Turn(NamedTuple):
    """After which record, by its index, a topic is believed, or no more."""

    after: int
    trusted: bool


class Placement:
    """Follows the topics of one partition.

    Parameters
    ----------
    topics
        That are joined.
    partition, partitions
        Which one this is, of how many; with one alone nothing can be misplaced.
    """

    def __init__(self, topics: Sequence[Topic], partition: int, partitions: int) -> None:
        self._partition: Final = partition
        self._partitions: Final = partitions
        self._placed: dict[Topic, Placed] = {topic: Placed() for topic in topics}

    def note(self, topic: Topic, account_ids: Sequence[str]) -> list[Turn]:
        """Note which accounts the next events of a topic are about; return where trust turns."""
        if self._partitions == 1:
            return []
        placed = self._placed[topic]
        before, turns = placed.records, list[Turn]()
        for index in misplaced(account_ids, self._partition, self._partitions):
            number = before + index
            _recover(placed, number, before, turns)
            placed.misplaced += 1
            placed.latest = [*placed.latest, number][-MOST - 1 :]
            if not placed.distrusted and _are_close(placed.latest, MOST, number):
                placed.distrusted = True
                turns.append(Turn(index, trusted=False))
        placed.records += len(account_ids)
        _recover(placed, placed.records, before, turns)
        return turns

    def counts(self) -> dict[str, int]:
        """Return how many records of each topic have been misplaced."""
        return {topic: placed.misplaced for topic, placed in self._placed.items()}

    def complaints(self) -> list[TopicComplaint]:
        """Return what is wrong with each topic that is not believed, and what mends it."""
        return [
            TopicComplaint(topic, _HARM, _REMEDY)
            for topic, placed in self._placed.items()
            if placed.distrusted
        ]

    def snapshot(self) -> dict[Topic, Placed]:
        """Return the state."""
        return {
            topic: Placed(known.records, known.misplaced, list(known.latest), known.distrusted)
            for topic, known in self._placed.items()
        }

    def restore(self, state: dict[Topic, Placed]) -> None:
        """Restore what `snapshot` returned."""
        self._placed |= state


def _are_close(latest: list[int], most: int, number: int) -> bool:
    """Return whether more than `most` of the last records until `number` are misplaced."""
    return len(latest) > most and latest[-most - 1] > number - LAST


def _recover(placed: Placed, until: int, before: int, turns: list[Turn]) -> None:
    """Believe a topic again if enough of its records until number `until`, excluded, are right."""
    if not placed.distrusted:
        return
    last = placed.latest[-FEW - 1] + LAST
    if last < until:
        placed.distrusted = False
        turns.append(Turn(last - before, trusted=True))
