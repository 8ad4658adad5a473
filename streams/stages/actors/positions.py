"""Which records of the input topics a state holds already."""

from collections.abc import Sequence

from streams.errors import MissingRecords
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic


class Positions:
    """The next offset of each input topic of one partition."""

    def __init__(self, positions: dict[str, int] | None = None) -> None:
        self._next: dict[str, int] = {} if positions is None else dict(positions)

    def advance(self, topic: Topic, records: Sequence[KafkaRecord]) -> Sequence[KafkaRecord]:
        """Move past records, which are in the order of their offsets; return those that are new.

        One offset may be missing at a time: producers with transactions leave markers in the log,
        which no client delivers.

        Raises
        ------
        MissingRecords
            If more than one offset was: these records were deleted before they were read, or the
            client lost them, and going on would hide it. Nothing has moved then.
        """
        if not records:
            return records
        expected = self._next.get(topic, records[0].offset)
        if records[0].offset < expected:
            # One by one: a producer can write offsets that are in no order, and a search among
            # them would leave out records of others.
            records = [record for record in records if record.offset >= expected]
            if not records:
                return records
        # Without a gap the last offset follows from the number of records: no need to look at each.
        if records[-1].offset - expected != len(records) - 1:
            _require_all(expected, records)
        self._next[topic] = records[-1].offset + 1
        return records

    def pass_over(self, topic: Topic, last: int) -> bool:
        """Move past offsets that are left out; false if the state is past them already."""
        if last < self._next.get(topic, 0):
            return False
        self._next[topic] = last + 1
        return True

    def reached(self, topic: Topic) -> int | None:
        """Return the next offset of a topic, None before its first record."""
        return self._next.get(topic)

    def snapshot(self) -> dict[str, int]:
        """Return the next offset per topic."""
        return dict(self._next)


def _require_all(expected: int, records: Sequence[KafkaRecord]) -> None:
    for record in records:
        if record.offset > expected + 1:
            raise MissingRecords(f"offset {expected}: nothing from here on was delivered")
        expected = record.offset + 1
