"""Events that lie after the arrival of their own record.

Nothing can be known before it happens, so such a time is wrong: of a placeholder, of a delivery
planned, or of a clock. The broker's stamp is part of the log, and every replay refuses the same.
Where topics keep the times of producers there is no stamp: what a producer says of its own record
proves nothing, since it is 0 with some and the event's own time with others.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds, moment
from detectors.evidence.arrays import Integers, Reals
from streams.wire.record import KafkaRecord

BY_THE_BROKER: Final = 1
"""The type of a record's timestamp that says when the record arrived."""


def is_ahead(at: Seconds, record: KafkaRecord, tolerance: float) -> bool:
    """Return whether an event is later than its record by more than `tolerance` seconds."""
    return record.timestamp_type == BY_THE_BROKER and at > record.timestamp / 1_000 + tolerance


def all_ahead(at: Reals, records: Sequence[KafkaRecord], tolerance: float) -> list[int]:
    """Return the indices of events for which `is_ahead` holds, `at` being their times."""
    stamps = np.fromiter((record.timestamp for record in records), np.float64, len(records))
    found: Integers = np.flatnonzero(at > stamps / 1_000 + tolerance)
    return [i for i in found.tolist() if records[i].timestamp_type == BY_THE_BROKER]


def refusal(at: Seconds, record: KafkaRecord, tolerance: str) -> InvalidEvent:
    """Return why such an event is refused, and what mends it."""
    arrived = Seconds(record.timestamp / 1_000)
    return InvalidEvent(
        "impossible_time",
        f"`$.occurred_at` is {moment(at).isoformat()}, and the record arrived at "
        f"{moment(arrived).isoformat()}: no event can be told more than time.ahead_of_arrival = "
        f"{tolerance} before it happens. Let the source send when it happened, and look at its "
        "clock; a record of what has happened by now can be replayed",
        "occurred_at",
    )
