"""What the events say of an account must fit what the alert says, in both directions."""

from datetime import UTC, datetime
from io import StringIO
from typing import Literal

import pytest
from msgspec import structs
from rich.console import Console

from detectors.alerts.alert import Alert, Evidence, Subject
from detectors.events.event import AccountActivity, AnyEvent, Cancellation, Sale
from streams.explain.account import AccountExplanation, PlacedEvent
from streams.files.events import Origin
from tests.streams.alerts_at_hand import agent_alert

SALE = Sale(
    event_id="e-1",
    account_id="a-1",
    occurred_at=datetime(2025, 3, 1, tzinfo=UTC),
    sale_id="s-1",
    customer_id="c-1",
    agent_id="agent-1",
    product="card",
    amount=10.0,
)
EARLIER_CLAIM = structs.replace(SALE, event_id="e-0", occurred_at=datetime(2025, 2, 27, tzinfo=UTC))


def use(day: int, by: Literal["customer", "agent"] = "customer") -> AccountActivity:
    return AccountActivity(
        event_id="e-2",
        account_id="a-1",
        occurred_at=datetime(2025, 3, day, tzinfo=UTC),
        kind="login",
        initiated_by=by,
    )


def cancelled(by: Literal["customer", "agent"], sale_id: str = "s-1") -> Cancellation:
    return Cancellation(
        event_id="e-3",
        account_id="a-1",
        occurred_at=datetime(2025, 3, 10, tzinfo=UTC),
        sale_id=sale_id,
        reason="customer_request",
        initiated_by=by,
    )


def account_alert(status: Literal["open", "withdrawn"]) -> Alert:
    return structs.replace(
        agent_alert(),
        status=status,
        severity="info",
        pattern="unused_account",
        subject=Subject("account", "a-1"),
        evidence=Evidence(window="30d", matured=1, pending=0, observed=1, peers="none"),
        event_ids=("e-1",),
    )


@pytest.mark.parametrize(
    ("others", "shows_use"),
    [
        ([], False),
        ([use(10)], True),
        ([use(31)], True),
        ([use(10, by="agent")], False),
        ([cancelled("customer")], True),
        ([cancelled("agent")], False),
        ([cancelled("customer", sale_id="s-2")], False),
        ([EARLIER_CLAIM], True),
    ],
)
def test_an_open_alert_needs_an_account_that_nobody_used(
    others: list[AnyEvent], *, shows_use: bool
) -> None:
    events = sorted([SALE, *others], key=lambda event: event.occurred_at)
    placed = [PlacedEvent(event, Origin("events.jsonl", 1)) for event in events]
    assert AccountExplanation(account_alert("open"), placed).agrees() is not shows_use
    assert AccountExplanation(account_alert("withdrawn"), placed).agrees() is shows_use


def test_an_alert_about_a_sale_that_is_not_there_disagrees() -> None:
    explanation = AccountExplanation(account_alert("open"), [])
    assert not explanation.agrees()
    said = StringIO()
    explanation.print(Console(file=said))
    assert said.getvalue() == "The sale e-1 is not in these files.\n"
