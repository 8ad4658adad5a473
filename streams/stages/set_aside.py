"""Records that a stage cannot use: they become dead letters, and the stage goes on."""

from typing import Final, Literal

from msgspec import Struct

from streams.stages.actors.actor import Output
from streams.wire.dead_letter import DeadLetter, to_message
from streams.wire.topics import Topic

Reason = Literal["foreign_record", "corrupt_batch", "lost"]

_LONGEST_KEY: Final = 4_096
"""Bytes; a longer key would not fit beside a record that is as large as a topic takes."""


class SetAside(Struct, frozen=True, kw_only=True):
    """Some consecutive offsets of one partition of an input topic, and why they are left out.

    ``foreign_record``: another program wrote it. ``corrupt_batch``: the batch cannot be unpacked.
    ``lost``: the broker has deleted it before it was read. ``value`` and ``key`` are those of a
    single record, where they are known; ``detail`` is a sentence with the remedy.
    """

    topic: Topic
    partition: int
    first: int
    last: int
    reason: Reason
    detail: str
    value: bytes | None = None
    key: bytes | None = None

    def output(self) -> Output:
        """Return the dead letter that says so."""
        letter = DeadLetter(
            reason=self.reason,
            detail=self.detail,
            source=self.topic,
            partition=self.partition,
            offset=self.first,
            last_offset=None if self.last == self.first else self.last,
            record=self.value or b"",
            null=self.value is None,
        )
        return letter_output(letter, self.key)


def letter_output(letter: DeadLetter, key: bytes | None) -> Output:
    """Return the record that holds a letter; a key that is too long is left out."""
    value, headers = to_message(letter)
    kept = key if len(key or b"") <= _LONGEST_KEY else None
    return Output(Topic.DEAD_LETTERS, value, kept, headers=tuple(headers))
