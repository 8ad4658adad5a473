"""Accounts that became part of others: what could not be seen since is told of nobody."""

from collections.abc import Sequence
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.alerts.alert import Alert
from detectors.basis.event_time import Seconds, seconds_at
from detectors.basis.identifiers import AccountId, PatternName
from detectors.correction_settings import CorrectionSettings
from detectors.events.event import AccountMerged, AnyEvent, Sale
from detectors.facts.account import Verdict
from detectors.facts.questions import CANCELLATIONS, USES
from detectors.facts.sales import Sales
from detectors.ledger.exclusions import Exclusions
from detectors.ledger.stage import Ledger
from detectors.patterns import SalePattern
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from tests.detectors.channels import AlertLog
from tests.detectors.definition import Fact, facts, facts_in_the_end
from tests.detectors.installation import Installation
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.ledger.told import PLAIN, Told
from tests.detectors.patterns.claims import claims_that_hold
from tests.detectors.patterns.examples import ON_SALES
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    DAYS,
    END,
    HOUR,
    SETTINGS,
    WINDOWS,
    activity,
    at,
    cancellation,
    crowd,
    in_order,
    late_orders,
    orders,
    sale,
    worlds,
)

ON: Final = structs.replace(SETTINGS, corrections=CorrectionSettings(merges=True))


def merged(hours: float, account: str = "a", into: str = "b") -> AccountMerged:
    return AccountMerged(
        event_id=f"merged {account} {into} {hours}",
        account_id=AccountId(account),
        occurred_at=at(hours),
        into_account_id=AccountId(into),
    )


@st.composite
def merging_worlds(draw: st.DrawFn, most: int = 6) -> list[AnyEvent]:
    """Draw a world in which accounts are merged, some again and again, near their sales or not."""
    events = draw(worlds(most))
    sold = [event for event in events if isinstance(event, Sale)]
    for one in draw(st.lists(st.sampled_from(sold), min_size=1, max_size=5)):
        hours = (seconds_at(one.occurred_at) - seconds_at(at(0))) / HOUR
        after = draw(st.integers(-6, 6) | st.integers(-140, 140))
        into = draw(st.sampled_from(["elsewhere", "there", one.account_id]))
        events.append(merged(hours + after, one.account_id, into))
    return in_order(events)


def seen(events: Sequence[AnyEvent], until: Seconds = END) -> set[Fact]:
    """Return what is known of each sale, by definition: nothing of those that a merge touches."""
    times: dict[str, list[float]] = {}
    for event in events:
        if isinstance(event, AccountMerged) and event.into_account_id != event.account_id:
            times.setdefault(event.account_id, []).append(seconds_at(event.occurred_at))
    rest = [event for event in events if not isinstance(event, AccountMerged)]
    sold = {key: seconds_at(one.occurred_at) for key, one in claims_that_hold(rest).items()}

    def is_touched(fact: Fact) -> bool:
        asked = ON_SALES[fact.pattern].pattern.questions
        if {USES, CANCELLATIONS}.isdisjoint(asked):
            return False
        begun, window = sold[fact.account_id, fact.sale_id], WINDOWS[PatternName(fact.pattern)]
        return any(abs(one - begun) <= window for one in times.get(fact.account_id, ()))

    return {fact for fact in facts(rest, until) if not is_touched(fact)}


def told(run: LedgerRun) -> tuple[set[bytes], set[bytes], int]:
    contested = set(map(msgspec.json.encode, run.contested))
    return run.emitted(), contested, run.ledger.matches.counts.merged


def in_time_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(merging_worlds())
    run = LedgerRun(data.draw(orders(events)), ledger(ON), every=data.draw(st.integers(1, 9)))
    assert facts_in_the_end(run.outcomes) == seen(events)
    assert told(run) == told(LedgerRun(events, Ledger(ON)))


@given(st.data())
def test_in_any_order_in_time_sales_that_a_merge_touches_are_told_of_nobody(
    data: st.DataObject,
) -> None:
    in_time_law(Ledger, data)


