"""What is at stake in some sales: the same in any order, however often one is named."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from random import Random
from sys import float_info

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from detectors.alerts.at_stake import AtStake, at_stake, at_stake_in, most_frequent
from detectors.alerts.wording import at_stake_in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import Cell, SaleId
from detectors.facts.account import SaleRecord
from detectors.messages.stake import Stake, stake_of
from tests.detectors.refutation import refuted

Sums = Callable[[Iterable[Stake]], AtStake | None]

AMOUNTS = st.one_of(
    st.none(), st.sampled_from((0.1, 0.2, 0.7, 1e16)), st.floats(0, 1e9, allow_subnormal=False)
)
SALES = st.lists(
    st.builds(
        Stake, st.uuids().map(str), AMOUNTS, st.integers(0, 3), st.sampled_from((None, "a", "b"))
    ),
    max_size=8,
)


def as_floats(stakes: Iterable[Stake]) -> AtStake | None:
    """Add amounts one by one, in the order in which they come."""
    sales = list({one.event_id: one for one in stakes}.values())
    total = 0.0
    for one in sales:
        total += one.amount or 0.0
    exact = at_stake(sales)
    return exact and replace(exact, amount=total)


def each_time(stakes: Iterable[Stake]) -> AtStake | None:
    """Count a sale as often as it is named."""
    return at_stake([replace(one, event_id=str(n)) for n, one in enumerate(stakes)])


def sum_law(sums: Sums, data: st.DataObject) -> None:
    sales = data.draw(SALES)
    again = data.draw(st.lists(st.sampled_from(sales), max_size=4)) if sales else []
    found = sums(data.draw(st.permutations([*sales, *again])))
    assert found == sums(sales)
    if found is None:
        assert not sales
        return
    known = [Decimal(repr(one.amount)) for one in sales if one.amount is not None]
    assert found == AtStake(
        sales=len(sales),
        amount=float(sum(known, Decimal(0))),
        amount_unknown=len(sales) - len(known),
        customers=len({one.customer for one in sales} - {0}),
    )


@given(st.data())
def test_neither_order_nor_being_named_again_changes_what_is_at_stake(data: st.DataObject) -> None:
    sum_law(at_stake, data)


def test_the_law_catches_sums_that_break_it() -> None:
    assert refuted(sum_law, as_floats)
    assert refuted(sum_law, each_time)


@given(AMOUNTS, st.integers(0, 3))
def test_of_one_sale_both_ways_say_the_same(amount: float | None, customer: int) -> None:
    sale = SaleRecord(SaleId("s"), "e", Seconds(0.0), None, "p", Cell("c"))
    sale.amount, sale.customer = amount, customer
    assert at_stake_in(sale) == at_stake([stake_of(sale)])


def test_amounts_are_added_as_they_are_written() -> None:
    found = at_stake([Stake("1", 0.1), Stake("2", 0.2)])
    assert found is not None
    assert found.amount == 0.3


def test_a_sum_that_no_number_can_hold_is_the_largest_number() -> None:
    found = at_stake([Stake("1", 1.5e308), Stake("2", 1.5e308)])
    assert found is not None
    assert found.amount == float_info.max


@given(st.lists(st.sampled_from((None, "leeds", "porto", "york"))), st.randoms())
def test_the_name_most_often_said_is_told_and_of_several_the_first(
    names: list[str | None], random: Random
) -> None:
    found = most_frequent(names)
    said = [name for name in names if name is not None]
    assert (found is None) == (not said)
    if found is not None:
        assert all((-said.count(found), found) <= (-said.count(name), name) for name in said)
    random.shuffle(names)
    assert most_frequent(names) == found


def test_it_reads_as_counts_and_says_what_is_not_known() -> None:
    told = {
        (1, 480.0, 0, 1): "480.00 in the sale named, of 1 known customer",
        (12, 3480.5, 2, 11): (
            "3,480.50 in the 12 sales named, of 11 known customers; "
            "2 of the sales have no known amount"
        ),
        (1, 0.0, 1, 0): "an amount that nobody knows, in the sale named",
        (2, 0.0, 0, 2): "0.00 in the 2 sales named, of 2 known customers",
        (2, 1e308, 0, 2): "1e+308 in the 2 sales named, of 2 known customers",
    }
    for (sales, amount, unknown, customers), words in told.items():
        one = AtStake(sales=sales, amount=amount, amount_unknown=unknown, customers=customers)
        assert at_stake_in_words(one) == words
