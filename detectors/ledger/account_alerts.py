"""Alerts about one account: hard evidence, told at once and withdrawn if it no longer holds."""

from detectors.alerts.alert import Alert, Evidence, Subject
from detectors.alerts.wording import account_sentence, withdrawn_sentence
from detectors.basis.content_id import content_id
from detectors.basis.event_time import moment
from detectors.facts.account import SaleRecord
from detectors.patterns import Pattern


def account_alert(
    pattern: Pattern,
    account_id: str,
    sale: SaleRecord,
    *,
    matured_at: float,
    known_at: float,
    withdrawn: bool,
    event_ids: tuple[str, ...],
    config_hash: str,
) -> Alert:
    """Give the next revision of the alert about `sale`; the sale counts its own findings.

    `matured_at`, when the sale's window ended, and `known_at` are in seconds of event time.
    """
    return Alert(
        alert_id=content_id(pattern.name, "account", account_id, sale.sale_id, repr(sale.at)),
        revision=sale.findings,
        status="withdrawn" if withdrawn else "open",
        pattern=pattern.name,
        pattern_version=pattern.version,
        severity="info",
        subject=Subject("account", account_id),
        agent_id=sale.agent_id,
        opened_at=moment(matured_at),
        updated_at=moment(known_at),
        summary=withdrawn_sentence(account_id=account_id, outcome_phrase=pattern.outcome_phrase)
        if withdrawn
        else account_sentence(
            account_id=account_id,
            product=sale.product,
            sold_on=moment(sale.at).date().isoformat(),
            seller=sale.agent_id,
            outcome_phrase=pattern.outcome_phrase,
        ),
        evidence=Evidence(
            window=pattern.window,
            matured=1,
            pending=0,
            observed=0 if withdrawn else 1,
            peers="none: a fact about one account",
        ),
        event_ids=event_ids,
        config_hash=config_hash,
    )
