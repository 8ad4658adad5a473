"""What is at stake in the sales that an alert names, and where they were made."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from sys import float_info
from typing import Final

from msgspec import Struct

from detectors.messages.stake import Stake

_LARGEST: Final = float_info.max


class AtStake(Struct, frozen=True, kw_only=True):
    """What is at stake in the sales that an alert names by ``event_ids``, each counted once.

    ``sales``
        How many they are.
    ``amount``
        The sum of their amounts as far as they are known, in the unit of the events: those name no
        currency.
    ``amount_unknown``
        How many of them have no known amount.
    ``customers``
        How many customers they were sold to, as far as those are known.
    """

    sales: int
    amount: float
    amount_unknown: int
    customers: int


def at_stake(stakes: Iterable[Stake]) -> AtStake | None:
    """Return what is at stake in some sales, the same in any order; None if there are none."""
    sales = distinct(stakes)
    if not sales:
        return None
    amounts = [one.amount for one in sales if one.amount is not None]
    return AtStake(
        sales=len(sales),
        amount=_sum(amounts),
        amount_unknown=len(sales) - len(amounts),
        customers=len({one.customer for one in sales if one.customer}),
    )


def most_frequent(names: Iterable[str | None]) -> str | None:
    """Return the name that is there most often, of several the first by name; None without any."""
    counts = Counter(name for name in names if name is not None)
    return min(counts, key=lambda name: (-counts[name], name), default=None)


def distinct(stakes: Iterable[Stake]) -> list[Stake]:
    """Return each sale once, though two findings may name it."""
    return list({one.event_id: one for one in stakes}.values())


def _sum(amounts: Iterable[float]) -> float:
    """Return the sum of the decimals that the amounts are written as, rounded once, at the end."""
    total = sum((Fraction(repr(amount)) for amount in amounts), Fraction(0))
    # Beyond the largest number there is no JSON for a sum.
    return float(min(total, Fraction(_LARGEST)))
