"""A decision in words, for the history of a case."""

from detectors.events.decision import (
    Acknowledge,
    Approve,
    Assign,
    Decision,
    Note,
    Propose,
    Reject,
    Reopen,
    Snooze,
)


def kind_of(decision: Decision) -> str:
    """Return what a decision is called on the wire, such as ``propose``."""
    return type(decision).__name__.lower()


def words_of(decision: Decision) -> str | None:
    """Return what a person said, with what they asked for."""
    match decision:
        case Acknowledge():
            return f"until {decision.until.isoformat()}"
        case Assign():
            return "to nobody" if decision.assignee is None else f"to {decision.assignee}"
        case Snooze():
            return f"until {decision.until.isoformat()}: {decision.reason}"
        case Propose():
            why = "" if decision.explanation is None else f" ({decision.explanation})"
            return f"{decision.outcome}{why}: {decision.words}"
        case Note() | Approve() | Reject() | Reopen():
            return decision.words
