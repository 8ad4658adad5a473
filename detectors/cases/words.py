"""A decision in words, for the history of a case."""

from datetime import datetime

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


def end_in(words: str) -> datetime | None:
    """Return the end that the words of an acknowledgement or a snooze name; None without one."""
    moment = words.removeprefix("until ").partition(": ")[0]
    try:
        return datetime.fromisoformat(moment)
    except ValueError:
        return None
