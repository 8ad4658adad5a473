"""What one account remembers is bounded, and which part of it is no matter of order."""

from random import Random
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId, SaleId
from detectors.facts.account import Account
from detectors.facts.cancelling import MOST_CANCELLATIONS, CancellationRecord
from detectors.facts.replacing import MOST_REPLACEMENTS, Replacement
from detectors.facts.uses import MOST_KEYED

SPAN: Final = 10.0
SALE: Final = SaleId("s")


def refunded(at: int) -> CancellationRecord:
    return CancellationRecord(SALE, f"c{at}", Seconds(at), "returned", "customer", 1.0)


class KeepsWhatComesFirst(Account):
    """Leaves to the order of arrival what is remembered."""

    def add_replacement(self, one: Replacement) -> None:
        if len(self.replacements) < MOST_REPLACEMENTS:
            super().add_replacement(one)


def filled(seed: int, facts: int, kind: type[Account] = Account) -> Account:
    """Return an account with so many facts of each kind, in some order, each twice."""
    account, numbers = kind(), [*range(facts), *range(facts)]
    Random(seed).shuffle(numbers)  # noqa: S311 - an order
    for number in numbers:
        account.add_cancellation(refunded(number), SPAN)
        agent = AgentId(f"{number:06}")
        account.add_other_use(Seconds(number), SPAN, agent, is_certain=number % 3 > 0)
        account.add_replacement(Replacement(SALE, SaleId(agent), agent, Seconds(number)))
    return account


@given(st.integers(0, 99))
def test_of_one_sale_and_account_so_many_facts_are_kept_in_any_order(seed: int) -> None:
    most = max(MOST_KEYED, MOST_REPLACEMENTS)
    account, other = filled(seed, 3 * most), filled(seed + 1, 3 * most)
    assert account.cancellations == other.cancellations
    assert account.replacements == other.replacements
    assert [one.agent_id for one in account.other_uses] == [o.agent_id for o in other.other_uses]
    assert len(account.replacements) == MOST_REPLACEMENTS
    assert len(account.other_uses) == MOST_KEYED


def test_what_is_kept_in_the_order_of_arrival_differs() -> None:
    account, other = (filled(seed, 3 * MOST_REPLACEMENTS, KeepsWhatComesFirst) for seed in (1, 2))
    assert account.replacements != other.replacements


def test_of_one_sale_the_earliest_cancellations_are_kept() -> None:
    account, number = Account(), MOST_CANCELLATIONS + 9
    assert [account.add_cancellation(refunded(at), SPAN) for at in range(number)].count(True) == (
        MOST_CANCELLATIONS
    )
    assert account.add_cancellation(refunded(-1), SPAN)
    assert len(account.cancellations) == MOST_CANCELLATIONS


def test_use_by_more_agents_than_are_remembered_is_unclear_and_not_forgotten() -> None:
    account = Account()
    for number in range(MOST_KEYED + 9):
        agent = AgentId(f"{number:06}")
        account.add_other_use(Seconds(100 * number), SPAN, agent, is_certain=True)
    kept = [time for one in account.other_uses for time in one.times]
    assert sorted(kept) == [Seconds(100 * number) for number in range(MOST_KEYED + 9)]
    assert not account.other_uses[0].is_certain
