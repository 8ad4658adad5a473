"""Which records of the input topics a state holds already."""

from streams.actors.actor import Record


class Positions:
    """The next offset of each input topic of one partition."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def take(self, record: Record) -> bool:
        """Move past a record; tell whether it is new."""
        if record.offset < self._next.get(record.topic, 0):
            return False
        self._next[record.topic] = record.offset + 1
        return True

    def snapshot(self) -> dict[str, int]:
        """Give the next offset per topic."""
        return dict(self._next)

    def restore(self, positions: dict[str, int]) -> None:
        """Take over what `snapshot` gave."""
        self._next = dict(positions)
