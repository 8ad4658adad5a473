"""Records of an event topic as events, without those that are none."""

from collections.abc import Callable, Sequence

from detectors.basis.errors import InvalidEvent
from detectors.events.event import AnyEvent
from streams.wire.record import KafkaRecord


def decoded(
    decode: Callable[[bytes], AnyEvent],
    records: Sequence[KafkaRecord],
    reject: Callable[[KafkaRecord, InvalidEvent], None],
) -> tuple[list[AnyEvent], Sequence[KafkaRecord]]:
    """Return the events, and beside each the record that held it; `reject` takes all others."""
    events: list[AnyEvent] = []
    refused: set[int] = set()
    for index, record in enumerate(records):
        try:
            events.append(decode(record.value or b""))
        except InvalidEvent as error:
            reject(record, error)
            refused.add(index)
    if refused:
        records = [record for index, record in enumerate(records) if index not in refused]
    return events, records
