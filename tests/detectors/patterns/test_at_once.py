"""What is certain is told of an account at once, and all that waits has a reason to."""

from collections.abc import Sequence
from math import inf
from typing import Any, Final, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Seconds, seconds_at
from detectors.basis.identifiers import AccountId
from detectors.correction_settings import CorrectionSettings
from detectors.events.event import AccountMerged, AnyEvent
from detectors.facts.account import Account, Verdict
from detectors.facts.questions import CANCELLATIONS
from detectors.facts.sales import Reals, Sales
from detectors.ledger.clock import EventClock
from detectors.ledger.merging.at_once import Asked
from detectors.ledger.stage import Ledger
from detectors.patterns import Patterns, SalePattern
from detectors.patterns.account.denied_sale import DENIED, DeniedSale
from detectors.patterns.example import after, cancelled, sold, used
from detectors.settings import Settings
from tests.detectors.patterns.by_account import AT_ONCE, BY_ACCOUNT
from tests.detectors.patterns.claims import claims_that_hold
from tests.detectors.patterns.test_by_account import NEVER, OFF, rerouted
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, SETTINGS, late_orders, orders, worlds

PATTERNS: Final = {name: BY_ACCOUNT[name][0] for name in AT_ONCE}

REGISTERED: Final[dict[str, SalePattern]] = {
    name: pattern
    for name, pattern in structs.asdict(Patterns()).items()
    if isinstance(pattern, SalePattern)
}

CHANGED_LATER: Final[dict[str, tuple[AnyEvent, ...]]] = {
    "unused_account": (used(9),),
    "simulated_funding": (used(6, kind="payment"),),
}
"""What may come before the end of the window and change a bad verdict, of those that wait."""


class Finding(NamedTuple):
    pattern: str
    sale_id: str
    known_at: float
    opened_at: float


def ledger_of(patterns: dict[str, SalePattern], settings: Settings = SETTINGS) -> Ledger:
    return Ledger(structs.replace(settings, patterns=Patterns(**(OFF | patterns))))


def run(ledger: Ledger, events: Sequence[AnyEvent], every: int) -> list[Any]:
    """Return what a ledger tells of accounts, drained after every so many events."""
    found: list[Any] = []
    clock = EventClock(SETTINGS.time, ("events",))
    for number, event in enumerate(events):
        ledger.apply(event)
        clock.observe("events", seconds_at(event.occurred_at), event.account_id)
        ledger.advance(clock.watermark())
        if number % every == 0:
            found += ledger.drain().bundle.findings
    ledger.advance(END)
    return found + ledger.drain().bundle.findings


def told(ledger: Ledger, events: Sequence[AnyEvent], every: int) -> set[Finding]:
    found = run(ledger, events, every)
    assert not any(one.withdrawn for one in found)
    return {Finding(one.pattern, one.sale.sale_id, one.known_at, one.opened_at) for one in found}


def defined(events: Sequence[AnyEvent], names: Sequence[str]) -> set[Finding]:
    found = set()
    for (account_id, sale_id), sale in claims_that_hold(events).items():
        own = [one for one in events if one.account_id == account_id]
        for name in names:
            at = AT_ONCE[name](sale, seconds_of(PATTERNS[name].window), own)
            if at < inf:
                found.add(Finding(name, sale_id, at, at))
    return found


def moment_law(patterns: dict[str, SalePattern], data: st.DataObject) -> None:
    """Hold that it is told when it is certain, however often and in what order one looks."""
    events = data.draw(st.one_of(worlds(most=5), rerouted()))
    arrived, every = data.draw(orders(events)), data.draw(st.sampled_from((1, 7, 1_000)))
    assert told(ledger_of(patterns), arrived, every) == defined(arrived, list(patterns))


@given(st.data())
def test_what_is_certain_is_told_when_it_is(data: st.DataObject) -> None:
    moment_law(PATTERNS, data)


class _AtTheFirstWord(DeniedSale, frozen=True, kw_only=True):
    """A fault: it does not wait until no clock can have put another sale before the denial."""

    def certain_at(self, sales: Sales) -> Reals:
        cancelled_so = sales[CANCELLATIONS].said_at(NEVER)
        first = np.full(len(sales), inf)
        for row, _, _, acts in sales[DENIED]._done():  # noqa: SLF001 - a fault
            if acts:
                first[row] = max(acts[0].at, float(sales.at[row]))
        earliest: Reals = np.minimum(cancelled_so, first)
        return earliest


