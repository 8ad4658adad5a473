"""What met nothing is counted once, whatever the order, the batches and the restarts."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detectors.basis.event_time import Seconds, seconds_at
from detectors.basis.identifiers import AccountId, PatternName
from detectors.events.event import AnyEvent
from detectors.facts.account import Account, SaleRecord
from detectors.facts.cancelling import CancellationRecord
from detectors.ledger.clock import EventClock
from detectors.ledger.matches import Coverage, MatchCounts, Matches
from detectors.ledger.stage import Ledger
from detectors.patterns.sale.pushed_sale import PushedSale
from detectors.settings import Settings
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.patterns.across import ACROSS
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    CORRECTIONS,
    END,
    HOUR,
    LONGEST,
    SETTINGS,
    USED,
    Done,
    activity,
    cancellation,
    in_order,
    orders,
    sale,
)

DOUBTED: Final = int(SETTINGS.time.doubted / HOUR)
"""Hours before a sale from which on a use may belong to it."""

DONE: Final = (
    *(USED, Done("login", agent="anna"), Done("login", agent="boris")),
    Done("other", kind_as_sent="purchase"),
)
"""Whoever keyed it, and whether it was use or not: the account is known by the same id."""

NEEDED: Final = {"one_verifier": ("verifier_id",)}
"""Fields without which a pattern across accounts cannot judge a sale, beside its key."""

DENIED: Final = Done("survey", agent="boris", result="never_ordered")
"""It is no use."""

_stored: Final = msgspec.msgpack.Decoder(dict[AccountId, Account])


@st.composite
def loose_worlds(draw: st.DrawFn) -> tuple[list[AnyEvent], MatchCounts]:
    """Draw accounts with a sale, a cancellation and a use or without, and how many met which."""
    events, expected = list[AnyEvent](), MatchCounts()
    for number in range(draw(st.integers(1, 6))):
        account, at = f"account {number}", draw(st.integers(LONGEST, 20 * 24))
        sold = draw(st.booleans())
        after = draw(st.none() | st.integers(-LONGEST - 9, LONGEST + 90))
        named = draw(st.sampled_from(("s", "S")))
        # While the account is known by the other facts: later, it begins anew.
        used = draw(st.none() | st.integers(-DOUBTED - 3, 3) | st.integers(3, LONGEST + 60))
        used = used if sold or after is None else None
        met = sold and after is not None and named == "s" and abs(after) <= LONGEST
        in_use = sold and used is not None and -DOUBTED <= used <= LONGEST
        if sold:
            made = sale(at, account, "s")
            events.append(made)
            asked = expected.coverage.setdefault(PushedSale.name, Coverage())
            asked.sales += 1
            for name, pattern in ACROSS.items():
                across = expected.coverage.setdefault(PatternName(name), Coverage())
                across.sales += 1
                fields = (pattern.pattern.key or "", *NEEDED.get(name, ()))
                across.unknown += None in [getattr(made, field) for field in fields]
            asked.unknown += made.closing_attempts is None
            expected.sales += 1
            expected.used += in_use
            expected.cancelled += met
            expected.lone_sales += not (met or in_use)
        if after is not None:
            events.append(cancellation(at + after, account, named))
            expected.lone_cancellations += not met
        if used is not None:
            events.append(activity(at + used, account, done=draw(st.sampled_from(DONE))))
            expected.lone_accounts += not sold
            # What is known of the account for longer than its use.
            acted = None if sold else draw(st.none() | st.integers(0, CORRECTIONS))
            if acted is not None:
                events.append(activity(at + used + acted, account, done=DENIED))
    return in_order(events), expected


class ReadsBackWhatIsForgotten(Ledger):
    """Keeps to itself that part of an account is forgotten: read back, it is counted again."""

    def _leave(self, account_id: AccountId, account: Account) -> None:
        before = set(self._changed)
        super()._leave(account_id, account)
        if account_id in self._accounts:
            self._changed = before


class CountsWhatWasNotYetDue(Matches):
    """Counts a cancellation as lone if it outlives its sale."""

    def forget_part(self, account: Account, accepted_since: Seconds) -> bool:
        lost = [s for s in account.sales if s.at + self._longest < accepted_since]
        self._count(account, lost, ())
        account.sales = tuple(sale for sale in account.sales if sale not in lost)
        return bool(lost)


class CountsPlainUsesOnly(Matches):
    """Takes an account that somebody keyed the use of for one that was not used."""

    def _count(
        self,
        account: Account,
        sales: Iterable[SaleRecord],
        cancellations: Iterable[CancellationRecord],
    ) -> None:
        plain = Account(account.sales, account.cancellations, account.uses)
        super()._count(plain, sales, cancellations)


class CountsWhatIsInUseAtTheEnd(Matches):
    """Overlooks an account that is known by something else when its use is forgotten."""

    def forget_part(self, account: Account, accepted_since: Seconds) -> bool:
        before = self.counts.lone_accounts
        changed = super().forget_part(account, accepted_since)
        self.counts.lone_accounts = before
        return changed


class OverlooksEarlierUse(Ledger):
    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.matches = CountsWhatIsInUseAtTheEnd(  # type: ignore[misc]  # a fault
            self._longest,
            self._doubted,
            self._corrections_for,
            knows_both=True,
        )


class OverlooksHelp(Ledger):
    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.matches = CountsPlainUsesOnly(  # type: ignore[misc]  # a fault
            self._longest,
            self._doubted,
            self._corrections_for,
            knows_both=True,
        )


class SplitsSaleAndCancellation(Ledger):
    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.matches = CountsWhatWasNotYetDue(  # type: ignore[misc]  # a fault
            self._longest,
            self._doubted,
            self._corrections_for,
            knows_both=True,
        )


def restarted(events: Sequence[AnyEvent], ledger: type[Ledger], every: int) -> MatchCounts:
    """Count with ledgers each of which hands to the next only the accounts that it changed."""
    clock, running = EventClock(SETTINGS.time, ("events",)), ledger(SETTINGS)
    written: dict[AccountId, bytes] = {}
    for number, event in enumerate(events):
        running.apply(event)
        clock.observe("events", seconds_at(event.occurred_at), event.account_id)
        running.advance(clock.watermark())
        if number % every == 0:
            for account_id in running.drain().changed:
                account = running.account(account_id)
                if account is not None:  # of one that is forgotten nothing is written
                    written[account_id] = msgspec.msgpack.encode(account)
            counts, watermark = running.matches.counts, running.watermark
            running = ledger(SETTINGS)
            decoded = {n: msgspec.msgpack.decode(a, type=Account) for n, a in written.items()}
            running.restore(decoded, watermark)
            running.matches.counts = counts
    running.advance(Seconds(END))
    running.drain()
    return running.matches.counts


def counts_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events, expected = data.draw(loose_worlds())
    assume(events)
    order = data.draw(orders(events))
    every = data.draw(st.integers(1, 9))
    assert LedgerRun(order, ledger(SETTINGS), every=every).ledger.matches.counts == expected
    assert restarted(order, ledger, every) == expected


@given(st.data())
def test_every_fact_is_counted_once_when_it_is_forgotten(data: st.DataObject) -> None:
    counts_law(Ledger, data)


@pytest.mark.parametrize(
    "ledger",
    [SplitsSaleAndCancellation, ReadsBackWhatIsForgotten, OverlooksEarlierUse, OverlooksHelp],
)
def test_the_law_catches_a_ledger_that_counts_otherwise(ledger: type[Ledger]) -> None:
    assert refuted(counts_law, ledger)
