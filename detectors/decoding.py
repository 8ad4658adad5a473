"""Bytes to events: every record is either a valid event or an `InvalidEvent` with its reason."""

import re
from typing import Final

import msgspec

from detectors.basis.errors import InvalidEvent
from detectors.events.event import EVENT_TYPES, AnyEvent
from detectors.settings import Limits

_DEEPEST: Final = 500
"""Levels of brackets. Python's own limit lies higher, and elsewhere in every version of it."""

_TEXT: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKET: Final = re.compile(rb"[\[\]{}]")


class EventDecoder:
    """Decodes records one by one; keeps nothing between them.

    Parameters
    ----------
    limits
        Largest record in bytes, earliest and latest credible event time.
    event_type
        ``sale``, ``cancellation`` or ``account_activity`` where the source holds one type only (a
        topic); None where every record names its type in the field ``type`` (a file).
    """

    def __init__(self, limits: Limits, event_type: str | None = None) -> None:
        kind = AnyEvent if event_type is None else EVENT_TYPES[event_type]
        self._decode: Final = msgspec.json.Decoder(kind).decode
        self._largest: Final = limits.largest_record
        self._earliest: Final = limits.earliest_event
        self._latest: Final = limits.latest_event

    def decode(self, record: bytes) -> AnyEvent:
        """Return the event that `record` holds.

        Raises
        ------
        InvalidEvent
            With the reason and the field at fault. No other error leaves this method, whatever
            the bytes.
        """
        if len(record) > self._largest:
            raise InvalidEvent(
                "too_large",
                f"the record has {len(record):,} bytes, more than limits.largest_record = "
                f"{self._largest:,}",
            )
        if len(record) > _DEEPEST and _is_too_deep(record):
            raise InvalidEvent("not_json", "the JSON is nested too deeply")
        try:
            event: AnyEvent = self._decode(record)
        except msgspec.ValidationError as error:
            raise InvalidEvent("invalid_field", str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidEvent("not_json", str(error)) from None
        except RecursionError:  # the caller has used up most of the stack
            raise InvalidEvent("not_json", "the JSON is nested too deeply") from None
        if not self._earliest <= event.occurred_at <= self._latest:
            raise InvalidEvent(
                "impossible_time",
                f"`$.occurred_at` is {event.occurred_at.isoformat()}, outside limits.earliest_event"
                f" = {self._earliest.isoformat()} to limits.latest_event = "
                f"{self._latest.isoformat()}",
            )
        return event


def _is_too_deep(record: bytes) -> bool:
    if record.count(b"[") + record.count(b"{") <= _DEEPEST:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", record)):
        depth += 1 if bracket in b"[{" else -1
        if depth > _DEEPEST:
            return True
    return False
