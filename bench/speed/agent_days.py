"""Sales as columns, and what an agent did on each of their days."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from detectors.basis.event_time import seconds_at
from detectors.events.event import AnyEvent, Sale

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_DAY: Final = 86_400
_LATE: Final = 0.75
"""Share of a seller's day after which a sale is late."""


@dataclass(frozen=True)
class Sales:
    """Sales of agents, one element each, in the order of their days; names as numbers."""

    names: list[str]
    """Of the agents."""
    products: int
    agent: Integers
    group: Integers
    """Of peers: the site, or what stands before the first dash of the agent's name."""
    day: Integers
    product: Integers
    channel: Integers
    amount: Floats
    late: Floats
    """1 for a sale late on the group's day, else 0."""

    def relabelled(self, cells: Integers, generator: np.random.Generator) -> "Sales":
        """Deal out the agents (with their groups) at random among the sales of each cell."""
        order = np.lexsort((np.arange(cells.size), cells))
        dealt = np.lexsort((generator.random(cells.size), cells))
        agent, group = self.agent.copy(), self.group.copy()
        agent[order], group[order] = self.agent[dealt], self.group[dealt]
        return replace(self, agent=agent, group=group)

    def chosen(self, index: Integers) -> "Sales":
        """Return the sales at these places."""
        return replace(
            self,
            agent=self.agent[index],
            group=self.group[index],
            day=self.day[index],
            product=self.product[index],
            channel=self.channel[index],
            amount=self.amount[index],
            late=self.late[index],
        )


@dataclass(frozen=True)
class AgentDays:
    """One element for each agent and day with a sale, by day, then agent."""

    agent: Integers
    group: Integers
    day: Integers
    volume: Floats
    """Logarithm of the number of sales against the mean of the colleagues at work."""
    amount: Floats
    """Standardised mean of the logarithm of the amount against that of the day and product."""
    mix: Floats
    """(days, numbers): volume, amount, share late, share of channel 0, shares of products."""


def read_sales(path: Path) -> Sales:
    """Read the sales that an agent made."""
    decode = msgspec.json.Decoder(AnyEvent).decode
    sales = [
        event
        for line in path.read_bytes().splitlines()
        if b'"sale"' in line and isinstance(event := decode(line), Sale) and event.agent_id
    ]
    sales.sort(key=lambda sale: (sale.occurred_at, sale.sale_id))
    seconds = np.array([seconds_at(sale.occurred_at) for sale in sales])
    names, agent = np.unique([sale.agent_id or "" for sale in sales], return_inverse=True)
    product = _by_frequency([sale.product for sale in sales])
    group = _numbers([sale.site or (sale.agent_id or "").partition("-")[0] for sale in sales])
    hour = seconds % _DAY
    late = np.zeros(seconds.size)
    for one in range(group.max() + 1):
        mine = group == one
        late[mine] = hour[mine] > np.quantile(hour[mine], _LATE)
    return Sales(
        names=names.tolist(),
        products=min(int(product.max()) + 1, 5),
        agent=agent.astype(np.int64),
        group=group,
        day=(seconds // _DAY).astype(np.int64),
        product=product,
        channel=_by_frequency([sale.channel or "" for sale in sales]),
        amount=np.array([sale.amount for sale in sales]),
        late=late,
    )


def agent_days(sales: Sales) -> AgentDays:
    """Sum up what each agent did on each day."""
    key = sales.day * len(sales.names) + sales.agent
    keys, first, place, count = np.unique(
        key, return_index=True, return_inverse=True, return_counts=True
    )
    day = keys // len(sales.names)
    mean = _means(count.astype(float), day - day.min(), himself=False)
    volume = np.log(count / np.maximum(mean, 0.5))
    logarithm = np.log1p(sales.amount)
    cells = sales.day * (sales.product.max() + 1) + sales.product
    residual = logarithm - _means(logarithm, _numbers(cells), himself=True)
    spread = 1.4826 * np.median(np.abs(residual[residual != 0.0])) or 1.0
    amount = _sums(residual, place) / np.sqrt(count) / spread
    product = np.minimum(sales.product, sales.products - 1)
    shares = [_sums(sales.late, place), _sums((sales.channel == 0).astype(float), place)]
    shares += [_sums((product == one).astype(float), place) for one in range(sales.products)]
    mix = np.column_stack([volume, amount, *(share / count for share in shares)])
    return AgentDays(keys % len(sales.names), sales.group[first], day, volume, amount, mix)


def mix_limits(days: AgentDays) -> tuple[tuple[float, float], ...]:
    """Return the ordinary range of each number of `AgentDays.mix`."""
    return ((-3.0, 3.0), (-4.0, 4.0), *(((0.0, 1.0),) * (days.mix.shape[1] - 2)))


def series(days: AgentDays) -> Iterator[Integers]:
    """Return the places of each agent's days, in the order of time."""
    order = np.lexsort((days.day, days.agent))
    yield from np.split(order, np.flatnonzero(np.diff(days.agent[order])) + 1)


def _sums(numbers: Floats, place: Integers) -> Floats:
    sums: Floats = np.bincount(place, weights=numbers).astype(np.float64)
    return sums


def _means(numbers: Floats, place: Integers, *, himself: bool) -> Floats:
    """Return for each number the mean of those at its place, with itself or without."""
    total, count = _sums(numbers, place)[place], np.bincount(place)[place]
    if himself:
        return total / count
    return (total - numbers) / np.maximum(count - 1, 1)


def _numbers(names: list[str] | Integers) -> Integers:
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _by_frequency(names: list[str]) -> Integers:
    """Return names as numbers from 0, the most frequent first."""
    _, number, count = np.unique(names, return_inverse=True, return_counts=True)
    rank = np.empty(count.size, np.int64)
    rank[np.argsort(-count, kind="stable")] = np.arange(count.size)
    return rank[number]
