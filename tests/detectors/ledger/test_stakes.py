"""What a bad outcome says of its sale, whatever came first and however often."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from detectors.alerts.at_stake import AtStake
from detectors.basis.text_hash import customer_hash
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent, Sale
from detectors.facts.account import Verdict
from detectors.ledger.stage import Ledger
from detectors.messages.stake import Stake
from tests.detectors.ledger.broken import (
    AddsClaimsUp,
    BelievesTheLastClaim,
    FillsGapsFromOtherClaims,
)
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.patterns.claims import claims_that_hold
from tests.detectors.worlds import SETTINGS, activity, orders, sale, worlds

AMOUNTS = (None, 0.0, 0.1, 19.99, 1e308)


def priced(events: Sequence[AnyEvent], data: st.DataObject) -> list[AnyEvent]:
    """Draw an amount for every sale; all claims about it say the same."""
    sales = {(event.account_id, event.sale_id) for event in events if isinstance(event, Sale)}
    amounts = {sale: data.draw(st.sampled_from(AMOUNTS)) for sale in sorted(sales)}
    return [
        replace(event, amount=amounts[event.account_id, event.sale_id])
        if isinstance(event, Sale)
        else event
        for event in events
    ]


def stakes_by_definition(arrived: Sequence[AnyEvent]) -> dict[tuple[str, str], Stake]:
    """Return what the claim says that holds of each sale, by account and sale."""
    return {
        sold: Stake(
            claim.event_id,
            claim.amount,
            0 if claim.customer_id is None else customer_hash(claim.customer_id),
            claim.site,
            claim.team,
            claim.agent_id,
        )
        for sold, claim in claims_that_hold(arrived).items()
    }


def stake_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = priced(data.draw(worlds(4)), data)
    arrived = data.draw(orders(events))
    expected = stakes_by_definition(arrived)
    for outcome in LedgerRun(arrived, ledger(SETTINGS)).outcomes:
        known = (expected[outcome.account_id, outcome.sale_id],)
        assert outcome.stakes == (known if outcome.verdict is Verdict.BAD else ())


@given(st.data())
def test_a_bad_outcome_says_what_the_claim_that_holds_says_and_a_good_one_nothing(
    data: st.DataObject,
) -> None:
    stake_law(Ledger, data)


FIRST = replace(sale(0), site=None, amount=2.0)
SECOND = replace(sale(1), amount=3.0)
THIRD = sale(2)


@pytest.mark.parametrize(
    ("broken", "law", "arrived"),
    [
        (BelievesTheLastClaim, "commutative", [FIRST, SECOND]),
        (FillsGapsFromOtherClaims, "associative", [FIRST, THIRD, SECOND]),
        (AddsClaimsUp, "idempotent", [FIRST, FIRST]),
    ],
)
def test_a_merge_that_breaks_a_law_is_seen(
    broken: type[Ledger], law: str, arrived: list[AnyEvent]
) -> None:
    """Hypothesis draws such claims too, but seldom: each is written down."""
    del law
    expected = stakes_by_definition(arrived)["a", "s"]
    bad = [one for one in LedgerRun(arrived).outcomes if one.verdict is Verdict.BAD]
    assert [one.stakes for one in bad] == [(expected,)]
    wrong = LedgerRun(arrived, broken(SETTINGS)).outcomes
    assert [one.stakes for one in wrong if one.verdict is Verdict.BAD] != [(expected,)]


def test_an_alert_about_an_account_says_what_its_sale_does_until_it_is_withdrawn() -> None:
    sold = replace(sale(0), amount=12.5)
    [alert] = LedgerRun([sold]).alerts
    assert (alert.team, alert.site) == ("team 0", "leeds")
    assert alert.at_stake == AtStake(sales=1, amount=12.5, amount_unknown=0, customers=1)
    events: list[AnyEvent] = [sold, activity(140, "b"), activity(141, "c"), activity(100)]
    *_, withdrawn = LedgerRun(events, every=7).alerts
    assert withdrawn.status == "withdrawn"
    assert (withdrawn.team, withdrawn.site) == ("team 0", "leeds")
    assert withdrawn.at_stake is None


def test_what_cannot_be_read_is_unknown_and_refuses_no_sale() -> None:
    sent = msgspec.to_builtins(sale(0)) | {"site": {"x": 1}, "team": [], "amount": "much"}
    sold = EventDecoder(SETTINGS.limits).decode(msgspec.json.encode(sent))
    [alert] = LedgerRun([sold]).alerts
    assert (alert.team, alert.site) == (None, None)
    assert alert.at_stake == AtStake(sales=1, amount=0.0, amount_unknown=1, customers=1)
