"""Claims that contradict each other: the first to arrive holds, and each is counted once."""

from collections import Counter
from collections.abc import Sequence
from itertools import permutations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.events.event import AnyEvent, Sale
from detectors.ledger import objects
from detectors.ledger.claims import MOST_CLAIMANTS
from detectors.ledger.stage import Ledger
from detectors.messages.contested import ContestedSale
from detectors.settings import Settings
from tests.detectors.definition import Fact, facts, facts_in_the_end
from tests.detectors.ledger.broken import NeverCorrects
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.ledger.told import PLAIN, Told
from tests.detectors.patterns.claims import claims_that_hold, contradict
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    AGENTS,
    END,
    SETTINGS,
    START,
    Arrival,
    activity,
    as_they_arrive,
    cancellation,
    sale,
    worlds,
)

FIELDS = ("agent_id", "product", "amount", "customer_id")


@st.composite
def logs(draw: st.DrawFn) -> list[AnyEvent]:
    """Draw a log in which any claim may come first, and some twice."""
    events = draw(worlds(3))
    sold = [event for event in events if isinstance(event, Sale)]
    again = draw(st.lists(st.tuples(st.sampled_from(sold), st.sampled_from(AGENTS)), max_size=4))
    more = [
        sale(draw(hours_near(one)), one.account_id, one.sale_id, agent, one.product, f"{n} {agent}")
        for n, (one, agent) in enumerate(again)
    ]
    repeated = draw(st.lists(st.sampled_from([*sold, *more]), max_size=4))
    delays = st.integers(0, 75)
    return as_they_arrive([Arrival(event, draw(delays)) for event in (*events, *more, *repeated)])


