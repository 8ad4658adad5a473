"""What is at stake in the sales that an alert names, and where they were made."""

from collections import Counter
from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Final

from msgspec import Struct

from detectors.facts.account import SaleRecord
from detectors.messages.stake import Stake

_EXACT: Final = Context(prec=1_000)
"""More digits than any sum of amounts has."""

_LARGEST: Final = 1.7976931348623157e308


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


def at_stake_in(sale: SaleRecord) -> AtStake:
    """Return what is at stake in one sale: as `at_stake` says it, for alerts of which many come."""
    return AtStake(
        sales=1,
        amount=sale.amount or 0.0,
        amount_unknown=int(sale.amount is None),
        customers=int(sale.customer != 0),
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
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, Decimal(repr(amount)))
    # Beyond the largest number there is no JSON for a sum.
    return min(float(total), _LARGEST)
