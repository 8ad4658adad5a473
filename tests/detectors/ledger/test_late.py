from collections import Counter
from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from detectors.alerts.alert import Alert
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import AccountActivity, AnyEvent, Cancellation, Sale
from detectors.facts.account import Verdict
from detectors.ledger.stage import Ledger
from detectors.time_settings import TimeSettings
from tests.detectors.definition import facts, facts_in_the_end
from tests.detectors.ledger.account_alerts import alerts_of
from tests.detectors.ledger.broken import (
    CountsRevisionsTogether,
    ForgetsTooEarly,
    NeverCorrects,
)
from tests.detectors.ledger.runs import SETTLED_HERE, LedgerRun
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    CORRECTIONS,
    END,
    HOUR,
    LONGEST,
    SETTINGS,
    START,
    WINDOWS,
    Arrival,
    activity,
    as_they_arrive,
    cancellation,
    in_order,
    late_orders,
    sale,
    with_first_claims_first,
    worlds,
)

SHORTEST: Final[dict[type[AnyEvent], PatternName]] = {
    AccountActivity: PatternName("unused_account"),
    Cancellation: PatternName("quick_cancellation"),
}
"""The pattern with the shortest window of those that ask for an event."""

A_WEEK_LATER: Final = (activity(140, "b"), activity(141, "c"))


def patient() -> Ledger:
    """Return a ledger that accepts a late record of a sale even after its longest window."""
    return Ledger(structs.replace(SETTINGS, time=TimeSettings(corrections_for="10d")))


def still_open(alerts: Sequence[Alert]) -> set[str]:
    last = {alert.alert_id: alert for alert in alerts}
    return {alert_id for alert_id, alert in last.items() if alert.status == "open"}


def correction_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(worlds(6))
    run = LedgerRun(data.draw(late_orders(events)), ledger(SETTINGS))
    assert run.rejected == []
    assert facts_in_the_end(run.outcomes) == facts(events, END)
    assert still_open(run.alerts) == still_open(LedgerRun(events).alerts)


@given(st.data())
def test_late_events_lead_to_where_events_in_time_lead(data: st.DataObject) -> None:
    correction_law(Ledger, data)


def test_the_law_of_corrections_catches_a_ledger_that_forgets_too_early() -> None:
    assert refuted(correction_law, ForgetsTooEarly)


def test_the_law_of_corrections_catches_a_ledger_that_never_corrects() -> None:
    assert refuted(correction_law, NeverCorrects)


def sold_once(events: list[AnyEvent]) -> list[AnyEvent]:
    """Leave out accounts with several sales: what is late may belong to one already forgotten."""
    sales = {(one.account_id, one.sale_id) for one in events if isinstance(one, Sale)}
    number = Counter(account_id for account_id, _ in sales)
    return [event for event in events if number[event.account_id] == 1]


def awaited_law(ledger: type[Ledger], data: st.DataObject) -> None:
    """Hold that what is applied counts, however late it is."""
    events = sold_once(data.draw(worlds(4)))
    delays = st.integers(0, CORRECTIONS * 4)
    arrivals = [
        Arrival(event, 0 if isinstance(event, Sale) else data.draw(delays)) for event in events
    ]
    run = LedgerRun(as_they_arrive(with_first_claims_first(arrivals)), ledger(SETTINGS))
    assert facts_in_the_end(run.outcomes) == facts(run.applied, END)


@given(st.data())
def test_what_is_applied_counts_however_late_it_comes(data: st.DataObject) -> None:
    awaited_law(Ledger, data)


def test_that_law_catches_a_ledger_that_never_corrects() -> None:
    assert refuted(awaited_law, NeverCorrects)


@pytest.mark.parametrize("late", [activity(1), cancellation(1)])
@pytest.mark.parametrize(("hours", "accepted"), [(119, True), (121, False)])
def test_what_a_sale_waits_for_is_not_too_late(
    late: AnyEvent, hours: int, *, accepted: bool
) -> None:
    """As long as the shortest window that asks for it, and the time for corrections after it."""
    ledger = Ledger(SETTINGS)
    ledger.apply(sale(0))
    shortest = WINDOWS[SHORTEST[type(late)]] / HOUR + CORRECTIONS
    ledger.advance(Seconds(START.timestamp() + (shortest + hours - 120) * HOUR))
    ledger.drain()
    if not accepted:
        with pytest.raises(InvalidEvent, match="too_late"):
            ledger.apply(late)
        return
    assert ledger.apply(late)
    assert not ledger.apply(late)
    told = {(one.pattern, one.verdict) for one in ledger.drain().bundle.outcomes}
    wanted = Verdict.GOOD if isinstance(late, AccountActivity) else Verdict.BAD
    assert (SHORTEST[type(late)], wanted) in told


def test_of_another_account_or_sale_or_time_it_is_too_late() -> None:
    ledger = Ledger(SETTINGS)
    ledger.apply(sale(24))
    ledger.advance(Seconds(START.timestamp() + (24 + 48 + CORRECTIONS) * HOUR))
    others = (activity(25, "b"), cancellation(25, "a", "another"), activity(-1), sale(25, "b", "t"))
    for late in others:
        with pytest.raises(InvalidEvent, match="too_late"):
            ledger.apply(late)


def revision_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(worlds(6))
    run = LedgerRun(data.draw(late_orders(events)), ledger(SETTINGS))
    revisions: dict[str, int] = {}
    for alert in run.alerts:
        assert alert.revision == revisions.get(alert.alert_id, 0) + 1
        revisions[alert.alert_id] = alert.revision
        assert alert.status == ("open" if alert.revision % 2 else "withdrawn")