def hours_near(sold: Sale) -> st.SearchStrategy[int]:
    """Return hours, as worlds count them, around those of a sale."""
    hours = int((sold.occurred_at - START).total_seconds() // 3_600)
    return st.integers(hours - 3, hours + 3)


def contested(arrived: Sequence[AnyEvent]) -> dict[str, int]:
    """Return by field of how many sales claims contradict the one that holds, by definition."""
    hold = claims_that_hold(arrived)
    found = {
        (key, field)
        for event in arrived
        if isinstance(event, Sale)
        for key in [(event.account_id, event.sale_id)]
        for field in FIELDS
        if getattr(event, field) != getattr(hold[key], field)
    }
    return dict(Counter(field for _, field in found))


def arrival_law(ledger: type[Ledger], data: st.DataObject) -> None:
    arrived = data.draw(logs())
    run = LedgerRun(arrived, ledger(SETTINGS))
    assert facts_in_the_end(run.outcomes) == facts(arrived, END)
    counted = run.ledger.matches.counts.contested
    assert {field: counted[field] for field in FIELDS if field in counted} == contested(arrived)


@settings(max_examples=40)
@given(st.data())
def test_the_claim_that_arrived_first_holds_and_each_contested_sale_is_counted_once(
    data: st.DataObject,
) -> None:
    arrival_law(Ledger, data)


class BelievesTheEarliest(Ledger):
    """Lets the sender of a claim choose whether it holds, by the time that it bears."""

    def _add_sale(self, account_id: AccountId, event: Sale, at: Seconds) -> bool:
        account = self._accounts.get(event.account_id)
        if account is not None:
            for known in account.sales:
                if known.sale_id == event.sale_id and at < known.at:
                    account.sales = tuple(sale for sale in account.sales if sale is not known)
                    self._settlement.take_back(event.account_id, known, self.watermark)
                    self._settlement.close(known)
        return super()._add_sale(account_id, event, at)


class CountsEachClaim(Ledger):
    """Counts a claim that comes twice as two contradictions."""

    def _add_sale(self, account_id: AccountId, event: Sale, at: Seconds) -> bool:
        account = self._accounts.get(event.account_id)
        for known in () if account is None else account.sales:
            known.contested = 0
        return super()._add_sale(account_id, event, at)


@pytest.mark.parametrize("broken", [BelievesTheEarliest, CountsEachClaim])
def test_that_law_catches(broken: type[Ledger]) -> None:
    assert refuted(arrival_law, broken)


def undecided_law(ledger: type[Ledger], data: st.DataObject) -> None:
    arrived, every = data.draw(logs()), data.draw(st.integers(1, 30))
    run, other = ledger(SETTINGS), ledger(SETTINGS)
    run.claims.as_arrived = other.claims.as_arrived = False
    seldom = LedgerRun(arrived, run, every=every)
    found = facts_in_the_end(seldom.outcomes)
    charged = {fact for fact in facts(arrived, END) if not is_contested(fact, arrived)}
    assert found == charged
    assert seldom.emitted() == LedgerRun(arrived, other).emitted()


def is_contested(fact: Fact, arrived: Sequence[AnyEvent]) -> bool:
    claims = [
        event
        for event in arrived
        if isinstance(event, Sale)
        and (event.account_id, event.sale_id) == (fact.account_id, fact.sale_id)
    ]
    return any(contradict(claims[0], claim) for claim in claims)


@settings(max_examples=40)
@given(st.data())
def test_where_nobody_knows_what_arrived_first_a_contested_sale_counts_for_nobody(
    data: st.DataObject,
) -> None:
    undecided_law(Ledger, data)


class BelievesWhatCameFirst(Ledger):
    """Takes the order of merged files for the order of arrival."""

    def _add_sale(self, account_id: AccountId, event: Sale, at: Seconds) -> bool:
        self.claims.as_arrived = True
        return super()._add_sale(account_id, event, at)


@pytest.mark.parametrize("broken", [NeverCorrects, BelievesWhatCameFirst])
def test_the_law_of_what_is_undecided_catches(broken: type[Ledger]) -> None:
    assert refuted(undecided_law, broken)


def test_a_contested_sale_of_nobody_is_no_sale_made_and_none_that_ended_badly() -> None:
    events: list[AnyEvent] = [sale(0), cancellation(1), sale(0, agent="boris"), activity(90, "b")]
    for as_arrived in (True, False):
        ledger = Ledger(SETTINGS)
        ledger.claims.as_arrived = as_arrived
        days = LedgerRun(events, ledger).days.values()
        assert sum(len(day.made) for day in days) == as_arrived
        assert {end.bad for day in days for ended in day.ended.values() for end in ended} <= {
            as_arrived
        }


def told_by(events: Sequence[AnyEvent], ledger: Ledger | None = None) -> list[ContestedSale]:
    ledger = Ledger(SETTINGS) if ledger is None else ledger
    for event in events:
        ledger.apply(event)
    return ledger.drain().bundle.contested


def test_everybody_whom_a_claim_names_is_told_once() -> None:
    claims = [sale(9, agent=agent) for agent in ("anna", "boris", None, "chen")]
    for order in permutations(claims):
        told = told_by([*order, *order])
        assert sorted(one.agent_id for one in told) == ["anna", "boris", "chen"]
        assert {one.known_at for one in told} == {claims[0].occurred_at.timestamp()}
        assert len({one.sale_hash for one in told}) == 1


def test_a_late_claim_is_known_with_the_watermark() -> None:
    ledger = Ledger(SETTINGS)
    ledger.apply(sale(9))
    ledger.advance(Seconds(sale(50).occurred_at.timestamp()))
    assert [one.known_at for one in told_by([sale(9, agent="boris")], ledger)] == [
        ledger.watermark
    ] * 2


def test_no_sender_fills_the_memory_with_names() -> None:
    claims = [sale(9, agent=f"agent {number}") for number in range(MOST_CLAIMANTS * 3)]
    ledger = Ledger(SETTINGS)
    assert len(told_by(claims, ledger)) == MOST_CLAIMANTS + 1
    [known] = ledger.objects[claims[0].account_id].sales
    assert len(known.claimants) == MOST_CLAIMANTS


@pytest.mark.parametrize("chosen", [SETTINGS, PLAIN], ids=["objects", "columns"])
@pytest.mark.parametrize(
    ("field", "value"),
    [("agent_id", "boris"), ("product", "line"), ("amount", 2.0), ("customer_id", "else")],
)
def test_a_claim_that_bears_the_same_ids_contradicts_all_the_same(
    chosen: Settings, field: str, value: object
) -> None:
    """Whoever repeats an event id with another content must not pass for a duplicate."""
    first = sale(3)
    other = msgspec.convert(msgspec.to_builtins(first) | {field: value}, Sale)
    told = Told(Ledger(chosen))
    told.block([activity(1, "another account")])
    told.block([first, first, other, other])
    assert told.ledger.matches.counts.contested == {field: 1}
    [known] = told.ledger.accounts()[first.account_id].sales
    assert (known.agent_id, known.product, known.amount) == ("anna", "card", 1.0)


def test_what_nobody_could_read_contradicts_nothing_and_gives_way() -> None:
    less = structs.replace(sale(0, event_id="a"), amount=None, customer_id=None)
    full = sale(3, event_id="b")
    for order in permutations([less, full]):
        ledger = Ledger(SETTINGS)
        assert told_by(order, ledger) == []
        [known] = ledger.objects[full.account_id].sales
        assert (known.event_id, known.amount) == ("b", 1.0)


def test_of_two_sales_of_one_id_the_one_is_meant_that_the_claim_agrees_with() -> None:
    """An id may be used anew, when the first sale is long over."""
    ledger = Ledger(SETTINGS)
    months = objects.AccountObjects(SETTINGS)._remembered_for / 3_600  # noqa: SLF001 - how long
    first, second = sale(0, agent="anna"), sale(months * 1.5, agent="boris")
    assert told_by([first, second, sale(months * 0.8, agent="boris")], ledger) == []


def test_a_sale_is_counted_once_whose_cancellations_contradict_or_whose_seller_keyed_one() -> None:
    """In any order, and however often they come."""
    own = cancellation(1, reason="service_fault", keyed_by="anna")
    again = cancellation(2, reason="service_fault", keyed_by="anna")
    other = cancellation(3, reason="returned", keyed_by="boris")
    events: list[AnyEvent] = [sale(0, agent="anna"), own, again, other]
    for order in permutations(events):
        counts = LedgerRun([*order, *order]).ledger.matches.counts
        assert counts.contested == {"reason": 1}
        assert counts.cancelled_by_seller == 1
