"""What people decide about a case: events of their own, kept for ever as the audit trail.

A decision says who decided what, in which role, when, and which revision of which alert they saw.
Whether it counts is for the fold to say (`detectors.cases.fold`): one that is refused stands on the
record as well.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from detectors.events.event import Identifier, Moment

Role = Literal["viewer", "reviewer", "approver", "auditor", "admin"]
Outcome = Literal["confirmed", "honest", "unclear"]

Words = Annotated[str, Meta(min_length=1, max_length=4096, description="plain text, by a person")]
Revision = Annotated[int, Meta(ge=1)]


class DecisionBase(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What every decision carries.

    ``decision_id`` is unique: a repeat is a duplicate. ``who`` is the login of a person, as the
    server that let them in knows it, ``role`` what they may do by that server's word. ``seen`` maps
    the alerts of the case that they saw to the revisions that they saw.
    """

    decision_id: Identifier
    case_id: Identifier
    occurred_at: Moment
    who: Identifier
    role: Role
    seen: Annotated[Mapping[Identifier, Revision], Meta(min_length=1, max_length=256)]
    type: Literal["decision"] = "decision"


class Acknowledge(DecisionBase, frozen=True, kw_only=True, tag="acknowledge"):
    """I am on it, until then: the case is theirs."""

    until: Moment


class Assign(DecisionBase, frozen=True, kw_only=True, tag="assign"):
    """The case is given to somebody; null gives it back to all."""

    assignee: Identifier | None


class Note(DecisionBase, frozen=True, kw_only=True, tag="note"):
    """Words for whoever comes next."""

    words: Words


class Snooze(DecisionBase, frozen=True, kw_only=True, tag="snooze"):
    """Nothing more about these facts until then, for a reason."""

    until: Moment
    reason: Words


class Propose(DecisionBase, frozen=True, kw_only=True, tag="propose"):
    """Close the case so, if another person agrees.

    ``explanation`` is one of ``cases.explanations`` for an honest agent, and null otherwise.
    """

    outcome: Outcome
    words: Words
    explanation: Identifier | None = None


class Approve(DecisionBase, frozen=True, kw_only=True, tag="approve"):
    """Agree with a proposal, named by its ``decision_id``: the case is closed."""

    proposal: Identifier
    words: Words | None = None


class Reject(DecisionBase, frozen=True, kw_only=True, tag="reject"):
    """Do not agree with a proposal: the case stays open. Who proposed it may take it back so."""

    proposal: Identifier
    words: Words


class Reopen(DecisionBase, frozen=True, kw_only=True, tag="reopen"):
    """Open a closed case again."""

    words: Words


Decision = Acknowledge | Assign | Note | Snooze | Propose | Approve | Reject | Reopen

DECISION_TYPE: Final = "decision"
"""The ``type`` of a decision in a file of events."""