def late_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(merging_worlds())
    log = data.draw(late_orders(events))
    run = LedgerRun(log, ledger(ON), every=data.draw(st.integers(1, 9)))
    assert run.rejected == []
    assert facts_in_the_end(run.outcomes) == seen(events)
    revisions: dict[str, int] = {}
    for alert in run.alerts:
        assert alert.revision == revisions.get(alert.alert_id, 0) + 1
        revisions[alert.alert_id] = alert.revision


@given(st.data())
def test_a_late_merge_takes_back_what_was_told(data: st.DataObject) -> None:
    late_law(Ledger, data)


class KnowsTheFirstMerge(Ledger):
    """Remembers one merge of an account, and no later one."""

    def _add_merge(self, account_id: AccountId, event: AccountMerged, at: Seconds) -> bool:
        known = self.account(account_id)
        if known is not None and known.merges and at > known.merges[0]:
            return False
        return super()._add_merge(account_id, event, at)


class TakesNothingBack(Ledger):
    """Lets a late merge change nothing that was told."""

    def _add_merge(self, account_id: AccountId, event: AccountMerged, at: Seconds) -> bool:
        super()._add_merge(account_id, event, at)
        return False


class CountsEveryRecord(Ledger):
    """Counts a merge as often as it is told."""

    def _add_merge(self, account_id: AccountId, event: AccountMerged, at: Seconds) -> bool:
        self.matches.counts.merged += 1
        return super()._add_merge(account_id, event, at)


class _OnlyBad(Exclusions):
    def judged(self, pattern: SalePattern, sales: Sales) -> list[int]:
        own = pattern.judged(sales).tolist()
        both = zip(own, super().judged(pattern, sales), strict=True)
        return [one if one == Verdict.GOOD else other for one, other in both]


