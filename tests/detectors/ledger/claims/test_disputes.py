"""What is told of an account whose claims differ: once, whatever order they came in."""

from collections.abc import Iterable, Sequence
from itertools import permutations
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.alerts.contest_alerts import contest_alert
from detectors.basis.event_time import Seconds, seconds_at
from detectors.basis.identifiers import AccountId
from detectors.events.event import AnyEvent
from detectors.facts.account import Account, SaleRecord
from detectors.ledger.clock import EventClock
from detectors.ledger.disputes import Disputes
from detectors.ledger.stage import Ledger
from detectors.messages.disputes import Dispute
from detectors.settings import Settings
from tests.detectors.ledger.claims.test_versions import ON, corrected_worlds, version
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, SETTINGS, START, activity, late_orders, orders, worlds

Log = Sequence[AnyEvent]


def told_by(ledger: Ledger, events: Log, every: int = 1, crash: int | None = None) -> list[Dispute]:
    """Return what is told; after `crash` events all is written, and read back by another ledger."""
    clock, told = EventClock(SETTINGS.time, ("events",)), list[Dispute]()
    for number, event in enumerate(events):
        ledger.apply(event)
        clock.observe("events", seconds_at(event.occurred_at), event.account_id)
        ledger.advance(clock.watermark())
        if number % every == 0 or number == crash:
            told += ledger.drain().bundle.disputes
        if number == crash:
            saved = msgspec.msgpack.encode(ledger.accounts())
            watermark, ledger = ledger.watermark, type(ledger)(ON)
            accounts = msgspec.msgpack.decode(saved, type=dict[AccountId, Account])
            ledger.restore(accounts, watermark)
    ledger.advance(Seconds(END))
    return told + ledger.drain().bundle.disputes


def in_one_order(told: Sequence[Dispute]) -> list[bytes]:
    return sorted(map(msgspec.msgpack.encode, told))


def order_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(corrected_worlds(moved=False))
    log, every = data.draw(orders(events)), data.draw(st.integers(1, 9))
    expected = in_one_order(told_by(Ledger(ON), events))
    assert in_one_order(told_by(ledger(ON), log, every)) == expected


@given(st.data())
def test_what_is_told_of_corrections_in_time_does_not_depend_on_their_order(
    data: st.DataObject,
) -> None:
    order_law(Ledger, data)


def cut_law(ledger: type[Ledger], data: st.DataObject) -> None:
    """Contradictions, too: of those the order decides, and never who asks when."""
    log = data.draw(st.one_of(corrected_worlds(), worlds(4)).flatmap(late_orders))
    told = told_by(Ledger(ON), log)
    crash = data.draw(st.integers(0, len(log) - 1))
    seldom = told_by(ledger(ON), log, data.draw(st.integers(2, 9)), crash)
    assert in_one_order(seldom) == in_one_order(told)
    revisions: dict[tuple[str, str, float], int] = {}
    for one in told:
        key = (one.account_id, one.sale_id, one.opened_at)
        assert one.revision == revisions.get(key, 0) + 1
        revisions[key] = one.revision


@given(st.data())
def test_nor_on_how_often_it_is_asked_for_nor_on_a_restart(data: st.DataObject) -> None:
    cut_law(Ledger, data)


class TellsAtOnce(Disputes):
    """Tells each claim when it comes."""

    def note(
        self, account_id: AccountId, sale: SaleRecord, other: SaleRecord, known_at: Seconds
    ) -> None:
        super().note(account_id, sale, other, known_at)
        self.tell(account_id, (sale,), Seconds(END))


class TellsNothing(Disputes):
    """Forgets to tell."""

    def tell(self, account_id: AccountId, sales: Iterable[SaleRecord], watermark: Seconds) -> bool:
        return super().tell(account_id, list(sales)[:0], watermark)


def with_disputes(kind: type[Disputes]) -> type[Ledger]:
    class Broken(Ledger):
        def __init__(self, settings: Settings) -> None:
            super().__init__(settings)
            self._disputes.__class__ = kind

    return Broken


@pytest.mark.parametrize("broken", [TellsAtOnce, TellsNothing])
def test_the_law_of_orders_catches(broken: type[Disputes]) -> None:
    assert refuted(order_law, with_disputes(broken))


class ForgetsWhatIsDue(Ledger):
    """Does not know after a restart what was still to be told."""

    def restore(self, accounts: dict[AccountId, Account], watermark: Seconds) -> None:
        super().restore(accounts, watermark)
        self._deadlines.clear()


def test_the_law_of_cuts_catches() -> None:
    assert refuted(cut_law, with_disputes(TellsNothing))
    assert refuted(cut_law, ForgetsWhatIsDue)


LATER: Final[Sequence[AnyEvent]] = (activity(20, "b"), activity(21, "c"))


def test_both_claims_are_named_and_nobody_is_charged() -> None:
    [told] = told_by(Ledger(SETTINGS), [version(1, "anna"), version(1, "boris"), *LATER])
    alert = contest_alert(told, "")
    assert (alert.status, alert.severity, alert.agent_id) == ("open", "info", None)
    assert alert.opened_at == alert.updated_at == START
    assert alert.event_ids == ("version 1 by anna at 0", "version 1 by boris at 0")
    assert alert.summary == (
        "Account a: records about sale s contradict each other in agent_id. The one that holds "
        "names agent anna as its seller. Others name boris. A record to check, and no finding "
        "about anybody."
    )


def test_a_greater_version_that_says_the_same_settles_it_and_it_is_withdrawn() -> None:
    claims: list[AnyEvent] = [version(1, "anna"), version(1, "boris"), *LATER]
    claims += [version(2, "anna", 20)]
    late: list[AnyEvent] = [activity(50, "b"), activity(51, "c")]
    first, second = told_by(Ledger(ON), [*claims, *late])
    assert [contest_alert(one, "").status for one in (first, second)] == ["open", "open"]
    assert "of several versions differ in occurred_at" in contest_alert(second, "").summary
    settled: list[AnyEvent] = [version(1, "anna"), version(1, "boris"), *LATER]
    settled += [version(2, "anna")]
    first, second = told_by(Ledger(ON), [*settled, *late])
    alert = contest_alert(second, "")
    assert (alert.status, alert.revision) == ("withdrawn", 2)
    assert alert.alert_id == contest_alert(first, "").alert_id
    assert alert.summary.startswith("Withdrawn: a greater version settled")


def test_three_claims_of_one_moment_are_told_together_in_any_order() -> None:
    claims = [version(1, "anna"), version(2, "boris"), version(3, None)]
    for order in permutations(claims):
        [told] = told_by(Ledger(ON), [*order, *order, *LATER])
        assert (told.agent_id, told.others) == (None, ("anna", "boris"))
        assert told.event_ids == tuple(one.event_id for one in (claims[2], claims[0], claims[1]))


def test_where_nobody_knows_which_came_first_it_says_so() -> None:
    ledger = Ledger(SETTINGS)
    ledger.claims.as_arrived = False
    [told] = told_by(ledger, [version(1, "anna"), version(1, "boris"), *LATER])
    assert "the sale counts for nobody" in contest_alert(told, "").summary


def test_a_sale_told_twice_is_no_dispute() -> None:
    assert told_by(Ledger(ON), [version(1, "anna"), version(2, "anna"), *LATER]) == []
