"""Which records of the input topics a state holds already."""

from streams.actors.actor import Record
from streams.topic_catalogue import Topic


class MissingRecords(Exception):
    """Records were passed over between the last one taken in and the one given."""


class Positions:
    """The next offset of each input topic of one partition."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def take(self, record: Record) -> bool:
        """Move past a record; tell whether it is new.

        One offset may be passed over: producers with transactions leave markers in the log.

        Raises
        ------
        MissingRecords
            If more than one offset was: these records were deleted before they were read, or the
            client lost them, and going on would hide it.
        """
        expected = self._next.get(record.topic, record.offset)
        if record.offset < expected:
            return False
        if record.offset > expected + 1:
            raise MissingRecords(f"the records from offset {expected} on were never delivered")
        self._next[record.topic] = record.offset + 1
        return True

    def reached(self, topic: Topic) -> int | None:
        """Give the next offset of a topic, None before its first record."""
        return self._next.get(topic)

    def snapshot(self) -> dict[str, int]:
        """Give the next offset per topic."""
        return dict(self._next)

    def restore(self, positions: dict[str, int]) -> None:
        """Take over what `snapshot` gave."""
        self._next = dict(positions)
