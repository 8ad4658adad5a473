"""Bytes to decisions: every record is a valid decision or an `InvalidEvent` with its reason.

A decision comes from our own page or command, not from somebody else's system. So nothing in it is
read leniently: what cannot be read as it stands is refused.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds, seconds_at
from detectors.events.decision import DECISION_TYPE, Decision
from detectors.limit_settings import Limits
from detectors.reading.identifiers import unseen_character


class _Typed(msgspec.Struct):
    type: str = ""


_type_of: Final = msgspec.json.Decoder(_Typed).decode


def is_decision(record: bytes) -> bool:
    """Return whether a record of a file says that it is a decision."""
    try:
        return _type_of(record).type == DECISION_TYPE
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False


class DecisionDecoder:
    """Decodes records one by one. `limits`: largest record, earliest and latest credible time."""

    def __init__(self, limits: Limits) -> None:
        self._decode: Final = msgspec.json.Decoder(Decision).decode
        self._limits: Final = limits

    def decode(self, record: bytes) -> Decision:
        """Return the decision that `record` holds.

        Raises
        ------
        InvalidEvent
            With the reason and the field at fault.
        """
        if len(record) > self._limits.largest_record:
            raise InvalidEvent(
                "too_large",
                f"the record has {len(record):,} bytes, more than limits.largest_record = "
                f"{self._limits.largest_record:,}",
            )
        try:
            decision: Decision = self._decode(record)
        except msgspec.ValidationError as error:
            raise InvalidEvent("invalid_field", str(error)) from None
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise InvalidEvent("not_json", str(error)) from None
        for name, text in _texts(decision):
            unseen = unseen_character(text)
            if unseen is not None:
                detail = f"the character U+{ord(unseen):04X}, which nobody sees, is in `{name}`"
                raise InvalidEvent("invalid_field", detail, name)
        if not self._limits.earliest_event <= decision.occurred_at <= self._limits.latest_event:
            raise InvalidEvent(
                "impossible_time",
                f"`occurred_at` = {decision.occurred_at.isoformat()} lies outside of the limits",
                "occurred_at",
            )
        return decision


def require_past(decision: Decision, stored_at: Seconds, tolerance: float) -> None:
    """Refuse a decision of the future.

    Parameters
    ----------
    decision
        As it was read.
    stored_at
        When it came, by the clock of the broker.
    tolerance
        How far clocks may differ, in seconds.

    Raises
    ------
    InvalidEvent
        It was taken after it came, by more than the tolerance.
    """
    if seconds_at(decision.occurred_at) > stored_at + tolerance:
        raise InvalidEvent(
            "impossible_time",
            f"`occurred_at` = {decision.occurred_at.isoformat()} lies after the arrival of the "
            "record: set the clock of whoever wrote it",
            "occurred_at",
        )


def _texts(decision: Decision) -> Iterator[tuple[str, str]]:
    for name in decision.__struct_fields__:
        value = getattr(decision, name)
        if isinstance(value, str):
            # A person may write more than one line.
            yield name, value.replace("\n", " ")
    for alert_id in decision.seen:
        yield "seen", alert_id
