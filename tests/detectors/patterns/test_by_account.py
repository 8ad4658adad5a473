"""Patterns on what becomes of a sale say what their definitions say, in any order of events."""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bench.speed.joining import SOURCE, join_all
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Seconds
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent, CancellationReason, Initiator
from detectors.facts.account import Verdict
from detectors.facts.acts import MOST_A_DAY, Act, Acts, acts_since, with_act
from detectors.facts.questions import CANCELLATIONS
from detectors.facts.sales import Flags, Sales
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.patterns import Patterns, SalePattern
from detectors.patterns.account.burst import Burst
from detectors.patterns.account.denied_sale import DENIED, DeniedSale
from detectors.patterns.account.edited_contact import CHANGED, EditedContact
from detectors.patterns.account.failed_verification import VERIFIED, FailedVerification
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.account.self_cancelled import SelfCancelled
from detectors.patterns.account.unused_account import UnusedAccount
from detectors.patterns.verdicts import Verdicts, choose, nothing
from detectors.scanning.lines import LineScanner
from tests.detectors.patterns.by_account import BY_ACCOUNT
from tests.detectors.patterns.claims import claims_that_hold
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    END,
    SETTINGS,
    Done,
    activity,
    cancellation,
    in_order,
    orders,
    sale,
    worlds,
)

PATTERNS: Final = {name: pattern for name, (pattern, _) in BY_ACCOUNT.items()}
OFF: Final[dict[str, Any]] = {
    "quick_cancellation": QuickCancellation(enabled=False),
    "unused_account": UnusedAccount(enabled=False),
    "burst": Burst(enabled=False),
}

Said = dict[tuple[str, str, str], Verdict]


def told(events: Sequence[AnyEvent], patterns: dict[str, SalePattern]) -> Said:
    """Return what a ledger says of every sale in the end, without what it excludes."""
    registry = Patterns(**(OFF | patterns))
    ledger = Ledger(structs.replace(SETTINGS, patterns=registry))
    for event in events:
        ledger.apply(event)
    return said_of(ledger)


def told_of_lines(events: Sequence[AnyEvent], patterns: dict[str, SalePattern]) -> Said:
    """Return the same of a file of these events: in columns, as far as that is possible."""
    registry = Patterns(**(OFF | patterns))
    settings = structs.replace(SETTINGS, patterns=registry)
    ledger, decode = Ledger(settings), EventDecoder(settings.limits).decode
    lines = [msgspec.json.encode(event) for event in events]
    scanned = LineScanner(settings.limits, numbers=ledger.numbers).scan(lines)
    join_all(ledger, EventClock(settings.time, (SOURCE,)), scanned, lines, decode)
    return said_of(ledger)


def said_of(ledger: Ledger) -> Said:
    """Return what a ledger says in the end."""
    ledger.advance(END)
    said: Said = {
        (one.pattern, one.account_id, one.sale_id): one.verdict
        for one in ledger.drain().bundle.outcomes
    }
    return {key: verdict for key, verdict in said.items() if verdict is not Verdict.EXCLUDED}


def defined(events: Sequence[AnyEvent], names: Sequence[str]) -> Said:
    """Return what the definitions say, likewise."""
    found: Said = {}
    for (account_id, sale_id), sold in claims_that_hold(events).items():
        own = [one for one in events if one.account_id == account_id]
        for name in names:
            pattern, verdict = BY_ACCOUNT[name]
            window = seconds_of(pattern.window)
            found[name, account_id, sale_id] = verdict(sold, window, own)
    return {key: verdict for key, verdict in found.items() if verdict is not Verdict.EXCLUDED}


MOVES: Final = (
    Done("deposit", amount=10.0, party="p"),
    Done("deposit", amount=10.0, party="q"),
    Done("withdrawal", amount=-9.0, party="p"),
    Done("withdrawal", amount=10.0, party="q"),
    Done("withdrawal", amount=1.0, party="p"),
    Done("withdrawal"),
    Done("usage"),
    Done("login", agent="anna"),
)
"""What is done with accounts that may be funded for show."""


