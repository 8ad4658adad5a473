"""A customer's cancellation that names no sale of the account: it shows that they know of it."""

from collections.abc import Callable, Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.identifiers import SaleId
from detectors.events.event import AnyEvent, Initiator
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.named import named
from detectors.ledger import objects
from detectors.ledger.merging.affected import affected
from detectors.ledger.stage import Ledger
from tests.detectors.definition import facts, facts_in_the_end
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.worlds import (
    END,
    SETTINGS,
    activity,
    cancellation,
    in_order,
    late_orders,
    sale,
)

BY: Final[tuple[Initiator, ...]] = ("customer", "system")


@st.composite
def cancelled_accounts(draw: st.DrawFn) -> list[AnyEvent]:
    """Draw accounts of one or two sales, and cancellations that name one of them or none."""
    events: list[AnyEvent] = []
    for number in range(draw(st.integers(1, 4))):
        account, sold = f"account {number}", draw(st.integers(24, 15 * 24))
        events.append(sale(sold, account, "s"))
        if draw(st.booleans()):
            events.append(sale(sold + draw(st.integers(1, 12 * 24)), account, "t"))
        for _ in range(draw(st.integers(1, 2))):
            at, name = sold + draw(st.integers(-24, 8 * 24)), draw(st.sampled_from("stU"))
            by = draw(st.sampled_from(BY))
            events.append(cancellation(at, account, name, by))
    return in_order(events)


def unnamed_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(cancelled_accounts())
    order = data.draw(late_orders(events))
    every = data.draw(st.integers(1, 9))
    outcomes = LedgerRun(order, ledger(SETTINGS), every=every).outcomes
    assert facts_in_the_end(outcomes) == facts(events, END)


@given(st.data())
def test_it_counts_in_every_order_and_however_often_one_looks(data: st.DataObject) -> None:
    unnamed_law(Ledger, data)


def only_named(account: Account, event: AnyEvent) -> Sequence[SaleRecord]:
    """Return what a late event names, and no other sale: a fault."""
    return named(account.sales, getattr(event, "sale_id", SaleId("")))


@pytest.mark.parametrize(("judged_anew", "is_open"), [(affected, False), (only_named, True)])
@pytest.mark.parametrize("late", ["cancellation", "sale"])
def test_what_comes_late_is_counted_as_what_comes_in_time(
    monkeypatch: pytest.MonkeyPatch,
    judged_anew: Callable[[Account, AnyEvent], Sequence[SaleRecord]],
    late: str,
    *,
    is_open: bool,
) -> None:
    """Of a sale that comes late a cancellation is no longer unnamed: the other one is unused."""
    monkeypatch.setattr(objects, "affected", judged_anew)
    other = cancellation(140, sale_id="t")
    passed = [activity(24 + 65, "b"), activity(24 + 130, "b")]
    order: list[AnyEvent]
    if late == "sale":
        order = [sale(24), other, *passed, sale(130, sale_id="t")]
        is_open = not is_open
    else:
        order = [sale(24), *passed, other]
    outcomes = LedgerRun(order, Ledger(SETTINGS)).outcomes
    told = [one for one in outcomes if (one.pattern, one.sale_id) == ("unused_account", "s")]
    assert (bool(told) and told[-1].verdict is Verdict.BAD) is is_open


@pytest.mark.parametrize(
    ("events", "verdict"),
    [
        ([sale(24), cancellation(30, sale_id="S")], None),
        ([sale(24), cancellation(30, sale_id="S", initiated_by="unknown")], None),
        ([sale(24), cancellation(30, sale_id="S", initiated_by="agent")], Verdict.BAD),
        ([sale(24), cancellation(20, sale_id="S")], Verdict.BAD),
        ([sale(24), cancellation(24 + 6 * 24, sale_id="S")], Verdict.BAD),
        ([sale(24), cancellation(30, sale_id="S"), activity(40)], Verdict.GOOD),
    ],
    ids=["customer", "nobody knows who", "agent", "before the sale", "after the window", "used"],
)
def test_who_cancels_in_time_knows_of_the_account(
    events: list[AnyEvent], verdict: Verdict | None
) -> None:
    told = LedgerRun(in_order(events)).of("unused_account")
    assert [one.verdict for one in told] == ([] if verdict is None else [verdict])


def test_it_tells_nothing_of_a_sale_on_an_account_that_was_sold_before() -> None:
    """It may be of the first one."""
    events: list[AnyEvent] = [sale(24), activity(25), sale(48, sale_id="t")]
    events += [cancellation(90, sale_id="S"), activity(24 + 6 * 24)]
    told = LedgerRun(in_order(events)).of("unused_account")
    assert {one.sale_id: one.verdict for one in told}.keys() == {"s", "t"}
