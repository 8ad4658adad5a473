"""A record on the command line: which one it is, and whether it is what the events give."""

from collections.abc import Sequence
from typing import Final

import msgspec
from rich.console import Console

from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from detectors.commission.action import CommissionAction
from streams.errors import InvalidArguments
from streams.explain.beside import agreement

Told = Alert | CommissionAction | Commendation

_COMMISSION: Final = "commission_id"
_KINDS: Final[dict[str, type[Told]]] = {
    _COMMISSION: CommissionAction,  # before alerts: it may name one, too
    "commendation_id": Commendation,
    "alert_id": Alert,
}


def record_in(text: str) -> tuple[str, Told | None]:
    """Return the id that a text is, or that of the record that it is, and this record.

    Raises
    ------
    InvalidArguments
        If it looks like a record and is none.
    """
    if not text.lstrip().startswith("{"):
        return text, None
    try:
        named = msgspec.json.decode(text, type=dict[str, object])
        name = next((name for name in _KINDS if name in named), None)
        if name is None:
            raise InvalidArguments(f"the record has no {', '.join(_KINDS)}")
        return str(named[name]), msgspec.json.decode(text, type=_KINDS[name])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidArguments(f"the record cannot be read: {error}") from error


def is_found(told: Told, revisions: Sequence[Told], console: Console) -> bool:
    """Print whether a record is the revision that it says it is, or what differs."""
    found = next((one for one in revisions if one.revision == told.revision), None)
    says = agreement(told, found)
    if says == "yes":
        console.print(f"The record given is revision {told.revision}, in every field.")
        return True
    console.print(f"The record given is not revision {told.revision}. {says}")
    return False