@st.composite
def funded(draw: st.DrawFn) -> list[AnyEvent]:
    """Draw accounts of one sale, with movements of money."""
    events: list[AnyEvent] = []
    for number in range(draw(st.integers(1, 4))):
        account, begin = f"account {number}", draw(st.integers(0, 200))
        events.append(sale(begin, account, f"sale {number}"))
        moves = st.lists(st.tuples(st.integers(-8, 130), st.sampled_from(MOVES)), max_size=5)
        events += [activity(begin + after, account, done=one) for after, one in draw(moves)]
    return in_order(events)


ANSWERS: Final = (
    Done("verification", "boris", "confirmed"),
    Done("verification", None, "refused"),
    Done("verification", "anna", "confirmed"),
    Done("verification", "anna", "refused"),
    Done("verification", None, "not reached"),
    Done("verification", "boris", "never_ordered"),
)
"""What is said of accounts whose sales are verified."""


@st.composite
def verified(draw: st.DrawFn) -> list[AnyEvent]:
    """Draw accounts of some sales by anna, or by others too, with verifications."""
    events: list[AnyEvent] = []
    for number in range(draw(st.integers(1, 4))):
        account, begin = f"account {number}", draw(st.integers(0, 200))
        for index, agent in enumerate(draw(st.sampled_from(("a", "aa", "ab", "n")))):
            who = {"a": "anna", "b": "boris", "n": None}[agent]
            events.append(sale(begin + 30 * index, account, f"sale {number}.{index}", who))
        said = st.lists(st.tuples(st.integers(-8, 130), st.sampled_from(ANSWERS)), max_size=3)
        events += [activity(begin + after, account, "agent", one) for after, one in draw(said)]
    return in_order(events)


INITIATED: Final[tuple[Initiator, ...]] = ("agent", "agent", "customer")
CHANGES: Final = st.tuples(
    st.integers(-8, 130),
    st.sampled_from((None, "anna", "boris")),
    st.sampled_from(INITIATED),
    st.sampled_from((("a", "b"), ("b", "a"), ("b", "c"), ("a", "a"), ("a", None))),
)


@st.composite
def rerouted(draw: st.DrawFn) -> list[AnyEvent]:
    """Draw accounts of one sale, with changes of how their customers can be reached."""
    events: list[AnyEvent] = []
    for number in range(draw(st.integers(1, 4))):
        account, begin = f"account {number}", draw(st.integers(0, 200))
        events.append(sale(begin, account, f"sale {number}"))
        for after, agent, who, (before, now) in draw(st.lists(CHANGES, max_size=5)):
            change = activity(begin + after, account, who, Done("contact_change", agent))
            named = f"{change.event_id} {agent} {before} {now}"
            told = {"former_contact_hash": before, "contact_hash": now, "event_id": named}
            events.append(structs.replace(change, **told))
    return in_order(events)


@given(st.one_of(worlds(most=6), funded(), verified(), rerouted()), st.data())
def test_each_says_what_its_definition_says_in_any_order(
    events: list[AnyEvent], data: st.DataObject
) -> None:
    arrived = data.draw(orders(events))
    assert told(arrived, PATTERNS) == defined(arrived, list(PATTERNS))


@given(st.one_of(worlds(most=6), funded(), verified(), rerouted()))
def test_lines_say_the_same(events: list[AnyEvent]) -> None:
    assert told_of_lines(events, PATTERNS) == defined(events, list(PATTERNS))


class _ByAnybody(EditedContact, frozen=True, kw_only=True):
    """A fault: what the back office changes is the seller's doing."""

    def verdicts(self, sales: Sales) -> Verdicts:
        return choose(nothing(sales), ~sales[CHANGED].any())


class _AtTheirWish(SelfCancelled, frozen=True, kw_only=True):
    """A fault: what the customer asked for is charged."""

    def verdicts(self, sales: Sales) -> Verdicts:
        return choose(nothing(sales), ~sales[CANCELLATIONS].by_seller()[0])


