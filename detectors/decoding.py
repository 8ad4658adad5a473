"""Bytes to events: every record is either a valid event or an `InvalidEvent` with its reason.

Nearly every record is read by a strict decoder, at once. One that it refuses is read again field by
field (`detectors.reading`): an odd value in a field that no verdict needs must not lose the event,
because a use that is lost is an account that was "never used".
"""

import re
from collections import Counter
from contextlib import suppress
from operator import attrgetter
from typing import Final

import msgspec

from detectors.basis.errors import InvalidEvent
from detectors.events.event import EVENT_TYPES, AnyEvent, WithActivity
from detectors.identity_settings import AS_THEY_STAND, IdentitySettings
from detectors.limit_settings import Limits
from detectors.reading.fields import IDENTIFIERS
from detectors.reading.identifiers import unseen_character
from detectors.reading.lenient import Repaired, read_leniently

_DEEPEST: Final = 500
"""Levels of brackets. Python's own limit lies higher, and elsewhere in every version of it."""

_TEXT: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKET: Final = re.compile(rb"[\[\]{}]")

_BACKSLASH: Final = ord("\\")
_DELETE: Final = 0x7F

_IDENTIFIERS_OF: Final = {kind: attrgetter(*names) for kind, names in IDENTIFIERS.items()}


class EventDecoder:
    """Decodes records one by one; what it returns depends on nothing that came before.

    Parameters
    ----------
    limits
        Largest record in bytes, earliest and latest credible event time.
    event_type
        ``sale``, ``cancellation`` or ``account_activity`` where the source holds one type only (a
        topic, beside what `detectors.events.event.types_in` names); None where every record
        names its type in the field ``type`` (a file).
    identities
        How ids of agents are spelt.

    Attributes
    ----------
    repaired
        How many fields had to be read leniently, for the host to tell and to clear.
    """

    def __init__(
        self,
        limits: Limits,
        event_type: str | None = None,
        identities: IdentitySettings = AS_THEY_STAND,
    ) -> None:
        kind = AnyEvent if event_type is None else EVENT_TYPES[event_type]
        self._event_type: Final = event_type
        self._spelling: Final = identities.spelling
        self._decode: Final = msgspec.json.Decoder(kind).decode
        self._decode_beside: Final = (
            msgspec.json.Decoder(WithActivity).decode if event_type == "account_activity" else None
        )
        self._largest: Final = limits.largest_record
        self._earliest: Final = limits.earliest_event
        self._latest: Final = limits.latest_event
        self.repaired: Final[Counter[Repaired]] = Counter()

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
            event = self._of_other_type(record, InvalidEvent("invalid_field", str(error)))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            event = self._leniently(record, InvalidEvent("not_json", str(error)))
        except RecursionError:  # the caller has used up most of the stack
            raise InvalidEvent("not_json", "the JSON is nested too deeply") from None
        # Raw control characters are no JSON, but for this one. All others that nobody sees are
        # escaped, or no ASCII: looking for those three costs a tenth of looking at the ids.
        if (not record.isascii() or _BACKSLASH in record or _DELETE in record) and _hides_something(
            event
        ):
            event = self._leniently(record, InvalidEvent("not_json", "its ids are not clean"))
        if not self._earliest <= event.occurred_at <= self._latest:
            raise InvalidEvent(
                "impossible_time",
                f"`$.occurred_at` is {event.occurred_at.isoformat()}, outside limits.earliest_event"
                f" = {self._earliest.isoformat()} to limits.latest_event = "
                f"{self._latest.isoformat()}",
                "occurred_at",
            )
        return event if self._spelling is None else self._spelling.event(event)

    def _of_other_type(self, record: bytes, refusal: InvalidEvent) -> AnyEvent:
        """Return the event of a record that is not as most in its topic."""
        if self._decode_beside is not None:
            with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # as above
                event: AnyEvent = self._decode_beside(record)
                return event
        return self._leniently(record, refusal)

    def _leniently(self, record: bytes, refusal: InvalidEvent) -> AnyEvent:
        try:
            event, repairs = read_leniently(record, self._event_type, refusal)
        except RecursionError:  # as above, but further down
            raise refusal from None
        self.repaired.update(repairs)
        return event


def _hides_something(event: AnyEvent) -> bool:
    """Return whether an id holds a character that nobody sees."""
    ids = "".join(filter(None, _IDENTIFIERS_OF[type(event)](event)))
    return unseen_character(ids) is not None


def _is_too_deep(record: bytes) -> bool:
    if record.count(b"[") + record.count(b"{") <= _DEEPEST:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", record)):
        depth += 1 if bracket in b"[{" else -1
        if depth > _DEEPEST:
            return True
    return False
