"""One day's sales, as columns."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from streams.simulation.arrays import Floats, Integers
from streams.simulation.catalogue import PRODUCTS
from streams.simulation.day import Day
from streams.simulation.seasons import volume_factor

MILLISECONDS_AN_HOUR: Final = 3_600_000
PRICE_SPREAD: Final = 0.25
SELLERS_RHYTHM: Final = 1.4
ADD_ON_SHARE: Final = 0.02
SENTIMENT_MEAN: Final = 0.12
SENTIMENT_SD: Final = 0.35
MEAN_FURTHER_ATTEMPTS: Final = 0.6


@dataclass(frozen=True)
class Sales:
    """The sales of one day in the order of their times; every column has one entry a sale.

    `time` in milliseconds since 1970 UTC, `number` the sale's number from 0 over the whole period,
    `account` the number of the first sale on the same account, `seller` a row of `People`,
    `product` and `channel` positions in the catalogue, `price` and `commission` amounts of money,
    `sentiment` from -1 to 1, `attempts` to close the sale from 1.
    """

    time: Integers
    number: Integers
    account: Integers
    seller: Integers
    product: Integers
    channel: Integers
    price: Floats
    commission: Floats
    sentiment: Floats
    attempts: Integers


def draw_sales(day: Day, first_number: int, accounts_in_use: Integers) -> Sales:
    """Draw the sales of one day; `first_number` is the number of its first sale.

    A few are add-ons to one of `accounts_in_use`; every other opens an account.
    """
    people, generator = day.people, day.generator
    present = people.present(day.number, day.utc_date.weekday(), generator)
    counts = generator.poisson(people.volume * present * volume_factor(day.utc_date))
    seller = np.repeat(np.arange(counts.size), counts)
    size = seller.size
    rhythm = generator.beta(SELLERS_RHYTHM, SELLERS_RHYTHM, size)
    hour = people.opens_at[seller] + people.hours[seller] * rhythm
    time = day.midnight + (hour * MILLISECONDS_AN_HOUR).astype(np.int64)
    order = np.argsort(time, kind="stable")
    time, seller = time[order], seller[order]
    number = first_number + np.arange(size)
    product = _choose(people.product_mix[seller], generator.random(size))
    price = _in_hundredths(
        np.array([one.price for one in PRODUCTS])[product]
        * np.exp(generator.normal(0.0, PRICE_SPREAD, size))
    )
    account = _with_add_ons(number, accounts_in_use, generator)
    return Sales(
        time=time,
        number=number,
        account=account,
        seller=seller,
        product=product,
        channel=_choose(people.channel_mix[seller], generator.random(size)),
        price=price,
        commission=_in_hundredths(price * np.array([one.commission for one in PRODUCTS])[product]),
        sentiment=_in_hundredths(
            np.clip(generator.normal(SENTIMENT_MEAN, SENTIMENT_SD, size), -1.0, 1.0)
        ),
        attempts=1 + generator.poisson(MEAN_FURTHER_ATTEMPTS, size),
    )


def _choose(cumulative: Floats, uniform: Floats) -> Integers:
    chosen: Integers = (uniform[:, np.newaxis] >= cumulative[:, :-1]).sum(axis=1)
    return chosen


def _in_hundredths(numbers: Floats) -> Floats:
    return np.round(numbers, 2)


def _with_add_ons(
    number: Integers, accounts_in_use: Integers, generator: np.random.Generator
) -> Integers:
    is_add_on = generator.random(number.size) < ADD_ON_SHARE
    if accounts_in_use.size == 0:
        return number
    return np.where(is_add_on, generator.choice(accounts_in_use, number.size), number)
