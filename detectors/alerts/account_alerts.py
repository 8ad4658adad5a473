"""Alerts about one account: hard evidence, emitted at once and withdrawn if it no longer holds."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from detectors.alerts.advice import advised
from detectors.alerts.alert import Alert, Subject
from detectors.alerts.at_stake import at_stake_in
from detectors.alerts.data_quality import with_unseen
from detectors.alerts.evidence import FactEvidence
from detectors.alerts.wording import account_sentence, unseen_sentence, withdrawn_sentence
from detectors.basis.content_id import content_id
from detectors.basis.event_time import Seconds, moment
from detectors.basis.identifiers import AccountId
from detectors.facts.account import SaleRecord
from detectors.patterns import SalePattern


class AlertTimes(NamedTuple):
    """When what an alert says was known first, and when what this revision says was; seconds."""

    opened_at: Seconds
    known_at: Seconds


def account_alert_id(pattern: SalePattern, account_id: AccountId, sale: SaleRecord) -> str:
    """Return the id of the alert about `sale`; a sale made at another time is another one."""
    return content_id(pattern.name, "account", account_id, sale.sale_id, repr(sale.at))


def account_alert(
    pattern: SalePattern,
    account_id: AccountId,
    sale: SaleRecord,
    revision: int,
    *,
    times: AlertTimes,
    withdrawn: bool,
    event_ids: tuple[str, ...],
    config_hash: str,
) -> Alert:
    """Return a revision of the alert about `sale`.

    `times` tell when what it says was known.
    """
    alert = Alert(
        alert_id=account_alert_id(pattern, account_id, sale),
        revision=revision,
        status="withdrawn" if withdrawn else "open",
        pattern=pattern.name,
        pattern_version=pattern.version,
        severity="info",
        subject=Subject("account", account_id),
        agent_id=sale.agent_id,
        opened_at=moment(times.opened_at),
        updated_at=moment(times.known_at),
        summary=withdrawn_sentence(account_id=account_id, outcome_phrase=pattern.outcome_phrase)
        if withdrawn
        else account_sentence(
            account_id=account_id,
            product=sale.product,
            sold_on=moment(sale.at).date().isoformat(),
            seller=sale.agent_id,
            outcome_phrase=pattern.outcome_phrase,
        ),
        evidence=FactEvidence(window=pattern.window, observed=0 if withdrawn else 1),
        event_ids=event_ids,
        config_hash=config_hash,
        site=sale.site,
        team=sale.team,
        at_stake=None if withdrawn else at_stake_in(sale),
    )
    return advised(alert, pattern.explanations_checked, pattern.account_advice)


def withdrawn_unseen(alert: Alert, pattern: SalePattern, unseen: Sequence[str]) -> Alert:
    """Return a withdrawn alert that says why it was: `unseen` is what could not be seen."""
    said = unseen_sentence(
        account_id=AccountId(alert.subject.id),
        outcome_phrase=pattern.outcome_phrase,
        unseen=unseen[0],
    )
    return with_unseen(structs.replace(alert, summary=said), unseen)
