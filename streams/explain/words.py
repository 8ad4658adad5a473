"""What an expectation is made of, in sentences, and what an event says, in a few words."""

from typing import Final

from detectors.alerts.alert import Alert, Subject, evidence_of
from detectors.alerts.evidence import AgainstPeers
from detectors.basis.durations import in_words
from detectors.events.event import (
    AccountActivity,
    AccountEvent,
    AccountMerged,
    Cancellation,
    Sale,
)
from detectors.patterns.compared import group_cell
from detectors.patterns.judged import Pattern
from detectors.settings import Settings
from streams.printable import printable

_LONGEST_WORD: Final = 40


def grounds_in_words(settings: Settings, alert: Alert) -> list[str]:
    """Return everything there is to say about the expectations behind an alert about an agent."""
    tier = settings.patterns.tier(alert.pattern)
    sentences = [
        peers_in_words(settings, cells_of(settings, tier, alert.subject), alert.subject.type),
        tier.trials_phrase if alert.subject.type == "agent" else "",
        spread_in_words(settings, alert),
        shadow_in_words(alert),
    ]
    return [sentence for sentence in sentences if sentence]


def cells_of(settings: Settings, tier: Pattern, subject: Subject) -> tuple[str, ...]:
    """Return what the names of the peer cells of a subject are made of."""
    if subject.type == "agent":
        return tier.cell_fields(settings.peers.cell)
    return group_cell(settings.peers.cell)


def peers_in_words(settings: Settings, fields: tuple[str, ...], kind: str = "agent") -> str:
    """Return whose outcomes give the expectation, and how, in cells of some fields."""
    others = "sellers" if kind == "agent" else f"{kind}s"
    peers = settings.peers
    *wider, last = fields
    cells = f"{', '.join(wider)} and {last}" if wider else last
    return (
        f"Peers: all other {others}, by {cells}. The {kind}'s own outcomes are left out, and from "
        f"the next review on (every {in_words(settings.evidence.review_every)}) those of {kind}s "
        "under an open alert. The rate of a cell is weighed with that of the cell without its "
        f"last field, which is worth {peers.shrinkage:g} outcomes, and that one likewise, up to "
        f"all {others} together. The odds follow the level of the market (half-life "
        f"{in_words(peers.market_half_life)}), so what hits everybody is expected of everybody."
    )


def spread_in_words(settings: Settings, alert: Alert) -> str:
    """Return how much honest agents are taken to differ, and how far an outcome counts."""
    evidence, said = settings.evidence, evidence_of(alert, AgainstPeers)
    spread = _value(evidence.between_agent_sd, said.between_agent_sd)
    tempering = _value(evidence.tempering, said.tempering)
    return (
        f"Honest {alert.subject.type}s are taken to differ by a standard deviation of {spread}, on "
        "the logit. "
        f"The likelihood of every outcome is raised to the power of {tempering}: 1 where sales go "
        "bad one by one, less where they do so together."
    )


def shadow_in_words(alert: Alert) -> str:
    """Return how often chance alone raised such a warning; empty where nobody counted."""
    said = evidence_of(alert, AgainstPeers)
    if said.null_alarms is None or said.null_agent_years is None:
        return ""
    return (
        "Dealt out at random within a day and peer cell, the same outcomes gave "
        f"{said.null_alarms:,} warnings of this pattern in {said.null_agent_years:,.1f} "
        "agent-years."
    )


def _value(setting: float | str, used: float) -> str:
    """Return the value that was used, and whether it was estimated or set."""
    if isinstance(setting, str):
        return f"{used:g} (estimated)"
    return f"{setting:g} (set)"


def described(event: AccountEvent) -> tuple[str, str]:
    """Return what happened, and by whom."""
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