@given(st.data())
def test_revisions_rise_and_no_revision_is_emitted_twice(data: st.DataObject) -> None:
    revision_law(Ledger, data)


def test_that_law_catches_a_ledger_whose_patterns_count_together() -> None:
    assert refuted(revision_law, CountsRevisionsTogether)


@given(worlds(6), st.integers(0, 400))
def test_an_event_that_is_too_late_is_refused_and_changes_nothing(
    events: list[AnyEvent], hours: int
) -> None:
    ledger = Ledger(SETTINGS)
    for event in events:
        ledger.apply(event)
    ledger.advance(Seconds(START.timestamp() + 400 * HOUR))
    before = ledger.drain()
    late = sale(hours, "an account", "a sale")
    assume(hours < 400 - CORRECTIONS)
    with pytest.raises(InvalidEvent) as caught:
        ledger.apply(late)
    assert caught.value.reason == "too_late"
    assert "$.occurred_at" in caught.value.detail
    after = ledger.drain()
    assert after.bundle.outcomes == []
    assert after.bundle.findings == []
    assert after.changed == set()
    assert after.bundle.watermark == before.bundle.watermark


def test_an_event_as_late_as_is_accepted_corrects_the_outcome() -> None:
    ledger = Ledger(SETTINGS)
    ledger.apply(sale(0))
    ledger.advance(Seconds(START.timestamp() + (119 + CORRECTIONS) * HOUR))
    assert [alert.status for alert in alerts_of(ledger.drain())] == ["open"]
    ledger.apply(activity(119))
    output = ledger.drain()
    [outcome] = output.bundle.outcomes
    assert (outcome.before, outcome.verdict) == (Verdict.BAD, Verdict.GOOD)
    assert outcome.known_at == ledger.watermark
    assert [(alert.status, alert.revision) for alert in alerts_of(output)] == [("withdrawn", 2)]


def test_two_patterns_count_their_revisions_apart() -> None:
    known = sale(0), cancellation(1, initiated_by="agent")
    said = {}
    for every in (1, 100):
        run = LedgerRun([*known, *A_WEEK_LATER, activity(100)], every=every)
        said[every] = {(a.pattern, a.revision, a.status) for a in run.alerts}
    assert said[1] == {
        ("cancelled_by_others", 1, "open"),
        ("unused_account", 1, "open"),
        ("unused_account", 2, "withdrawn"),
    }
    assert said[100] == said[1]


def test_an_earlier_claim_that_agrees_takes_the_outcome_from_the_first() -> None:
    run = LedgerRun([sale(5), *A_WEEK_LATER, sale(1)], patient())
    unused = run.of("unused_account")
    assert [(outcome.site, outcome.before, outcome.verdict) for outcome in unused] == [
        (None, Verdict.PENDING, Verdict.BAD),
        (None, Verdict.BAD, Verdict.EXCLUDED),
        ("porto", Verdict.PENDING, Verdict.BAD),
    ]
    assert len({alert.alert_id for alert in run.alerts}) == 2


def test_an_earlier_claim_by_another_agent_changes_nothing_that_was_emitted() -> None:
    run = LedgerRun([sale(5, agent="anna"), *A_WEEK_LATER, sale(1, agent="boris")], patient())
    [unused] = run.of("unused_account")
    assert (unused.agent_id, unused.verdict) == ("anna", Verdict.BAD)
    assert [alert.revision for alert in run.alerts] == [1]


def test_a_repeat_under_a_smaller_event_id_changes_nothing_that_was_emitted() -> None:
    run = LedgerRun([sale(5, event_id="b"), *A_WEEK_LATER, sale(5, event_id="a")], patient())
    assert [alert.revision for alert in run.alerts] == [1]
    assert len(run.outcomes) == len(SETTLED_HERE)


def test_a_claim_of_the_same_moment_at_another_site_goes_on_with_the_revisions() -> None:
    again = structs.replace(sale(4, event_id="a"), site="oslo")
    run = LedgerRun([sale(4, event_id="b"), *A_WEEK_LATER, again], patient())
    assert [(a.alert_id, a.revision, a.status, a.site) for a in run.alerts] == [
        (run.alerts[0].alert_id, 1, "open", "porto"),
        (run.alerts[0].alert_id, 2, "withdrawn", "porto"),
        (run.alerts[0].alert_id, 3, "open", "oslo"),
    ]


def test_claims_further_apart_than_memory_are_two_sales_whether_remembered_or_not() -> None:
    memory = LONGEST + CORRECTIONS
    again = memory + 48
    events: list[AnyEvent] = [sale(0), activity(1), sale(again), activity(again + 1)]
    quick = LedgerRun(events).of("quick_cancellation")
    kept_alive = in_order([*events, sale(memory, sale_id="other"), activity(memory)])
    alive = [t for t in LedgerRun(kept_alive).of("quick_cancellation") if t.sale_id == "s"]
    assert len(quick) == 2
    assert len(alive) == 2


def test_a_cancellation_that_arrives_before_its_sale_counts() -> None:
    run = LedgerRun([cancellation(2), activity(2), sale(0)])
    quick = run.of("quick_cancellation")
    assert [outcome.verdict for outcome in quick] == [Verdict.BAD]
    assert quick[0].event_ids == ("sold s 0 anna card", "cancelled s 2 customer returned")
