"""What claims say together of payer and address, and how many households customers are."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.facts.contact import CONTACT_FIELDS, Contact, joined, known
from detectors.facts.households import Households, Member
from tests.detectors.refutation import refuted

CONTACTS = st.one_of(st.just(()), st.tuples(*(st.integers(-1, 2) for _ in CONTACT_FIELDS)))
MEMBERS = st.frozensets(st.builds(Member, st.integers(1, 4), st.integers(0, 4)), max_size=6)

Join = Callable[[Contact, Contact], Contact]
Count = Callable[[Households], int]


def semilattice_law(join: Join, data: st.DataObject) -> None:
    one, two, three = (data.draw(CONTACTS) for _ in range(3))
    assert join(one, one) == one
    assert join(one, two) == join(two, one)
    assert join(one, join(two, three)) == join(join(one, two), three)


@given(data=st.data())
def test_contacts_are_joined_in_any_order_any_number_of_times(data: st.DataObject) -> None:
    semilattice_law(joined, data)


def _first_wins(one: Contact, other: Contact) -> Contact:
    return one or other


def test_that_law_catches_a_join_in_which_the_first_claim_wins() -> None:
    assert refuted(semilattice_law, _first_wins)


def test_what_claims_contradict_each_other_in_is_unknown() -> None:
    ada, ben, nothing = (7, 0, 0, 1), (7, 0, 0, 2), ()
    assert known(joined(ada, ben), "payer_hash") == 0
    assert known(joined(ada, ben), "email_hash") == 7
    assert known(joined(joined(ada, ben), ada), "payer_hash") == 0
    assert known(joined(ada, nothing), "payer_hash") == 1


def households_law(count: Count, data: st.DataObject) -> None:
    """Require what paths between customers give, and that one member more never counts for two."""
    members = data.draw(MEMBERS)
    here = [one for one in members if one.address]
    joined_to: dict[int, set[int]] = {one.customer: set() for one in here}
    for one in here:
        for other in here:
            if one.address == other.address:
                joined_to[one.customer].add(other.customer)
    reached: set[frozenset[int]] = set()
    for customer in joined_to:
        found, left = {customer}, [customer]
        while left:
            fresh = joined_to[left.pop()] - found
            found |= fresh
            left += fresh
        reached.add(frozenset(found))
    assert count(Households(members)) == len(reached)


@given(data=st.data())
def test_households_are_customers_whom_addresses_connect(data: st.DataObject) -> None:
    households_law(Households.known, data)


def _addresses(households: Households) -> int:
    return len({one.address for one in households.members if one.address})


def _customers(households: Households) -> int:
    return len({one.customer for one in households.members if one.address})


@pytest.mark.parametrize("broken", [_addresses, _customers])
def test_that_law_catches_who_counts_addresses_or_customers(broken: Count) -> None:
    assert refuted(households_law, broken)


@given(MEMBERS, MEMBERS, MEMBERS)
def test_households_are_joined_in_any_order_any_number_of_times(
    one: frozenset[Member], two: frozenset[Member], three: frozenset[Member]
) -> None:
    a, b, c = Households(one), Households(two), Households(three)
    assert a.joined(a) == a
    assert a.joined(b) == b.joined(a)
    assert a.joined(b.joined(c)) == a.joined(b).joined(c)


@given(MEMBERS)
def test_without_an_address_nobody_is_certain_and_everybody_possible(
    members: frozenset[Member],
) -> None:
    somewhere = {one.customer for one in members if one.address}
    nowhere = {one.customer for one in members} - somewhere
    households = Households(members)
    assert households.at_most() - households.known() == len(nowhere)
