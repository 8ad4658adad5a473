"""Alerts about accounts of whose sale claims say different things: for whoever mends the source."""

from typing import Final

from detectors.alerts.advice import advised
from detectors.alerts.alert import Alert, Subject
from detectors.alerts.evidence import FactEvidence
from detectors.basis.content_id import content_id
from detectors.basis.event_time import moment
from detectors.facts.claims import fields_of
from detectors.messages.disputes import CONTESTED_SALE, Dispute
from detectors.patterns.advice import Advice

_VERSION: Final = 1

_ADVICE: Final = Advice(
    next_step="Compare the records named, and ask the source which of them is right.",
    would_clear="The source's own word on who sold what, or a greater version of the sale.",
    explanations_unchecked=(
        "Two systems that tell of the same sales, each in its own way.",
        "A mistake that somebody corrected by hand.",
    ),
)


def contest_alert(dispute: Dispute, config_hash: str) -> Alert:
    """Return a revision of the alert about one sale of an account."""
    stands = dispute.stands
    alert = Alert(
        alert_id=content_id(
            CONTESTED_SALE, "account", dispute.account_id, dispute.sale_id, repr(dispute.opened_at)
        ),
        revision=dispute.revision,
        status="open" if stands else "withdrawn",
        pattern=CONTESTED_SALE,
        pattern_version=_VERSION,
        severity="info",
        subject=Subject("account", dispute.account_id),
        agent_id=None,  # of nobody: it may be about who sold it
        opened_at=moment(dispute.opened_at),
        updated_at=moment(dispute.known_at),
        summary=_sentence(dispute) if stands else _settled(dispute),
        evidence=FactEvidence(window="0s", observed=int(stands)),
        event_ids=dispute.event_ids,
        config_hash=config_hash,
        site=dispute.site,
        team=dispute.team,
    )
    return advised(alert, (), _ADVICE)


def _sentence(dispute: Dispute) -> str:
    said = []
    if dispute.contested:
        said.append(f"contradict each other in {_listed(fields_of(dispute.contested))}")
    if dispute.corrected:
        said.append(f"of several versions differ in {_listed(fields_of(dispute.corrected))}")
    named = "nobody" if dispute.agent_id is None else f"agent {dispute.agent_id}"
    holds = (
        "Nobody knows which came first, so the sale counts for nobody."
        if dispute.is_undecided
        else f"The one that holds names {named} as its seller."
    )
    others = f" Others name {_listed(dispute.others)}." if dispute.others else ""
    return (
        f"Account {dispute.account_id}: records about sale {dispute.sale_id} "
        f"{_listed(said)}. {holds}{others} A record to check, and no finding about anybody."
    )


def _settled(dispute: Dispute) -> str:
    return (
        f"Withdrawn: a greater version settled what records about sale {dispute.sale_id} of "
        f"account {dispute.account_id} said differently."
    )


def _listed(words: tuple[str, ...] | list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
