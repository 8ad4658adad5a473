"""Which records of the input topics a state holds already."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from streams.errors import MissingRecords
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic

_offset = attrgetter("offset")


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
        if records and records[0].offset < expected:
            return records[bisect_left(records, expected, key=_offset) :]
        return records

    def skip(self, topic: Topic, until: int) -> None:
        """Move past records that are lost."""
        self._next[topic] = until

    def reached(self, topic: Topic) -> int | None:
        """Return the next offset of a topic, None before anything of it was seen."""
        return self._next.get(topic)

    def snapshot(self) -> dict[str, int]:
        """Return the next offset per topic."""
        return dict(self._next)