class LeavesOutTheBadAlone(Ledger):
    """Makes everybody look better whose accounts are merged."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._settlement.exclusions = _OnlyBad(settings, self.distrust)  # type: ignore[misc] # on purpose


class HearsOfNoMerge(Ledger):
    """Takes accounts that were merged for accounts that nobody uses."""

    def _add_merge(self, account_id: AccountId, event: AccountMerged, at: Seconds) -> bool:
        del account_id, event, at
        return False


@pytest.mark.parametrize(
    "broken", [KnowsTheFirstMerge, CountsEveryRecord, LeavesOutTheBadAlone, HearsOfNoMerge]
)
def test_the_law_of_order_catches(broken: type[Ledger]) -> None:
    assert refuted(in_time_law, broken)


@pytest.mark.parametrize("broken", [TakesNothingBack, LeavesOutTheBadAlone])
def test_the_law_of_late_merges_catches(broken: type[Ledger]) -> None:
    assert refuted(late_law, broken)


@given(st.data())
def test_by_default_a_merge_is_counted_and_changes_nothing(data: st.DataObject) -> None:
    events = data.draw(merging_worlds())
    run = LedgerRun(data.draw(orders(events)))
    rest = [event for event in events if not isinstance(event, AccountMerged)]
    assert run.emitted() == LedgerRun(rest).emitted()
    assert not any(one.about == "merged" for one in run.contested)
    accounts = {
        event.account_id
        for event in events
        if isinstance(event, AccountMerged) and event.into_account_id != event.account_id
    }
    assert run.ledger.matches.counts.merged >= len(accounts)


@given(st.data())
def test_columns_and_objects_tell_the_same_of_merges(data: st.DataObject) -> None:
    events = data.draw(merging_worlds())
    log = data.draw(st.one_of(orders(events), late_orders(events)))
    sizes = data.draw(st.lists(st.integers(1, 30), max_size=5))
    on = structs.replace(PLAIN, corrections=ON.corrections)
    in_blocks = Told(Ledger(on)).in_blocks(log, sizes)
    assert in_blocks.everything() == Told(Ledger(on)).one_by_one(log).everything()


def in_one_process(events: Sequence[AnyEvent], cut: int | None = None) -> AlertLog:
    """Return the alerts of one process, saved and replaced after so many events."""
    pipeline, log = Pipeline(ON), AlertLog()
    for number, event in enumerate(events):
        pipeline.apply(event)
        if number == cut:
            log.emit(pipeline.alerts())
            saved, pipeline = pipeline.snapshot(), Pipeline(ON)
            pipeline.restore(saved)
    pipeline.advance(END)
    log.emit(pipeline.alerts())
    return log


@pytest.mark.parametrize("partitions", [1, 3])
@settings(max_examples=3)
@given(data=st.data())
def test_partitions_crashes_and_restarts_change_no_alert(
    partitions: int, data: st.DataObject
) -> None:
    random = data.draw(st.randoms(use_true_random=True))
    events = crowd(random, 50)
    for _ in range(20):
        events.append(merged(random.randrange(DAYS * 24), f"account {random.randrange(50)}"))
    log = data.draw(orders(in_order(events)))
    installation = Installation(log, partitions, settings=ON)
    installation.run(random, crashes=True)
    whole = in_one_process(log)
    assert installation.alerts == whole
    assert in_one_process(log, cut=random.randrange(len(log))) == whole


def alerts_of(events: Sequence[AnyEvent], chosen: Settings = ON) -> list[Alert]:
    pipeline = Pipeline(chosen)
    for event in events:
        pipeline.apply(event)
    pipeline.advance(END)
    return pipeline.alerts()


def test_an_account_that_was_merged_is_not_told_as_unused() -> None:
    used = [activity(hours, "c") for hours in (1, 60, 115, 170)]
    unused: list[AnyEvent] = [sale(0), sale(0, "c", "t"), *used]
    (alert,) = [one for one in alerts_of(unused) if one.pattern == "unused_account"]
    assert alert.subject.id == "a"
    moved = in_order([*unused, merged(96)])
    assert not [one for one in alerts_of(moved) if one.pattern == "unused_account"]
    assert [one for one in alerts_of(moved, SETTINGS) if one.pattern == "unused_account"]
    late = [one for one in alerts_of([*unused, merged(110)]) if one.subject.id == "a"]
    assert [one.status for one in late if one.pattern == "unused_account"] == ["open", "withdrawn"]


def test_however_late_it_is_heeded_while_a_sale_can_be_corrected() -> None:
    known: list[AnyEvent] = [sale(0), sale(0, "c", "t")]
    known += [activity(hours, "c") for hours in (1, 60, 115)]
    for now, is_taken in ((188, True), (200, False)):  # its window ended 68 or 80 hours ago
        run = LedgerRun([*known, activity(170, "c"), activity(now, "c"), merged(110)], Ledger(ON))
        assert [error.reason for error in run.rejected] == ([] if is_taken else ["too_late"])
        told = [one.status for one in run.alerts if one.subject.id == "a"]
        assert told == (["open", "withdrawn"] if is_taken else ["open"])


def test_alerts_about_the_agent_tell_of_sales_that_were_left_out() -> None:
    """Whoever merges accounts to clear somebody is seen in what is told of them anyway."""
    events: list[AnyEvent] = []
    for number in range(60):
        hours, name = number * 12.0, f"account {number}"
        bad = number > 30
        events += [
            sale(hours, name, f"s {number}", "anna" if number % 2 else "boris"),
            activity(hours + 1, name),
        ]
        if bad and number % 2:
            events.append(cancellation(hours + 2, name, f"s {number}"))
        if number in (33, 41):
            events.append(merged(hours + 3, name, "elsewhere"))
    (said,) = {
        sentence
        for alert in alerts_of(in_order(events))
        if alert.agent_id == "anna" and alert.pattern == "quick_cancellation"
        for sentence in alert.data_quality or ()
        if "2 sales" in sentence
    }
    assert said == (
        "In the last 100 days 2 sales of this agent did not count, for their accounts became part "
        "of others: what happened there since could not be seen"
    )
