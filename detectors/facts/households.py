"""How many households some customers are, as far as their addresses tell."""

from typing import Final, NamedTuple

from msgspec import Struct

_UNKNOWN: Final = 0


class Member(NamedTuple):
    """A customer and an address of theirs, as hashes; ``address`` is 0 where nobody knows it."""

    customer: int
    address: int


class Households(Struct, frozen=True):
    """A set of members: joining two is commutative, associative and idempotent.

    Who shares an address is one household, and so is a customer with several addresses, with all
    who share any of them: people move, and one of them must not look like three.

    Attributes
    ----------
    members
        All of them, each once.
    """

    members: frozenset[Member]

    def joined(self, other: "Households") -> "Households":
        """Return the members of both."""
        return Households(self.members | other.members)

    def known(self) -> int:
        """Count the households of customers whose address is known."""
        return len(set(self._by_customer().values()))

    def at_most(self) -> int:
        """Count the households if every customer without a known address were one more."""
        nowhere = {one.customer for one in self.members} - self._by_customer().keys()
        return self.known() + len(nowhere)

    def customers(self) -> int:
        """Count the customers."""
        return len({one.customer for one in self.members})

    def _by_customer(self) -> dict[int, int]:
        """Return a number of the household of each customer with an address."""
        household: dict[int, int] = {}
        at: dict[int, int] = {}
        for customer, address in sorted(self.members):
            if address == _UNKNOWN:
                continue
            here = household.setdefault(customer, len(household))
            there = at.setdefault(address, here)
            if there != here:  # both are one
                household = {c: here if h == there else h for c, h in household.items()}
                at = {a: here if h == there else h for a, h in at.items()}
        return household