class _AtTheEnd(DeniedSale, frozen=True, kw_only=True):
    """A fault: it waits for the end of the window."""

    def certain_at(self, sales: Sales) -> Reals:
        return np.where(np.isfinite(super().certain_at(sales)), sales.end, inf)


@pytest.mark.parametrize("broken", [_AtTheFirstWord, _AtTheEnd])
def test_the_law_catches_what_is_told_too_early_or_too_late(broken: type[DeniedSale]) -> None:
    pattern: dict[str, SalePattern] = {"denied_sale": broken(enabled=True, window="4d")}
    assert refuted(moment_law, pattern, examples=200)


def test_the_law_catches_facts_that_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_activity(_asked: Asked, account: Account, _index: int) -> bool:
        """Tell a fault: a cancellation makes nothing certain."""
        return bool(account.acts)

    monkeypatch.setattr(Asked, "concerns", of_activity)
    assert refuted(moment_law, PATTERNS, examples=200)


@given(st.data())
def test_late_events_lead_to_the_same(data: st.DataObject) -> None:
    """What is open in the end is what is so of the events in time."""
    events = data.draw(st.one_of(worlds(most=5), rerouted()))
    arrived = data.draw(late_orders(events))
    every = data.draw(st.sampled_from((1, 7, 1_000)))
    last = {(o.pattern, o.sale.sale_id, o.sale.at): o for o in run(ledger_of(PATTERNS), arrived, 1)}
    seldom = run(ledger_of(PATTERNS), arrived, every)
    assert last == {(one.pattern, one.sale.sale_id, one.sale.at): one for one in seldom}
    still = {(name, sale_id) for (name, sale_id, _), one in last.items() if not one.withdrawn}
    assert still == {(one.pattern, one.sale_id) for one in defined(events, list(PATTERNS))}


def test_what_was_certain_before_a_merge_stands_and_what_comes_after_it_is_not_told() -> None:
    settings = structs.replace(SETTINGS, corrections=CorrectionSettings(merges=True))
    said = cancelled(1, reason="never_ordered")
    for days, number in ((2.0, 1), (0.5, 0)):
        merged = AccountMerged(
            event_id="merged",
            account_id=sold().account_id,
            occurred_at=after(days),
            into_account_id=AccountId("account-2"),
        )
        ledger = ledger_of({"denied_sale": PATTERNS["denied_sale"]}, settings)
        found = run(ledger, [sold(), merged, said], 1)
        assert [one.withdrawn for one in found] == [False] * number
        outcomes = [one.verdict for one in ledger.drain().bundle.outcomes]
        assert Verdict.BAD not in outcomes


def test_a_claim_of_another_seller_takes_it_back() -> None:
    """It is told of whoever holds the sale, with the moment at which it was certain."""
    settings = structs.replace(SETTINGS, corrections=CorrectionSettings(versions=True))
    ledger = ledger_of({"denied_sale": PATTERNS["denied_sale"]}, settings)
    ledger.apply(sold())
    ledger.apply(cancelled(1, reason="never_ordered"))
    ledger.advance(Seconds(seconds_at(after(2))))
    assert len(ledger.drain().bundle.findings) == 1
    corrected = sold(event_id="again", agent_id="agent-2", version=2)
    ledger.apply(corrected)
    found = ledger.drain().bundle.findings
    assert [(one.sale.agent_id, one.withdrawn) for one in found] == [
        ("agent-1", True),
        ("agent-2", False),
    ]
    assert {one.opened_at for one in found} == {seconds_at(after(1))}
    assert [one.revision for one in found] == [2, 3]


@pytest.mark.parametrize("name", sorted(REGISTERED))
def test_hard_evidence_waits_only_for_what_may_change_it(name: str) -> None:
    pattern = REGISTERED[name]
    waits = pattern.alerts_on_account and seconds_of(pattern.window) > 0.0
    assert pattern.tells_at_once <= waits
    assert (name in AT_ONCE) is pattern.tells_at_once
    if not waits or pattern.tells_at_once:
        assert name not in CHANGED_LATER
        return
    configured = structs.replace(pattern, enabled=True, **pattern.example_settings)
    bad = next(one for one in pattern.examples if one.verdict is Verdict.BAD)
    for events, wanted in ((bad.events, 1), ((*bad.events, *CHANGED_LATER[name]), 0)):
        assert len(run(ledger_of({name: configured}), events, 1)) == wanted
