"""Forms of decisions: what they offer, and what their fields say, as the API would be told."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from detectors.basis.durations import Duration, seconds_of
from detectors.cases.case import Case
from detectors.settings import CaseSettings
from streams.access.person import Person
from streams.desk.offers import Kind
from streams.errors import RequestRefused

KEPT: Final = ("until", "to", "assignee", "outcome", "explanation", "words")
"""The fields that a person fills in: a form that is shown again keeps them."""

_ENDS: Final[Mapping[str, tuple[Duration, ...]]] = {
    "acknowledge": ("4h", "1d", "3d", "7d", "14d"),
    "snooze": ("1d", "7d", "14d", "30d", "90d"),
}
_WORDS_ARE: Final[Mapping[str, str]] = {"snooze": "reason"}
"""What a kind of decision calls its words, if not so."""

_WITHOUT_WORDS: Final = ("acknowledge", "assign")


def ends_of(kind: str, settings: CaseSettings) -> Mapping[Duration, timedelta]:
    """Return for how long a decision of this kind may put a case aside; nothing if none does."""
    longest = {
        "acknowledge": settings.longest_acknowledgement,
        "snooze": settings.longest_snooze,
    }.get(kind)
    if longest is None:
        return {}
    known = {end: seconds_of(end) for end in (*_ENDS[kind], longest)}
    return {
        end: timedelta(seconds=seconds)
        for end, seconds in sorted(known.items(), key=lambda one: one[1])
        if seconds <= known[longest]
    }


def seen_in(case: Case) -> dict[str, int]:
    """Return what whoever sees this case sees: its alerts, and their revisions."""
    return {alert.alert_id: alert.revision for alert in case.alerts}


def decision_id_of(once: str, case_id: str, person: Person) -> str:
    """Return the id of the decision that a form makes: the same however often it is sent.

    ``once`` is of the form. Nobody can choose the id that another's decision has.
    """
    return hashlib.sha256(f"{person.login}\n{case_id}\n{once}".encode()).hexdigest()[:32]


def body_of(
    kind: Kind,
    fields: Mapping[str, str],
    seen: object,
    case: Case,
    person: Person,
    now: datetime,
    settings: CaseSettings,
) -> bytes:
    """Return the decision that a form asks for, as the API would be sent it.

    Raises
    ------
    RequestRefused
        It names no end that there is, or no words.
    """
    said: dict[str, Any] = {"kind": kind, "seen": seen}
    ends = ends_of(kind, settings)
    if ends:
        chosen = fields.get("until", "")
        if chosen not in ends:
            raise RequestRefused(422, f"until: choose one of {', '.join(ends)}")
        # Evidence has a time of its own: what ends before it would have ended already.
        said["until"] = max(now, case.updated_at) + ends[chosen]
    if kind not in _WITHOUT_WORDS:
        words = fields.get("words", "").replace("\r\n", "\n").strip()
        if not words and kind != "approve":
            raise RequestRefused(422, f"{_WORDS_ARE.get(kind, 'words')} is blank: say something")
        if words:
            said[_WORDS_ARE.get(kind, "words")] = words
    if kind == "assign":
        said["assignee"] = _assignee(fields, person)
    if kind == "propose":
        said["outcome"] = fields.get("outcome", "")
        if said["outcome"] == "honest":
            said["explanation"] = fields.get("explanation", "")
    if kind in ("approve", "reject"):
        said["proposal"] = fields.get("proposal", "")
    return msgspec.json.encode(said)


def _assignee(fields: Mapping[str, str], person: Person) -> str | None:
    match fields.get("to"):
        case "me":
            return person.login
        case "nobody":
            return None
        case _:
            return fields.get("assignee", "").strip()
