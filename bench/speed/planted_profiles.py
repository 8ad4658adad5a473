"""Changes of volume, amount and mix, since the simulated misconduct changes none of them."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from bench.speed.agent_days import Integers, Sales

Planted = Mapping[int, int]
_NEVER: Final = 1 << 40


def _twice_as_many(sales: Sales, planted: Planted) -> Sales:
    more = np.concatenate([np.arange(sales.day.size), _since(sales, planted)])
    return sales.chosen(np.sort(more))


def _half_as_many_again(sales: Sales, planted: Planted) -> Sales:
    more = np.concatenate([np.arange(sales.day.size), _since(sales, planted)[::2]])
    return sales.chosen(np.sort(more))


def _dearer(sales: Sales, planted: Planted) -> Sales:
    changed = sales.chosen(np.arange(sales.day.size))
    changed.amount[_since(sales, planted)] *= 1.25
    return changed


def _one_product(sales: Sales, planted: Planted) -> Sales:
    changed = sales.chosen(np.arange(sales.day.size))
    generator = np.random.default_rng(3)
    since = _since(sales, planted)
    changed.late[since[generator.random(since.size) < 0.7]] = 1.0
    since = since[generator.random(since.size) < 0.7]
    rarest = sales.products - 1
    examples = np.flatnonzero(sales.product == rarest)
    changed.product[since] = rarest
    changed.amount[since] = sales.amount[generator.choice(examples, since.size)]
    return changed


def _since(sales: Sales, planted: Planted) -> Integers:
    """Return the places of the planted agents' sales from their day on."""
    begins = np.array([planted.get(agent, _NEVER) for agent in range(len(sales.names))])
    return np.flatnonzero(sales.day >= begins[sales.agent])


PLANTED: Final[dict[str, Callable[[Sales, Planted], Sales]]] = {
    "sell twice as many": _twice_as_many,
    "sell half as many again": _half_as_many_again,
    "sell for 1.25 times the amount": _dearer,
    "sell the rarest product in 70 % of cases, and 70 % late": _one_product,
}
"""What is done, and sales in which it is done."""
