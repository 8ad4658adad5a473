"""Which decisions a person is offered: what the fold would take from them as the case stands."""

from typing import Final, Literal

from detectors.cases.person import same_person
from detectors.events.decision import Role
from streams.access.person import Person
from streams.desk.rows import CaseRow

Kind = Literal["acknowledge", "assign", "snooze", "note", "propose", "approve", "reject", "reopen"]

SEVERAL: Final[tuple[Kind, ...]] = ("acknowledge", "assign", "snooze", "note", "propose")
"""Those that may be taken about several cases at once. Whoever approves reads each."""

_DECIDE: Final[frozenset[Role]] = frozenset({"reviewer", "approver"})
_ALWAYS: Final[tuple[Kind, ...]] = ("assign", "note")


def decides(person: Person) -> bool:
    """Return whether any decision of this person counts."""
    return person.role in _DECIDE


def offers(row: CaseRow, person: Person) -> tuple[Kind, ...]:
    """Return the kinds of decisions that would count now, the likely ones first.

    Parameters
    ----------
    row
        The case as it stands now (`streams.desk.rows.at_the_time`).
    person
        Who is there.
    """
    if not decides(person):
        return ()
    if row.state == "withdrawn":
        return _ALWAYS
    if row.state == "closed":
        return ("reopen", *_ALWAYS)
    if row.proposed_by is None:
        return ("acknowledge", "propose", "snooze", *_ALWAYS)
    mine = same_person(row.proposed_by, person.login)
    approve: tuple[Kind, ...] = ("approve",) if person.role == "approver" and not mine else ()
    return (*approve, "reject", "acknowledge", "snooze", *_ALWAYS)
