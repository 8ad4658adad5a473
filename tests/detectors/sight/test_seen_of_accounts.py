"""What a ledger saw of an account does not depend on how far it had come when it was sold again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import DAY, Day, Seconds, seconds_at
from detectors.events.event import AnyEvent
from detectors.facts.sales import Sold
from detectors.ledger import seeing
from detectors.ledger.stage import Ledger
from detectors.messages.seen import Seen
from tests.detectors.refutation import refuted
from tests.detectors.worlds import HOUR, LONGEST, SETTINGS, activity, at, cancellation, sale

REMEMBERED = LONGEST + 72


def seen(events: list[AnyEvent], behind: float, drained: float) -> dict[Day, list[Seen]]:
    """Return what is told of each day, where the watermark is so many hours behind each event."""
    ledger, told = Ledger(SETTINGS), dict[Day, list[Seen]]()
    until = seconds_at(at(0))
    for event in events:
        now = seconds_at(event.occurred_at) - behind * HOUR
        while until < now:
            until = min(Seconds(until + drained * HOUR), now)
            ledger.advance(until)
            told |= ledger.drain().bundle.seen
        ledger.apply(event)
    ledger.advance(Seconds(seconds_at(events[-1].occurred_at) + 20 * DAY))
    return told | ledger.drain().bundle.seen


def lag_law(rule: object, data: st.DataObject) -> None:
    again = REMEMBERED + data.draw(st.integers(-4, 4)) / 2
    events: list[AnyEvent] = [sale(1, "a", "first"), sale(1 + again, "a", "second")]
    if data.draw(st.booleans()):
        events.append(activity(1 + again + data.draw(st.integers(1, 40)), "a"))
    if data.draw(st.booleans()):
        events.append(cancellation(1 + again + data.draw(st.integers(1, 40)), "a", "second"))
    events.sort(key=lambda event: event.occurred_at)
    ways = st.tuples(st.integers(0, 30), st.sampled_from([1.0, 7.0, 500.0]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeing, "_is_only_sale", rule)
        assert seen(events, *data.draw(ways)) == seen(events, *data.draw(ways))


def by_what_is_remembered(one: Sold, until: Seconds, before: float) -> bool:
    """Ask what the ledger happens to remember: a fault."""
    del before
    sales = one.account.sales
    return not one.account.sold and [sale for sale in sales if sale.at < until] == [one.sale]


def by_sales_alone(one: Sold, until: Seconds, before: float) -> bool:
    """Forget that a sale was forgotten: a fault."""
    since = one.sale.at - before
    return [sale for sale in one.account.sales if since < sale.at < until] == [one.sale]


@given(st.data())
def test_how_far_a_ledger_has_come_changes_nothing_of_what_it_saw(data: st.DataObject) -> None:
    lag_law(seeing._is_only_sale, data)  # noqa: SLF001 - what the others stand in for


@pytest.mark.parametrize("rule", [by_what_is_remembered, by_sales_alone])
def test_the_law_bites(rule: object) -> None:
    assert refuted(lag_law, rule)
