"""What a person decides over the desk: read from a request, and refused where nothing counts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from detectors.basis.errors import InvalidEvent
from detectors.cases.reading import DecisionDecoder
from detectors.cases.refusing import refusal_of_the_person
from detectors.events.decision import Decision
from detectors.limit_settings import Limits
from streams.access.person import Person
from streams.errors import AccessRefused, RequestRefused

_OURS: Final = ("decision_id", "case_id", "occurred_at", "who", "role", "type")
"""What the server says of a decision, and nobody else."""

_decode: Final = DecisionDecoder(Limits()).decode


def decision_of(
    body: bytes, case_id: str, person: Person, decision_id: str, now: datetime
) -> Decision:
    """Return the decision in the body of a request.

    Whether it counts is for the fold to say, which sees the whole order of things. Here only what
    could count in no case is refused.

    Raises
    ------
    RequestRefused
        It is no decision.
    AccessRefused
        The person may not decide so.
    """
    given = _fields(body)
    for name in _OURS:
        if name in given:
            raise RequestRefused(422, f"{name} is for the server to say: leave it out")
    ours = {
        "decision_id": decision_id,
        "case_id": case_id,
        "occurred_at": now,
        "who": person.login,
        "role": person.role,
    }
    try:
        decision = _decode(msgspec.json.encode({**given, **ours}))
    except InvalidEvent as error:
        raise RequestRefused(422, f"this is no decision that can be kept: {error.detail}") from None
    except UnicodeError:
        raise RequestRefused(422, "a text is no valid UTF-8: write it anew") from None
    for name in given.keys() - {"kind"}:
        if name not in decision.__struct_fields__:
            raise RequestRefused(422, f"{name!r} is no field of {given['kind']!r}: leave it out")
        if isinstance(given[name], str) and not given[name].strip():
            raise RequestRefused(422, f"{name} is blank: say something")
    refused = refusal_of_the_person(decision)
    if refused is not None:
        raise AccessRefused(403, f"{refused.reason}: {refused.detail}; you are {person.role}")
    return decision


def _fields(body: bytes) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise RequestRefused(400, "send one JSON object: kind, its fields, and seen") from None
