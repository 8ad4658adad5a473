"""Reads what one stage wrote for another; what is no such message is left out, and told."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Generic, TypeVar

import msgspec

from streams.stages.actors.unusable import Unusable
from streams.wire.record import KafkaRecord

Message = TypeVar("Message")


class Messages(Generic[Message]):
    """Reads the messages of one kind.

    Parameters
    ----------
    kind
        Their class.
    fault
        Says what makes no sense in a message, "" if all of it does.
    """

    def __init__(self, kind: type[Message], fault: Callable[[Message], str]) -> None:
        self._decode: Final = msgspec.msgpack.Decoder(kind).decode
        self._fault: Final = fault

    def read(self, records: Sequence[KafkaRecord], unusable: list[Unusable]) -> Iterator[Message]:
        """Yield the messages in records; add to `unusable` the records that hold none.

        Only reading is forgiven. Where a stage fails over a message that was read, the error is
        one of ours, and the worker ends with it: to go on would hide the bug, and the state would
        lack what it should hold.
        """
        for record in records:
            yield from self.read_one(record, record.value or b"", unusable)

    def read_one(
        self, record: KafkaRecord, held: bytes, unusable: list[Unusable]
    ) -> Iterator[Message]:
        """Yield the message in bytes that a record holds, or completes; else add the record."""
        try:
            message = self._decode(held)
        # Text that is no UTF-8, and nesting without end, are no errors of msgspec's own.
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            unusable.append(Unusable(record, f"it cannot be read ({error})"))
            return
        fault = self._fault(message)
        if fault:
            unusable.append(Unusable(record, f"it makes no sense here ({fault})"))
        else:
            yield message
