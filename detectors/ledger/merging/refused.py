"""What a record that was refused still tells: that something happened to an account.

A use that is refused for its time, or for one of its fields, looks like no use. So it is told as
activity of which nobody can tell whether it was use: that excludes the account, and accuses nobody.
When it happened nobody knows. It is taken to have happened when its source had come that far: the
place of a record among the others is part of the log, so every replay gives it the same time.
"""

from collections.abc import Collection
from typing import Any, Final

from detectors.basis.errors import UnreadableValue
from detectors.basis.event_time import BEGINNING, Seconds, moment
from detectors.basis.words import known_word
from detectors.events.event import (
    TYPE_FIELD,
    WIRE_TYPES,
    AccountActivity,
    ActivityKind,
    Cancellation,
    types_in,
)
from detectors.facts.from_events import on_sellers_device
from detectors.identity_settings import AS_THEY_STAND, IdentitySettings
from detectors.reading.fields import FIELDS
from detectors.reading.plain import plain_objects

REFUSED: Final = "a record that was refused"
"""The kind of such an activity, as it is shown."""

_READ: Final = {
    field.name: field
    for field in FIELDS[AccountActivity]
    if field.name in ("event_id", "account_id", "agent_id", "kind", "initiated_by", "result")
}


class RefusedRecords:
    """Tells of what accounts records are that no event could be made of, or whose event was late.

    Parameters
    ----------
    kinds
        The kinds of activity that are use: a record of another kind would have told of none.
    identities
        How ids of agents are spelt.
    """

    def __init__(
        self, kinds: Collection[ActivityKind], identities: IdentitySettings = AS_THEY_STAND
    ) -> None:
        self._kinds: Final = frozenset(kinds)
        self._spelling: Final = identities.spelling

    def told(self, record: bytes, event_type: str | None, at: Seconds) -> AccountActivity | None:
        """Return the activity that a refused record tells of its account, None if it tells none.

        A sale tells none, nor does what an agent or a system did, or a record without an account.
        Who keyed it stays known, if it can be read: what a seller keys excuses nothing.

        Parameters
        ----------
        record
            As it was sent.
        event_type
            As for `detectors.decoding.EventDecoder`.
        at
            How far its source had come (seconds); nothing is told before its first event.
        """
        values = _object(record) if at > BEGINNING else None
        if values is None or not _may_tell(values, event_type):
            return None
        read = {name: _value(name, values) for name in _READ}
        if read["account_id"] is None or read["initiated_by"] in ("agent", "system"):
            return None
        if read["kind"] not in (None, "other") and read["kind"] not in self._kinds:
            return None
        spelling, agent_id = self._spelling, read["agent_id"]
        activity = AccountActivity(
            event_id=read["event_id"] or "unknown",
            account_id=read["account_id"],
            occurred_at=moment(at),
            kind="other",
            kind_as_sent=REFUSED,
            initiated_by="unknown",
            agent_id=agent_id if spelling is None else spelling.agent(agent_id),
            result=read["result"],
        )
        return None if on_sellers_device(activity) else activity


def _object(record: bytes) -> dict[str, object] | None:
    try:
        values = plain_objects(record)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _may_tell(values: dict[str, object], event_type: str | None) -> bool:
    """Return whether a record is, by its type, about something that its customer may have done."""
    said = values.get(TYPE_FIELD)
    name = event_type if said is None else known_word(said, WIRE_TYPES)
    if name is None or (event_type is not None and name not in types_in(event_type)):
        return False
    return WIRE_TYPES[name] in (AccountActivity, Cancellation)


def _value(name: str, values: dict[str, object]) -> Any:  # noqa: ANN401 # of the type of the field
    try:
        return _READ[name].value(values.get(name))
    except UnreadableValue:
        return None
