"""What a ledger emits about complete days: sales made, and sales ended."""

from collections.abc import Mapping, Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import Day, seconds_at
from detectors.basis.identifiers import AccountId, AgentId, PatternName, SaleId
from detectors.basis.text_hash import sale_hash
from detectors.events.event import AnyEvent
from detectors.facts.account import Account
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.messages.outcomes import NOT_ENDED, Outcome, SaleEnded, SalesDay
from detectors.patterns import Patterns
from detectors.patterns.account.quick_cancellation import QuickCancellation
from tests.detectors.definition import DayFact, day_facts
from tests.detectors.ledger.broken import (
    ClosesDaysWhenAsked,
    CountsRepeats,
    ForgetsDaysInARestart,
    MissesCancellationsBeforeTheirSale,
)
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    END,
    HOUR,
    SETTINGS,
    START,
    activity,
    at,
    cancellation,
    in_order,
    late_orders,
    orders,
    sale,
    worlds,
)

QUICK = PatternName("quick_cancellation")
FIRST_DAY = int(START.timestamp() // 86_400)
Emitted = set[tuple[int, str, int, str, bool | None]]


def emitted(days: Mapping[Day, SalesDay]) -> Emitted:
    """Return what was emitted of each day: agent, hash, pattern by which a sale ended."""
    made = [
        (day, sold.agent_id, sold.sale_hash, "", None) for day in days for sold in days[day].made
    ]
    ended = [
        (day, end.agent_id, end.sale_hash, pattern, end.bad)
        for day in days
        for pattern, ends in days[day].ended.items()
        for end in ends
    ]
    found: Emitted = {*made, *ended}
    assert len(found) == len(made) + len(ended), "something was emitted twice"
    return found


def hashed_facts(facts: set[DayFact]) -> Emitted:
    return {
        (f.day, f.agent_id, sale_hash(f.sale_id, f.account_id), f.pattern, f.bad) for f in facts
    }


def definition_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(worlds())
    run = LedgerRun(data.draw(orders(events)), ledger(SETTINGS), every=data.draw(st.integers(1, 9)))
    assert emitted(run.days) == hashed_facts(day_facts(events))


@given(st.data())
def test_days_are_what_they_are_by_definition_in_any_order(data: st.DataObject) -> None:
    definition_law(Ledger, data)


def test_that_law_catches_a_ledger_that_counts_repeats() -> None:
    assert refuted(definition_law, CountsRepeats)


def test_that_law_catches_a_ledger_that_misses_cancellations_before_their_sale() -> None:
    assert refuted(definition_law, MissesCancellationsBeforeTheirSale)


@given(st.data(), st.integers(2, 200))
def test_how_often_it_is_drained_changes_nothing(data: st.DataObject, every: int) -> None:
    arrived = data.draw(late_orders(data.draw(worlds())))
    seldom, often = LedgerRun(arrived, every=every), LedgerRun(arrived)
    assert emitted(seldom.days) == emitted(often.days)


def the_day_is_emitted_as_it_stood(ledger: type[Ledger]) -> bool:
    """Return whether a cancellation that comes after its day is over changes nothing in it."""
    late: list[AnyEvent] = [
        sale(1),
        *(activity(hour, account) for hour, account in ((50, "b"), (51, "c"))),
        cancellation(2),
        sale(3, "d", "late"),
    ]
    run = LedgerRun(late, ledger(SETTINGS), every=100)
    return emitted(run.days) == emitted(LedgerRun(late[:3]).days)


def test_an_event_after_the_end_of_its_day_changes_nothing_in_it() -> None:
    assert the_day_is_emitted_as_it_stood(Ledger)
    assert not the_day_is_emitted_as_it_stood(ClosesDaysWhenAsked)


def restart_law(ledger: type[Ledger], data: st.DataObject) -> None:
    arrived = data.draw(orders(data.draw(worlds())))
    cut = data.draw(st.integers(0, len(arrived)))
    again = _restarted(arrived, cut, ledger)
    once = LedgerRun(arrived).days
    assert emitted(again) == emitted({day: once[day] for day in once if day in again})
    missed = once.keys() - again.keys()
    assert all(day < data_day for day in missed for data_day in again)


def _restarted(arrived: Sequence[AnyEvent], cut: int, kind: type[Ledger]) -> dict[Day, SalesDay]:
    """Return what is emitted after the event number `cut` by a ledger that was restored there."""
    first, clock = Ledger(SETTINGS), EventClock(SETTINGS.time, ("events",))
    _read(first, clock, arrived[:cut])
    first.drain()
    saved = msgspec.msgpack.encode(first.accounts())
    second = kind(SETTINGS)
    second.restore(msgspec.msgpack.decode(saved, type=dict[AccountId, Account]), first.watermark)
    _read(second, clock, arrived[cut:])
    second.advance(END)
    return second.drain().bundle.days


def _read(ledger: Ledger, clock: EventClock, events: Sequence[AnyEvent]) -> None:
    for event in events:
        ledger.apply(event)
        clock.observe("events", seconds_at(event.occurred_at), event.account_id)
        ledger.advance(clock.watermark())


@given(st.data())
def test_a_restored_ledger_emits_the_days_that_were_not_emitted(data: st.DataObject) -> None:
    restart_law(Ledger, data)


def test_that_law_catches_a_ledger_that_forgets_days_in_a_restart() -> None:
    assert refuted(restart_law, ForgetsDaysInARestart, 10_000)


def test_a_cancellation_dated_before_its_sale_ends_it_at_once() -> None:
    run = LedgerRun(in_order([sale(30), cancellation(20)]))
    hashed = sale_hash(SaleId("s"), AccountId("a"))
    assert run.days[Day(FIRST_DAY + 1)].ended == {
        QUICK: [SaleEnded(AgentId("anna"), Day(FIRST_DAY + 1), hashed, bad=True)]
    }
    assert FIRST_DAY not in run.days


def test_what_else_was_cancelled_on_that_day_is_heard_whatever_its_hour() -> None:
    """A second record, dated before the first one, makes no good sale of a bad one."""
    real, excuse = cancellation(31), cancellation(30, reason="deceased", initiated_by="system")
    for cancelled in ([real, excuse], [excuse, real]):
        run = LedgerRun([sale(0), *cancelled])
        assert [end.bad for end in run.days[Day(FIRST_DAY + 1)].ended[QUICK]] == [True]


def test_an_excluded_reason_ends_a_sale_and_is_not_bad() -> None:
    run = LedgerRun([sale(0), cancellation(30, reason="service_fault"), cancellation(48)])
    assert [end.bad for end in run.days[Day(FIRST_DAY + 1)].ended[QUICK]] == [False]


def test_the_last_moment_of_the_window_belongs_to_it() -> None:
    assert QUICK in LedgerRun([sale(0), cancellation(48)]).days[Day(FIRST_DAY + 2)].ended
    assert LedgerRun([sale(0), cancellation(48.01)]).days.keys() == {FIRST_DAY}


def test_without_early_patterns_no_end_is_emitted() -> None:
    patterns = Patterns(quick_cancellation=QuickCancellation(early=False))
    settings = structs.replace(SETTINGS, patterns=patterns)
    run = LedgerRun([sale(0), cancellation(1)], Ledger(settings))
    assert [day.ended for day in run.days.values()] == [{}]


def test_a_sale_without_an_agent_is_nobodys() -> None:
    assert LedgerRun([sale(0, agent=None), cancellation(1)]).days == {}


def test_a_made_sale_carries_its_cell_and_its_batch() -> None:
    alike = [sale(0, customer="c"), sale(1, "b", "t", customer="c")]
    run = LedgerRun([*alike, sale(2, "c", "u", product="line", customer="c")])
    one, two, other = sorted(run.days[Day(FIRST_DAY)].made, key=lambda made: made.cell)
    assert (one.cell, two.cell, other.cell) == ("card/-", "card/-", "line/-")
    assert one.batch == two.batch != other.batch
    assert len({one.sale_hash, two.sale_hash, other.sale_hash}) == 3


def _undone(*events: AnyEvent) -> list[Outcome]:
    """Return what patterns that know when a sale ended say of it."""
    return [one for one in LedgerRun(list(events)).outcomes if one.ended_at != NOT_ENDED]


def test_a_cancelled_sale_says_when_it_was_cancelled() -> None:
    quick, *_ = _undone(sale(10), cancellation(12))
    assert quick.ended_at == START.timestamp() + 12 * HOUR
    before, *_ = _undone(cancellation(8), sale(10))
    assert before.ended_at == START.timestamp() + 10 * HOUR
    good = LedgerRun([sale(10), activity(11)]).outcomes
    assert {outcome.ended_at for outcome in good} == {0.0}
    assert len({outcome.batch for outcome in good}) == 1


def test_a_cancellation_dated_the_day_before_its_sale_ends_it_whichever_comes_first() -> None:
    others = [activity(hours, f"other {hours}") for hours in range(0, 200, 2)]
    pair: list[AnyEvent] = [sale(25, "x", "s"), cancellation(23, "x", "s")]
    before, after = (
        [one for one in others if (one.occurred_at <= at(24)) is early] for early in (True, False)
    )
    told = [
        emitted(LedgerRun([*before, *both, *after]).days) for both in (pair, list(reversed(pair)))
    ]
    assert told[0] == told[1]
    assert any(pattern == QUICK for _, _, _, pattern, _ in told[0])
