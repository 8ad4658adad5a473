"""Sales are asked for more often as soon as the early tier sees what the others cannot see yet."""

from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import structs

from detectors.basis.event_time import seconds_at
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.events.event import AnyEvent, Cancellation, Sale
from detectors.patterns import Patterns
from detectors.patterns.account.burst import Burst
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.account.unused_account import UnusedAccount
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from detectors.verification_settings import VerificationSettings

BEGIN: Final = datetime(2025, 3, 1, 9, tzinfo=UTC)
DAYS, WINDOW, RATE = 14, 20, 0.2
ON: Final = Settings(
    verification=VerificationSettings(rate=RATE, most=0.8, key="a secret of twenty-nine letters"),
    patterns=Patterns(
        quick_cancellation=QuickCancellation(window=f"{WINDOW}d"),
        unused_account=UnusedAccount(enabled=False),
        burst=Burst(enabled=False),
    ),
)


def events() -> list[AnyEvent]:
    """Return the sales of twelve agents: half of those of one are cancelled the day after."""
    made: list[AnyEvent] = []
    for number in range(DAYS * 12 * 6):
        agent, at = number % 12, BEGIN + timedelta(minutes=number * 24 * 60 / 72)
        account, sold = AccountId(f"account {number}"), SaleId(f"sale {number}")
        made.append(
            Sale(
                event_id=f"sold {number}",
                account_id=account,
                occurred_at=at,
                sale_id=sold,
                agent_id=AgentId(f"agent {agent}"),
                customer_id=f"customer {number}",
                product="card",
                amount=9.0,
            )
        )
        if number // 12 % (2 if agent == 0 else 30) == 0:
            made.append(
                Cancellation(
                    event_id=f"cancelled {number}",
                    account_id=account,
                    occurred_at=at + timedelta(days=1),
                    sale_id=sold,
                    reason="customer_request",
                    initiated_by="customer",
                )
            )
    return sorted(made, key=lambda one: one.occurred_at)


def asked_more(settings: Settings) -> set[str]:
    """Return of whom sales are asked for at more than the rate, before any window has passed."""
    pipeline = Pipeline(settings)
    for event in events():
        pipeline.apply(event)
    pipeline.advance(seconds_at(BEGIN + timedelta(days=WINDOW)))
    list(pipeline.alerts())
    assert pipeline.requests
    return {one.agent_id for one in pipeline.requests if one.probability > RATE}


def test_evidence_that_builds_up_early_asks_for_more_and_only_of_that_agent() -> None:
    assert asked_more(ON) == {"agent 0"}
    late = QuickCancellation(window=f"{WINDOW}d", early=False)
    patterns = structs.replace(ON.patterns, quick_cancellation=late)
    assert asked_more(structs.replace(ON, patterns=patterns)) == set()
