"""What an event says, in a few words."""

from typing import Final

from detectors.events.event import (
    AccountActivity,
    AccountEvent,
    AccountMerged,
    Cancellation,
    Sale,
)
from streams.printable import printable

_LONGEST_WORD: Final = 40


def described(event: AccountEvent) -> tuple[str, str]:
    """Return what happened, and who did it."""
    match event:
        case Sale():
            return "sale", f"agent {printable(event.agent_id)}" if event.agent_id else "no agent"
        case Cancellation():
            refund = "" if event.refund is None else f", {event.refund:g} back"
            reason = _as_sent(event.reason, event.reason_as_sent)
            return f"cancellation ({reason}{refund})", _by(event)
        case AccountActivity():
            return _as_sent(event.kind, event.kind_as_sent), _by(event)
        case AccountMerged():
            return f"became part of {printable(event.into_account_id)}", ""


def _by(event: Cancellation | AccountActivity) -> str:
    by = _as_sent(event.initiated_by, event.initiated_by_as_sent)
    return by if event.agent_id is None else f"{by}, keyed by {printable(event.agent_id)}"


def _as_sent(word: str, sent: str | None) -> str:
    return word if sent is None else f"{word}, sent as {printable(sent[:_LONGEST_WORD])!r}"
