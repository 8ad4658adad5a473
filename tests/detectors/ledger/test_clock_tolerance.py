"""A use that is dated a little before its sale is one, in any order and after any restart."""

from collections.abc import Sequence
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidSettings
from detectors.basis.event_time import Seconds, seconds_at
from detectors.basis.identifiers import AccountId
from detectors.events.event import AnyEvent
from detectors.facts.account import Account, Verdict
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.messages.outcomes import Outcome
from detectors.settings import read_settings
from detectors.time_settings import TimeSettings
from tests.detectors.definition import facts, facts_in_the_end
from tests.detectors.ledger.broken import (
    ForgetsUsesOfTheDayBefore,
    ForgetsUsesThatASaleMayFollow,
    TrustsClocks,
)
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.patterns.definitions import CLOCK_TOLERANCE
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    CORRECTIONS,
    END,
    LONGEST,
    SETTINGS,
    USED,
    Done,
    activity,
    at,
    in_order,
    late_orders,
    sale,
)

_stored: Final = msgspec.msgpack.Decoder(dict[AccountId, Account])


@st.composite
def used_near_the_sale(draw: st.DrawFn) -> list[AnyEvent]:
    """Draw accounts each of which is used once, some hours before or after its only sale."""
    events: list[AnyEvent] = []
    for number in range(draw(st.integers(1, 6))):
        account, sold = f"account {number}", draw(st.integers(24, 20 * 24))
        around = draw(st.one_of(st.integers(-2 * CLOCK_TOLERANCE, 2), st.integers(-26, -22)))
        events += [sale(sold, account, f"sale {number}"), activity(sold + around, account)]
    return in_order(events)


def tolerance_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(used_near_the_sale())
    order = data.draw(late_orders(events))
    every = data.draw(st.integers(1, 9))
    outcomes = LedgerRun(order, ledger(SETTINGS), every=every).outcomes
    assert facts_in_the_end(outcomes) == facts(events, END)
    assert facts_in_the_end(_restarted(order, ledger)) == facts(events, END)


def _restarted(events: Sequence[AnyEvent], ledger: type[Ledger]) -> list[Outcome]:
    """Return what ledgers tell of which each takes one event and hands its state to the next."""
    clock, outcomes = EventClock(SETTINGS.time, ("events",)), list[Outcome]()
    running = ledger(SETTINGS)
    for event in events:
        running.apply(event)
        clock.observe("events", seconds_at(event.occurred_at), event.account_id)
        running.advance(clock.watermark())
        outcomes += running.drain().bundle.outcomes
        stored = msgspec.msgpack.encode(running.accounts())
        watermark, running = running.watermark, ledger(SETTINGS)
        running.restore(_stored.decode(stored), watermark)
    running.advance(Seconds(END))
    return outcomes + running.drain().bundle.outcomes


@given(st.data())
def test_a_use_counts_from_the_tolerance_before_its_sale_on(data: st.DataObject) -> None:
    tolerance_law(Ledger, data)


def test_the_law_catches_a_ledger_that_trusts_clocks() -> None:
    assert refuted(tolerance_law, TrustsClocks)


@pytest.mark.parametrize(
    ("ledger", "verdict"),
    [(Ledger, Verdict.GOOD), (ForgetsUsesThatASaleMayFollow, Verdict.BAD)],
)
def test_a_use_is_remembered_for_a_sale_that_is_late_and_dated_after_it(
    ledger: type[Ledger], verdict: Verdict
) -> None:
    """Chance hardly ever draws it: the sale must come within the tolerance, at the last moment."""
    running, used = ledger(SETTINGS), activity(48)
    tolerance, at = SETTINGS.time.forgiven, seconds_at(used.occurred_at)
    running.apply(used)
    corrected = seconds_of(SETTINGS.time.corrections_for)
    running.advance(Seconds(at + corrected + tolerance / 2))
    running.drain()
    running.apply(sale(48 + 0.75 * tolerance / 3_600))
    running.advance(Seconds(END))
    outcomes = running.drain().bundle.outcomes
    [unused] = [outcome for outcome in outcomes if outcome.pattern == "unused_account"]
    assert unused.verdict is verdict


