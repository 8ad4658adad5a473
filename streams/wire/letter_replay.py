"""A dead letter on its way back to the topic it came from, and the receipt that is kept of it."""

from typing import NamedTuple

from msgspec import Struct

from streams.wire.topics import Topic


class Replay(NamedTuple):
    """The record of a letter, and the partition to which it is sent back."""

    letter_id: str
    topic: Topic
    partition: int
    key: bytes | None
    value: bytes | None


class Receipt(Struct, frozen=True):
    """Where a letter was sent back to: what stands in the topic of receipts, under its id."""

    topic: str
    partition: int
    offset: int

    def location(self) -> str:
        """Return the location as people write it."""
        return f"{self.topic}[{self.partition}]@{self.offset}"
