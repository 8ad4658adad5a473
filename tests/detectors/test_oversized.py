"""An account of more sales than one customer makes: told of by sale, and never by its use."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import Seconds, seconds_at
from detectors.basis.identifiers import AccountId, SaleId
from detectors.correction_settings import CorrectionSettings
from detectors.events.event import AnyEvent, Cancellation, Sale
from detectors.facts.account import Account, Verdict
from detectors.facts.apart import account_of
from detectors.facts.questions import asks_activity
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.limit_settings import Limits
from detectors.settings import Settings
from tests.detectors.ledger.account_alerts import alerts_of
from tests.detectors.ledger.runs import SETTLED_HERE, LedgerRun
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    CORRECTIONS,
    DONE,
    END,
    HOUR,
    INITIATORS,
    LATENESS,
    LONGEST,
    REFUNDS,
    SETTINGS,
    activity,
    at,
    cancellation,
    in_order,
    late_orders,
    orders,
    sale,
)

MOST: Final = 3
SMALL: Final = structs.replace(SETTINGS, limits=Limits(most_sales_on_account=MOST))
REMEMBERED: Final = LONGEST + CORRECTIONS
Law = Callable[[type[Ledger], st.DataObject], None]

BY_USE: Final = {p.name for p in SETTLED_HERE if asks_activity(p.questions)}


def others_between(number: int, hours: float) -> list[AnyEvent]:
    """Return what happens on other accounts: one account alone moves no clock."""
    return [activity(hours + later, f"other {number} {later}") for later in (0, 5)]


@st.composite
def house_accounts(draw: st.DrawFn) -> list[AnyEvent]:
    """Draw an account of many sales, with gaps as long as one is remembered."""
    events, sold = list[AnyEvent](), draw(st.integers(0, 24))
    for number in range(draw(st.integers(MOST, 3 * MOST))):
        name = f"guest {number}"
        old = f"guest {number - 1}" if number and draw(st.booleans()) else None
        agent = draw(st.sampled_from(("anna", "boris")))
        events.append(sale(sold, "guest", name, agent, customer=name, replaces=old))
        if draw(st.booleans()):
            after, refund = draw(st.integers(-30, 90)), draw(st.sampled_from(REFUNDS))
            who = draw(st.sampled_from(INITIATORS))
            events.append(cancellation(sold + after, "guest", name, who, refund=refund))
        if draw(st.booleans()):
            done = draw(st.sampled_from(DONE))
            events.append(activity(sold + draw(st.integers(-3, 60)), "guest", done=done))
        events += others_between(number, sold)
        steps = st.sampled_from((0, 1, 2, 20, REMEMBERED // MOST, REMEMBERED, REMEMBERED + 1))
        sold += draw(steps)
    return in_order(events)


def told(run: LedgerRun) -> tuple[object, ...]:
    """Return all that a ledger told: outcomes and findings, what it counted, and days."""
    days = {
        day: (
            sorted(map(repr, told.made)),
            {name: sorted(map(repr, ended)) for name, ended in told.ended.items()},
        )
        for day, told in run.days.items()
    }
    return run.emitted(), run.ledger.matches.counts, days


class DecidesAtArrival(Ledger):
    """Takes an account for oversized as soon as so many sales have come, whatever their times."""

    def _look_at(self, account_id: AccountId, account: Account, at: Seconds) -> None:
        super()._look_at(account_id, account, at)
        if account_id in self._crowded:
            self._declare(account_id, account, self._crowded.pop(account_id), self.watermark)


class DropsWhatComesAhead(Ledger):
    """Loses the cancellations of a sale that is not to be kept apart, and comes after them."""

    def _bring_back(self, account_id: AccountId, account: Account, name: AccountId) -> None:
        del account_id, account
        self._changed.add(name)
        del self._accounts[name]


class HearsNoReplacement(Ledger):
    """Judges a sale that is kept apart without the one in its place."""

    def _share(self, *_: object) -> None:
        pass


class ForgetsThatItWasOversized(Ledger):
    """Does not look, after a restart, for accounts that may be oversized."""

    def note_crowded(self, account_id: AccountId, account: Account) -> None:
        pass


class TellsOfItsUse(Ledger):
    """Leaves standing what was told of the use of an account before it was oversized."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._settlement.take_back = self._leave_it  # type: ignore[method-assign]  # a fault

    def _leave_it(self, *_: object, **__: object) -> None:
        pass