@pytest.mark.parametrize("done", [USED, Done(agent="ben")])
def test_a_use_outlives_an_earlier_sale_that_is_forgotten_with_its_own_use(done: Done) -> None:
    """Such accounts leave the ledger in one loop, which must see what else there is."""
    running, first = Ledger(SETTINGS), 24
    forgotten_at = first + LONGEST + CORRECTIONS
    last_use = forgotten_at - CORRECTIONS / 2
    for event in (sale(first), activity(first + 1), activity(last_use, done=done)):
        running.apply(event)
    running.advance(seconds_at(at(forgotten_at + 1)))
    running.drain()
    running.apply(sale(last_use + CLOCK_TOLERANCE / 2, sale_id="second"))
    running.advance(Seconds(END))
    outcomes = running.drain().bundle.outcomes
    [unused] = [
        one for one in outcomes if (one.pattern, one.sale_id) == ("unused_account", "second")
    ]
    assert unused.verdict is Verdict.GOOD


@pytest.mark.parametrize(
    ("hours", "verdict"),
    [
        (-1 / 3_600, Verdict.GOOD),
        (-CLOCK_TOLERANCE, Verdict.GOOD),
        (-24 - 1 / 3_600, Verdict.BAD),
    ],
)
def test_a_use_a_second_before_its_sale_is_a_use(hours: float, verdict: Verdict) -> None:
    [unused] = LedgerRun([activity(48 + hours), sale(48)]).of("unused_account")
    assert unused.verdict is verdict


@pytest.mark.parametrize("hours", [-CLOCK_TOLERANCE - 1 / 3_600, -24])
@pytest.mark.parametrize("done", [USED, Done(agent="ben")])
def test_of_a_use_within_the_day_before_its_sale_nobody_can_tell(hours: float, done: Done) -> None:
    run = LedgerRun([activity(48 + hours, done=done), sale(48)])
    assert run.of("unused_account") == []
    run = LedgerRun([activity(48 + hours, done=done), sale(48), activity(72)])
    assert [one.verdict for one in run.of("unused_account")] == [Verdict.GOOD]


def test_what_the_seller_keyed_on_the_day_before_is_still_no_use() -> None:
    [unused] = LedgerRun([activity(40, done=Done(agent="anna")), sale(48)]).of("unused_account")
    assert unused.verdict is Verdict.BAD


@pytest.mark.parametrize(
    ("ledger", "is_told"), [(Ledger, False), (ForgetsUsesOfTheDayBefore, True)]
)
def test_a_use_of_the_day_before_is_remembered_for_a_sale_that_is_late(
    ledger: type[Ledger], *, is_told: bool
) -> None:
    running, used = ledger(SETTINGS), activity(48)
    running.apply(used)
    corrected = seconds_of(SETTINGS.time.corrections_for)
    running.advance(Seconds(seconds_at(used.occurred_at) + corrected + 10 * 3_600.0))
    running.drain()
    running.apply(sale(48 + 20))
    running.advance(Seconds(END))
    outcomes = running.drain().bundle.outcomes
    assert ("unused_account" in {outcome.pattern for outcome in outcomes}) is is_told


def test_without_a_setting_it_is_the_allowed_lateness() -> None:
    assert TimeSettings().forgiven == 3_600.0
    assert TimeSettings(allowed_lateness="2h").forgiven == 7_200.0
    assert TimeSettings(allowed_lateness="2h", clock_tolerance="1d").forgiven == 86_400.0
    hashes = {
        read_settings({"time": {"clock_tolerance": given_}}).config_hash
        for given_ in ("0s", "1h", "1d")
    }
    assert len(hashes) == 3
    assert read_settings({}).config_hash in hashes


@pytest.mark.parametrize(
    ("table", "refused"),
    [
        ({"time": {"clock_tolerance": "10d"}}, True),
        ({"time": {"clock_tolerance": "9d"}}, False),
        (
            {
                "time": {"clock_tolerance": "10d"},
                "patterns": {"quick_cancellation": {"enabled": False}, "burst": {"enabled": False}},
            },
            False,
        ),
        ({"time": {"clock_tolerance": "an hour"}}, True),
        ({"time": {"clock_tolerance": "99999d"}}, True),
    ],
)
def test_a_tolerance_that_fills_a_window_is_refused(
    table: dict[str, object], *, refused: bool
) -> None:
    if refused:
        with pytest.raises(InvalidSettings, match="clock_tolerance"):
            read_settings(table)
    else:
        read_settings(table)
