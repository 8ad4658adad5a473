import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import AnyEvent
from detectors.facts.account import Verdict
from detectors.ledger.stage import Ledger
from tests.detectors.definition import facts, facts_in_the_end
from tests.detectors.ledger.broken import (
    CountsRepeats,
    EmitsCancellationsAtOnce,
    JudgesKeysAtArrival,
    SeesReplacementsOfWhatItKnows,
    SettlesAtArrival,
    TakesPartsForRepeats,
)
from tests.detectors.ledger.runs import SETTLED_HERE, LedgerRun
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    END,
    HOUR,
    SETTINGS,
    START,
    WINDOWS,
    Done,
    activity,
    cancellation,
    in_order,
    late_orders,
    orders,
    sale,
    worlds,
)


@given(worlds())
def test_outcomes_are_what_they_are_by_definition(events: list[AnyEvent]) -> None:
    run = LedgerRun(events)
    assert facts_in_the_end(run.outcomes) == facts(events, END)


def same_is_emitted(ledger: type[Ledger], events: list[AnyEvent], arrived: list[AnyEvent]) -> bool:
    in_time = LedgerRun(events, ledger(SETTINGS))
    return LedgerRun(arrived, ledger(SETTINGS)).emitted() == in_time.emitted()


def order_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(worlds())
    assert same_is_emitted(ledger, events, data.draw(orders(events)))


@given(st.data())
def test_neither_order_within_the_lateness_nor_repeats_change_what_is_emitted(
    data: st.DataObject,
) -> None:
    order_law(Ledger, data)


def test_the_law_of_order_catches_a_ledger_that_counts_repeats() -> None:
    assert refuted(order_law, CountsRepeats)


@pytest.mark.parametrize(
    ("broken", "events"),
    [
        (
            JudgesKeysAtArrival,
            [activity(1, done=Done("login", agent="anna")), sale(0, agent="anna")],
        ),
        (TakesPartsForRepeats, [cancellation(2), sale(0), cancellation(1, refund=0.25)]),
        (
            SeesReplacementsOfWhatItKnows,
            [sale(2, sale_id="new", replaces="s"), sale(0), cancellation(1)],
        ),
    ],
)
def test_the_law_of_order_catches_a_ledger_that_asks_only_what_it_knows_at_arrival(
    broken: type[Ledger], events: list[AnyEvent]
) -> None:
    """Hypothesis draws such orders too, but seldom: each is written down."""
    in_time = in_order(events)
    assert same_is_emitted(Ledger, in_time, events)
    assert not same_is_emitted(broken, in_time, events)


def test_the_law_of_order_catches_a_ledger_that_settles_at_arrival() -> None:
    # Hypothesis rarely draws two events that change places over the end of a window.
    window = WINDOWS[PatternName("quick_cancellation")] / HOUR
    sold, cancelled, elsewhere = (
        sale(0),
        cancellation(window - 0.25),
        activity(window + 0.25, account="b"),
    )
    events: list[AnyEvent] = [sold, cancelled, elsewhere]
    arrived: list[AnyEvent] = [sold, elsewhere, cancelled]
    assert same_is_emitted(Ledger, events, arrived)
    assert not same_is_emitted(SettlesAtArrival, events, arrived)


@given(worlds())
def test_in_time_every_outcome_is_known_when_it_matures(events: list[AnyEvent]) -> None:
    run = LedgerRun(events)
    assert all(outcome.known_at == outcome.matured_at for outcome in run.outcomes)
    assert all(outcome.before is Verdict.PENDING for outcome in run.outcomes)
    assert all(alert.updated_at == alert.opened_at for alert in run.alerts)


def maturity_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(worlds())
    until = START.timestamp() + data.draw(st.integers(0, 40 * 24)) * HOUR
    before = [event for event in events if event.occurred_at.timestamp() < until]
    run = LedgerRun(before, ledger(SETTINGS), until)
    assert all(outcome.matured_at < until for outcome in run.outcomes)
    assert facts_in_the_end(run.outcomes) == facts(before, Seconds(until))


@given(st.data())
def test_nothing_is_emitted_of_a_sale_before_its_window_has_passed(data: st.DataObject) -> None:
    maturity_law(Ledger, data)


def test_the_law_of_maturity_catches_a_ledger_that_emits_cancellations_at_once() -> None:
    assert refuted(maturity_law, EmitsCancellationsAtOnce)


@given(st.data(), st.integers(2, 200))
def test_how_often_a_ledger_is_drained_changes_nothing(data: st.DataObject, every: int) -> None:
    arrived = data.draw(late_orders(data.draw(worlds())))
    assert LedgerRun(arrived, every=every).emitted() == LedgerRun(arrived).emitted()


def test_activity_of_agents_and_systems_is_no_use() -> None:
    events: list[AnyEvent] = [
        sale(0),
        activity(1, initiated_by="agent"),
        activity(2, initiated_by="system"),
    ]
    [unused] = LedgerRun(events).of("unused_account")
    assert unused.verdict is Verdict.BAD


def test_a_later_cancellation_by_the_customer_still_shows_that_they_know_of_the_sale() -> None:
    events: list[AnyEvent] = [
        sale(0),
        cancellation(1, initiated_by="system"),
        cancellation(2),
    ]
    run = LedgerRun(events)
    assert len(run.of("quick_cancellation")) == 1
    assert run.of("unused_account") == []
    assert "unused_account" not in {alert.pattern for alert in run.alerts}


def test_the_same_sale_id_on_two_accounts_is_two_sales() -> None:
    run = LedgerRun(in_order([sale(0, "a"), sale(0, "b")]))
    assert len(run.outcomes) == 2 * len(SETTLED_HERE)


def test_every_pattern_settles_at_the_end_of_its_own_window() -> None:
    run = LedgerRun([sale(0), activity(119)])
    start = START.timestamp()
    assert {outcome.pattern: outcome.matured_at - start for outcome in run.outcomes} == {
        pattern.name: WINDOWS[pattern.name] for pattern in SETTLED_HERE
    }