NEVER: Final[tuple[CancellationReason, ...]] = ("never_ordered",)


class _OfOthers(DeniedSale, frozen=True, kw_only=True):
    """A fault: a denial is about every sale of its account."""

    def verdicts(self, sales: Sales) -> Verdicts:
        denied = np.isfinite(sales[CANCELLATIONS].said_at(NEVER)) | sales[DENIED].any()
        return choose(nothing(sales), np.logical_not(denied))


class _ByTheSeller(FailedVerification, frozen=True, kw_only=True):
    """A fault: the seller's own verification is one like any."""

    def verdicts(self, sales: Sales) -> Verdicts:
        return choose(~sales[VERIFIED].any(), nothing(sales))

    def unknown(self, sales: Sales) -> Flags:
        return ~sales[VERIFIED].any()


@pytest.mark.parametrize(
    "broken",
    [
        _ByTheSeller(enabled=True, window="4d"),
        _ByAnybody(enabled=True, window="5d"),
        _AtTheirWish(enabled=True, window="3d"),
        _OfOthers(enabled=True, window="4d"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_the_law_catches_a_pattern_that_accuses_too_much(broken: SalePattern) -> None:
    def holds(pattern: SalePattern, data: st.DataObject) -> None:
        events = data.draw(st.one_of(worlds(most=6), verified()))
        assert told(events, {pattern.name: pattern}) == defined(events, [pattern.name])

    assert refuted(holds, broken, examples=200)


TIMES: Final = st.floats(0.0, 5.0 * DAY)


def _act(number: int, at: float) -> Act:
    return Act(Seconds(at), f"e{number:03d}", "complaint")


def _time(act: Act) -> tuple[float, str]:
    return (act.at, act.event_id)


def _union(acts: Sequence[Act], forget_before: float | None = None) -> Acts:
    known: Acts = ()
    for number, act in enumerate(acts):
        added = with_act(known, act)
        known = known if added is None else added
        if forget_before is not None and number == len(acts) // 2:
            known = acts_since(known, Seconds(forget_before))
    return known


@given(st.lists(TIMES, max_size=60), st.randoms(use_true_random=False), TIMES)
def test_acts_are_a_bounded_set_whatever_was_forgotten(
    times: list[float],
    random: Random,
    since: float,
) -> None:
    acts = [_act(number, at) for number, at in enumerate(times)]
    known = _union(acts)
    shuffled = [*acts, *acts[::3]]
    random.shuffle(shuffled)
    assert _union(shuffled) == known
    for day in range(6):
        own = [one for one in known if one.at // DAY == day]
        assert own == sorted((one for one in acts if one.at // DAY == day), key=_time)[:MOST_A_DAY]
    # What comes from a time on is remembered the same, when what was before it is forgotten.
    in_time = [one for one in shuffled if one.at >= since]
    before = [one for one in shuffled if one.at < since]
    kept = acts_since(known, Seconds(since))
    assert acts_since(_union([*before, *in_time], since), Seconds(since)) == kept


def test_what_is_excluded_for_a_missing_field_is_counted() -> None:
    """A source that never tells who keyed, or where money goes, is told of, and accuses nobody."""
    events: list[AnyEvent] = [sale(0), cancellation(9, initiated_by="agent")]
    events += [activity(2, initiated_by="agent", done=Done("contact_change"))]
    events += [activity(3, done=Done(kind)) for kind in ("deposit", "withdrawal")]
    names = ["edited_contact", "self_cancelled", "simulated_funding"]
    settings = structs.replace(
        SETTINGS, patterns=Patterns(**(OFF | {name: PATTERNS[name] for name in names}))
    )
    ledger = Ledger(settings)
    for event in events:
        ledger.apply(event)
    ledger.advance(END)
    assert ledger.drain().bundle.outcomes == []
    coverage = ledger.matches.counts.coverage
    assert {name: (one.sales, one.unknown) for name, one in coverage.items()} == dict.fromkeys(
        names, (1, 1)
    )
