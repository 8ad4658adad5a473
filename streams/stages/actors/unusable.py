"""A record between stages that an actor cannot use, and why."""

from typing import NamedTuple

from streams.wire.record import KafkaRecord


class Unusable(NamedTuple):
    """A record that was left out; ``why`` is half a sentence for its dead letter."""

    record: KafkaRecord
    why: str
