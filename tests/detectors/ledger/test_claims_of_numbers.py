"""Two claims about one sale that differ in a number only: the one that holds is judged."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from detectors.events.event import AnyEvent
from detectors.facts.account import SaleRecord, Verdict
from detectors.patterns.sale.pushed_sale import PushedSale
from tests.detectors.definition import facts_in_the_end
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.worlds import activity, sale

FIRST = replace(sale(0, event_id="a"), closing_attempts=4)
SECOND = replace(sale(0, event_id="b"), closing_attempts=1)
LATER = activity(20, "another account")
EVENTS: list[AnyEvent] = [FIRST, SECOND, LATER]


def the_first_claim_is_judged() -> None:
    """Require it whichever came first, and though the other had been judged before it came."""
    for order in permutations(EVENTS):
        outcomes = LedgerRun(list(order), every=1).outcomes
        found = {f.verdict for f in facts_in_the_end(outcomes) if f.pattern == PushedSale.name}
        assert found == {Verdict.BAD}, [event.event_id for event in order]


def test_the_claim_that_holds_is_judged() -> None:
    the_first_claim_is_judged()


def test_a_ledger_that_begins_anew_with_the_other_claim_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It withdraws what it said, and tells the rest as if nothing had been said before."""
    monkeypatch.setattr(SaleRecord, "is_told_as", lambda one, other: one is other)
    with pytest.raises(AssertionError):
        the_first_claim_is_judged()