def order_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(house_accounts())
    every = data.draw(st.integers(1, len(events)))
    run = LedgerRun(data.draw(orders(events)), ledger(SMALL), every=every)
    assert told(LedgerRun(events, ledger(SMALL))) == told(run)


def batch_law(ledger: type[Ledger], data: st.DataObject) -> None:
    arrived = data.draw(late_orders(data.draw(house_accounts())))
    every = data.draw(st.integers(1, len(arrived)))
    run = LedgerRun(arrived, ledger(SMALL), every=every)
    assert told(LedgerRun(arrived, ledger(SMALL))) == told(run)


def restart_law(ledger: type[Ledger], data: st.DataObject) -> None:
    arrived = data.draw(late_orders(data.draw(house_accounts())))
    every = data.draw(st.integers(1, len(arrived)))
    expected = LedgerRun(arrived, Ledger(SMALL)).emitted()
    assert restarted(arrived, ledger, every) == expected


def restarted(events: Sequence[AnyEvent], ledger: type[Ledger], every: int) -> set[bytes]:
    """Run ledgers each of which hands to the next the accounts it has changed, and no more."""
    clock, running = EventClock(SMALL.time, ("events",)), ledger(SMALL)
    written, emitted = dict[AccountId, bytes](), set[bytes]()
    for number, event in enumerate((*events, None)):
        if event is None:
            running.advance(Seconds(END))
        else:
            running.apply(event)
            clock.observe("events", seconds_at(event.occurred_at), event.account_id)
            running.advance(clock.watermark())
        if event is not None and number % every:
            continue
        output = running.drain()
        findings = alerts_of(output)
        emitted |= {msgspec.json.encode(one) for one in (*output.bundle.outcomes, *findings)}
        for account_id in output.changed:
            account = running.account(account_id) or Account()
            written[account_id] = msgspec.msgpack.encode(account)
        watermark, running = running.watermark, ledger(SMALL)
        decoded = {n: msgspec.msgpack.decode(a, type=Account) for n, a in written.items()}
        running.restore(decoded, watermark)
    return emitted


def same_law(ledger: type[Ledger], data: st.DataObject) -> None:
    """Hold that patterns which ask for no use tell the same as if no account was oversized."""
    assert same_is_told(ledger, data.draw(orders(data.draw(house_accounts()))))


def same_is_told(ledger: type[Ledger], events: list[AnyEvent]) -> bool:
    runs = LedgerRun(events, ledger(SMALL)), LedgerRun(events, Ledger(SETTINGS))
    by_name, without = ([o for o in run.outcomes if o.pattern not in BY_USE] for run in runs)
    return set(map(msgspec.json.encode, by_name)) == set(map(msgspec.json.encode, without))


def nobody_law(ledger: type[Ledger], data: st.DataObject) -> None:
    """Hold that nobody is told of for the use of an account that is oversized."""
    events = [one for one in data.draw(house_accounts()) if not isinstance(one, Cancellation)]
    run = LedgerRun(data.draw(orders(events)), ledger(SMALL))
    last = {(one.pattern, one.sale_id): one.verdict for one in run.outcomes}
    whose = nobodys(events)
    assert not [
        one
        for one, verdict in last.items()
        if one[0] in BY_USE and one[1] in whose and verdict is not Verdict.EXCLUDED
    ]


def nobodys(events: Sequence[AnyEvent]) -> set[SaleId]:
    """Return the sales on an account while it is oversized, by definition."""
    span, until = REMEMBERED * HOUR, -1.0
    found, single = set[SaleId](), list[tuple[float, SaleId]]()
    for event in events:
        if not isinstance(event, Sale):
            continue
        sold = seconds_at(event.occurred_at)
        single.append((sold, event.sale_id))
        if sold > until and sum(sold - other < span for other, _ in single) <= MOST:
            continue
        found |= {sale_id for other, sale_id in single if sold - other <= span}
        single, until = [], sold + span
    return found


@pytest.mark.parametrize("law", [order_law, batch_law, restart_law, same_law, nobody_law])
@given(data=st.data())
def test_laws_hold_of_oversized_accounts(law: Law, data: st.DataObject) -> None:
    law(Ledger, data)


