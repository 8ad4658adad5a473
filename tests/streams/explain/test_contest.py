"""Alerts about contested and corrected sales are recomputed from the events of their account."""

from collections.abc import Sequence
from io import StringIO
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from rich.console import Console

from detectors.alerts.alert import Alert, Subject
from detectors.alerts.contest_alerts import contest_alert
from detectors.basis.identifiers import AccountId, AgentId
from detectors.events.event import AnyEvent
from detectors.ledger.stage import Ledger
from streams.explain.accounts.account import account_events
from streams.explain.accounts.contest import ContestExplanation
from tests.detectors.ledger.claims.test_disputes import LATER, TellsAtOnce, told_by, with_disputes
from tests.detectors.ledger.claims.test_versions import ON, corrected_worlds, version
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, late_orders, worlds
from tests.streams.explain.test_account import blocks


def alerts_of(events: Sequence[AnyEvent], ledger: Ledger) -> list[list[Alert]]:
    """Return the revisions of each alert."""
    alerts = [contest_alert(one, ON.config_hash) for one in told_by(ledger, events)]
    alerts.sort(key=lambda alert: (alert.alert_id, alert.revision))
    return [list(some) for _, some in groupby(alerts, key=lambda alert: alert.alert_id)]


def explanation(events: Sequence[AnyEvent], revisions: Sequence[Alert]) -> ContestExplanation:
    account_id = AccountId(revisions[0].subject.id)
    arrived = account_events(ON, None, blocks(events), account_id, ())
    return ContestExplanation(ON, revisions, arrived, END)


def agreement_law(ledger: type[Ledger], data: st.DataObject) -> None:
    log = data.draw(st.one_of(corrected_worlds(), worlds(4)).flatmap(late_orders))
    for revisions in alerts_of(log, ledger(ON)):
        assert explanation(log, revisions).agrees()


@given(st.data())
def test_every_such_alert_agrees(data: st.DataObject) -> None:
    agreement_law(Ledger, data)


def test_that_law_catches_a_ledger_that_does_not_wait() -> None:
    assert refuted(agreement_law, with_disputes(TellsAtOnce))


CONTESTED: Sequence[AnyEvent] = [version(1, "anna"), version(1, "boris"), *LATER]


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "Account a: sold by chen."},
        {"status": "withdrawn"},
        {"agent_id": AgentId("boris")},
        {"event_ids": ("version 1 by boris at 0",)},
        {"subject": Subject("account", "b")},
        {"severity": "critical"},
        {"site": "oslo"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_alert_that_was_tampered_with_disagrees(change: dict[str, object]) -> None:
    [revisions] = alerts_of(CONTESTED, Ledger(ON))
    assert explanation(CONTESTED, revisions).agrees()
    assert not explanation(CONTESTED, [structs.replace(revisions[0], **change)]).agrees()


def test_it_shows_both_claims_and_what_does_not_agree() -> None:
    [revisions] = alerts_of(CONTESTED, Ledger(ON))
    said = StringIO()
    tampered = [structs.replace(revisions[0], severity="critical")]
    explanation(CONTESTED, tampered).print(Console(file=said, width=200))
    for word in ("anna", "boris", "events.jsonl:1", "events.jsonl:2", "does NOT agree"):
        assert word in said.getvalue()
