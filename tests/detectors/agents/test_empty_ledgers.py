"""A ledger partition without events holds nothing back, and loses nothing when its first come."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.agents.gathering.gathering import Gathering
from detectors.basis.event_time import BEGINNING, DAY, Day, Seconds, day_of
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome, OutcomeBundle
from tests.detectors.channels import place_of
from tests.detectors.installation import Installation
from tests.detectors.refutation import refuted
from tests.detectors.test_partitions import EVENTS, in_one_process
from tests.detectors.worlds import orders

PATTERN = PatternName("p")
KEPT = 3
LAST_DAY = 12
EMPTY = OutcomeBundle(1, BEGINNING, empty=True)


class IgnoresTheEmpty(Gathering):
    """Waits for no ledger that was empty once, until it sends a watermark."""

    def complete_until(self) -> Seconds:
        state = self.state
        return min(
            until
            for ledger, until in enumerate(state.watermarks)
            if until > BEGINNING or ledger not in state.idle_until
        )


class ForgetsTheFirst(Gathering):
    """Drops what a ledger sends about the time when it was empty, as if it had been sent before."""

    def receive(self, bundle: OutcomeBundle) -> None:
        idle_until = self.state.idle_until.get(bundle.ledger_partition, BEGINNING)
        kept = [outcome for outcome in bundle.outcomes if outcome.matured_at >= idle_until]
        super().receive(
            OutcomeBundle(
                bundle.ledger_partition, bundle.watermark, kept, bundle.days, bundle.empty
            )
        )


class WaitsForTheEmpty(Gathering):
    """Does not listen."""

    def receive(self, bundle: OutcomeBundle) -> None:
        if not bundle.empty:
            super().receive(bundle)


def outcome(at: Seconds, number: int) -> Outcome:
    return Outcome(
        PATTERN, SaleId(f"s-{number}"), AgentId("anna"), Cell("card"), at, at, Verdict.GOOD
    )


def sent(data: st.DataObject, *, late: bool) -> list[OutcomeBundle]:
    """Draw what two ledgers send; the second is empty at first, and may begin with old events."""
    bundles: list[OutcomeBundle] = []
    times = [BEGINNING, BEGINNING]
    idle_until = BEGINNING
    for number in range(data.draw(st.integers(1, 12))):
        ledger = data.draw(st.integers(0, 1))
        if ledger == 1 and times[1] == BEGINNING and data.draw(st.booleans()):
            bundles.append(EMPTY)
            idle_until = times[0]
            continue
        began = times[ledger] > BEGINNING
        since = times[ledger] if began or late or ledger == 0 else idle_until
        at = max(Seconds(0.0), since) + data.draw(st.sampled_from([0.0, 0.3, 0.7, 1.0, 2.5])) * DAY
        times[ledger] = at + data.draw(st.sampled_from([0.1, 1.0])) * DAY
        bundles.append(OutcomeBundle(ledger, times[ledger], [outcome(at, number)]))
    return bundles


def popped(gathering: Gathering, bundles: Sequence[OutcomeBundle]) -> list[tuple[int, str]]:
    """Return the sales that were popped and the day of each, in the order of days."""
    days: list[tuple[int, str]] = []
    following = 0
    for bundle in (*bundles, *(OutcomeBundle(n, Seconds(LAST_DAY * 3 * DAY)) for n in (0, 1))):
        before = gathering.complete_until()
        gathering.receive(bundle)
        assert gathering.complete_until() >= before
        if gathering.complete_until() == BEGINNING:
            continue
        while following < day_of(gathering.complete_until()):
            for batch in gathering.pop(Day(following)).values():
                days += [(following, fresh.sale_id) for fresh in batch.fresh]
            following += 1
    return days


def on_time_law(gathering: type[Gathering], data: st.DataObject) -> None:
    """Check that an empty ledger changes nothing, if it sends nothing about that time later."""
    bundles = sent(data, late=False)
    without = [bundle for bundle in bundles if not bundle.empty]
    expected = popped(Gathering([PATTERN], 2, KEPT), without)
    assert sorted(popped(gathering([PATTERN], 2, KEPT), bundles)) == sorted(expected)


def late_law(gathering: type[Gathering], data: st.DataObject) -> None:
    """Check that all that is sent is popped, once, also about the time when a ledger was empty."""
    bundles = sent(data, late=True)
    sales = [fresh.sale_id for bundle in bundles for fresh in bundle.outcomes]
    found = popped(gathering([PATTERN], 2, KEPT), bundles)
    assert sorted(sale_id for _, sale_id in found) == sorted(sales)


def progress_law(gathering: type[Gathering], data: st.DataObject) -> None:
    """Check that after an empty ledger has said so only the others are waited for."""
    until = data.draw(st.floats(0, 9)) * DAY
    gathered = gathering([PATTERN], 2, KEPT)
    gathered.receive(OutcomeBundle(0, Seconds(until)))
    gathered.receive(EMPTY)
    assert gathered.complete_until() == until


@given(data=st.data())
def test_a_ledger_that_was_empty_changes_nothing(data: st.DataObject) -> None:
    on_time_law(Gathering, data)


@given(data=st.data())
def test_what_comes_late_from_one_that_was_empty_is_not_lost(data: st.DataObject) -> None:
    late_law(Gathering, data)


@given(data=st.data())
def test_an_empty_ledger_is_not_waited_for(data: st.DataObject) -> None:
    progress_law(Gathering, data)


def test_the_laws_catch_what_breaks_them() -> None:
    assert refuted(on_time_law, IgnoresTheEmpty)
    assert refuted(late_law, ForgetsTheFirst)
    assert refuted(progress_law, WaitsForTheEmpty)


@pytest.mark.parametrize("partitions", [2, 4])
@settings(max_examples=8)
@given(data=st.data())
def test_an_installation_with_empty_partitions_emits_what_one_process_emits(
    partitions: int, data: st.DataObject
) -> None:
    events = [
        event
        for event in data.draw(orders(data.draw(EVENTS)))
        if place_of(event.account_id, partitions) == 0
    ]
    installation = Installation(events, partitions)
    random = data.draw(st.randoms(use_true_random=True))
    installation.run(random, empty=range(1, partitions))
    assert installation.alerts == in_one_process(events)