@pytest.mark.parametrize(
    ("law", "ledger"),
    [
        (order_law, DecidesAtArrival),
        (restart_law, ForgetsThatItWasOversized),
        (nobody_law, TellsOfItsUse),
    ],
)
def test_each_law_catches_what_breaks_it(law: Law, ledger: type[Ledger]) -> None:
    assert refuted(law, ledger, examples=300)


_LAST: Final = 30
_GUESTS: Final = [sale(number * 10, "guest", f"guest {number}") for number in range(MOST + 1)]
_OTHERS: Final = [one for number in range(20) for one in others_between(number, number * 14)]
_IN_ITS_PLACE: Final = [
    *_GUESTS,
    sale(_LAST + 10, "guest", "old"),
    cancellation(_LAST + 11, "guest", "old"),
    sale(_LAST + 20, "guest", "new", "boris", replaces="old"),
]
_AHEAD: Final = [
    *_GUESTS,
    cancellation(_LAST + REMEMBERED - 20, "guest", "next"),
    sale(_LAST + REMEMBERED + 10, "guest", "next"),
]


@pytest.mark.parametrize(
    ("events", "broken"), [(_IN_ITS_PLACE, HearsNoReplacement), (_AHEAD, DropsWhatComesAhead)]
)
def test_what_names_a_sale_counts_wherever_it_is_kept(
    events: list[AnyEvent], broken: type[Ledger]
) -> None:
    arrived = in_order([*events, *_OTHERS])
    assert same_is_told(Ledger, arrived)
    assert not same_is_told(broken, arrived)


def test_ids_of_accounts_are_told_as_their_source_has_them() -> None:
    events = [sale(number, "guest", f"guest {number}") for number in range(2 * MOST)]
    cancelled = [cancellation(number + 1, "guest", f"guest {number}") for number in range(MOST)]
    run = LedgerRun(in_order([*events, *cancelled]), Ledger(SMALL))
    assert run.ledger.matches.counts.oversized == 1
    assert {one.account_id for one in run.outcomes} == {"guest"}


@pytest.mark.parametrize("version", [None, 2])
@pytest.mark.parametrize("contested_at", [0, 5, 40])
def test_disputes_are_told_as_if_no_account_was_oversized(
    contested_at: int, version: int | None
) -> None:
    """Whether second claims came before the account was oversized, meanwhile, or after it.

    Each is told once time has passed it, and does not wait for a window to end.
    """
    until = seconds_at(at(max(contested_at, 2 * MOST) + 1))
    events = [sale(number, "guest", f"guest {number}") for number in range(2 * MOST)]
    contested = [
        structs.replace(sale(contested_at, "guest", one.sale_id, "boris"), version=version)
        for one in events
    ]
    arrived = in_order([*events, *contested, *_OTHERS])
    arrived = [one for one in arrived if seconds_at(one.occurred_at) < until]
    believed = CorrectionSettings(versions=True)
    kept, apart = (
        LedgerRun(arrived, Ledger(structs.replace(each, corrections=believed)), until)
        for each in (SETTINGS, SMALL)
    )
    assert apart.ledger.matches.counts.oversized == 1
    assert {one.account_id for one in apart.disputes} == {"guest"}
    assert len(kept.disputes) == len(contested)
    assert set(map(repr, apart.disputes)) == set(map(repr, kept.disputes))
    assert set(map(repr, apart.contested)) == set(map(repr, kept.contested))


def test_an_account_at_the_bound_is_no_oversized_one() -> None:
    events = [sale(number, "guest", f"guest {number}") for number in range(MOST)]
    later = [sale(REMEMBERED + n, "guest", f"later {n}") for n in range(MOST)]
    assert LedgerRun([*events, *later], Ledger(SMALL)).ledger.matches.counts.oversized == 0


def test_of_an_oversized_account_one_change_writes_one_sale() -> None:
    """The cost of a change, in the state too, does not depend on how many sales there are."""
    ledger = Ledger(SMALL)
    for number in range(200):
        ledger.apply(sale(number / 100, "guest", f"guest {number}"))
    ledger.advance(Seconds(seconds_at(at(2 + LATENESS))))
    ledger.drain()
    ledger.apply(cancellation(3 + LATENESS, "guest", "guest 7"))
    changed = ledger.drain().changed
    assert len(changed) == 1
    assert {account_of(name) for name in changed} == {"guest"}
    assert {len(account.sales) for account in ledger.accounts().values()} == {0, 1}
