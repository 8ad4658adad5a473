"""Customers to whom several sales are made, as the forms of patterns across accounts have them."""

from typing import Any, Final, NamedTuple

from streams.simulation.planted.form import DAY_IN_MILLISECONDS, DaysSales

Fields = dict[str, list[Any]]


class Chain(NamedTuple):
    """Sales to one customer by one seller: how many, the number of the last, and when it was."""

    customer: str
    length: int
    number: int
    time: int


class Link(NamedTuple):
    """The place of a sale among those of the day, and the chain that it goes on with."""

    place: int
    chain: Chain


def customer_id(account: int) -> str:
    """Return the customer of the first sale on an account, by its number."""
    return f"c-{account + 1:08d}"


def sale_id(number: int) -> str:
    """Return the id of a sale, by its number."""
    return f"s-{number + 1:08d}"


def empty(sales: DaysSales, *names: str) -> Fields:
    """Return fields that leave every sale as it is."""
    return {name: [None] * sales.bad.size for name in names}


def chained(
    sales: DaysSales,
    places: list[int],
    longest: int,
    days: tuple[float, float],
    *,
    by_product: bool,
) -> list[Link]:
    """Return which sales go on with a chain of their seller, and remember the chains.

    A chain ends at its `longest`, or when its last sale was not as many `days` ago.
    """
    links = []
    for place in places:
        seller, number, time = (
            int(column[place]) for column in (sales.seller, sales.number, sales.time)
        )
        key = (seller, int(sales.product[place])) if by_product else seller
        known: Chain | None = sales.memory.get(key)
        ago = 0.0 if known is None else (time - known.time) / DAY_IN_MILLISECONDS
        if known is not None and known.length < longest and ago < days[0]:
            continue
        if known is not None and known.length < longest and ago <= days[1]:
            links.append(Link(place, known))
            sales.memory[key] = Chain(known.customer, known.length + 1, number, time)
        else:
            customer = customer_id(int(sales.account[place]))
            sales.memory[key] = Chain(customer, 1, number, time)
    return links


HONEST_LENGTH: Final = 2
"""How often an honest agent sells the like to one customer."""
