"""Facts that name a sale, kept in the order of these names: found by bisection, however many."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import Final, Protocol, TypeVar

from detectors.basis.identifiers import SaleId


class Named(Protocol):
    """A fact that names a sale."""

    @property
    def sale_id(self) -> SaleId:
        """Return which sale it names."""


_Fact = TypeVar("_Fact", bound=Named)

_name: Final = attrgetter("sale_id")

_FEW: Final = 8
"""So many are looked at one by one: nearly every account has one sale."""


def named(facts: Sequence[_Fact], sale_id: SaleId) -> Sequence[_Fact]:
    """Return those that name a sale, in their order."""
    if len(facts) <= _FEW:
        return [fact for fact in facts if fact.sale_id == sale_id]
    start = bisect_left(facts, sale_id, key=_name)
    return facts[start : bisect_right(facts, sale_id, start, key=_name)]


def with_fact(facts: tuple[_Fact, ...], fact: _Fact) -> tuple[_Fact, ...]:
    """Return facts with one more, behind those that name the same sale."""
    if not facts:
        return (fact,)
    place = bisect_right(facts, fact.sale_id, key=_name)
    return (*facts[:place], fact, *facts[place:])


def replaced(
    facts: tuple[_Fact, ...], sale_id: SaleId, instead: Sequence[_Fact]
) -> tuple[_Fact, ...]:
    """Return facts with others in the place of those that name a sale."""
    start = bisect_left(facts, sale_id, key=_name)
    end = bisect_right(facts, sale_id, start, key=_name)
    return (*facts[:start], *instead, *facts[end:])


def without(facts: tuple[_Fact, ...], fact: _Fact) -> tuple[_Fact, ...]:
    """Return facts without one of them: this very one."""
    place = bisect_left(facts, fact.sale_id, key=_name)
    while facts[place] is not fact:
        place += 1
    return (*facts[:place], *facts[place + 1 :])


def dropped(facts: Sequence[_Fact], kept: Sequence[_Fact]) -> list[_Fact]:
    """Return facts that are not among those of them that were kept, in the same order."""
    rest, place = list[_Fact](), 0
    for fact in facts:
        if place < len(kept) and kept[place] is fact:
            place += 1
        else:
            rest.append(fact)
    return rest
