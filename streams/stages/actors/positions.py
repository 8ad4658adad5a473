"""Which records of the input topics a state holds already."""

from collections.abc import Sequence

from streams.errors import MissingRecords
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic


class Positions:
    """The next offset of each input topic of one partition."""

    def __init__(self, positions: dict[str, int] | None = None) -> None:
        self._next: dict[str, int] = {} if positions is None else dict(positions)

    def advance(
        self, topic: Topic, since: int, until: int, records: Sequence[KafkaRecord]
    ) -> Sequence[KafkaRecord]:
        """Move past all that was seen from `since` to before `until`; return the records not known.

        Nothing is counted. Offsets without a record are usual: markers of transactions, what was
        aborted, what compaction removed. Only whoever fetched knows that nothing else was there,
        and says so by the two offsets.

        Raises
        ------
        MissingRecords
            If reading went on after the offset expected: the broker has deleted what was there, and
            going on would hide it. Nothing has moved then.
        """
        expected = self._next.get(topic, since)
        if since > expected:
            raise MissingRecords(expected, since - 1)
        if until <= expected:
            # Also where nothing was seen of a topic that is new: then its position is known now.
            self._next[topic] = expected
            return ()
        self._next[topic] = until
        if since < expected:
            # One by one: a producer can write offsets that are in no order, and a search among
            # them would leave out records of others.
            return [record for record in records if record.offset >= expected]
        return records

    def pass_over(self, topic: Topic, last: int) -> bool:
        """Move past offsets that are left out; false if the state is past them already."""
        if last < self._next.get(topic, 0):
            return False
        self._next[topic] = last + 1
        return True

    def reached(self, topic: Topic) -> int | None:
        """Return the next offset of a topic, None before anything of it was seen."""
        return self._next.get(topic)

    def snapshot(self) -> dict[str, int]:
        """Return the next offset per topic."""
        return dict(self._next)
