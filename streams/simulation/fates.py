"""What becomes of one day's sales: when they are cancelled, and how their accounts are used."""

from typing import Final

import numpy as np

from streams.simulation.arrays import Flags, Floats, Integers
from streams.simulation.catalogue import PRODUCTS
from streams.simulation.day import Day
from streams.simulation.misdeeds import Misdeeds
from streams.simulation.occurrences import Code, Occurrences, table
from streams.simulation.sales import MILLISECONDS_AN_HOUR, Sales
from streams.simulation.seasons import MILLISECONDS_A_DAY, cancellation_shift, unused_shift

QUICK_DAYS: Final = 10
USE_DAYS: Final = 30
LATEST_USE_DAYS: Final = 90
CUSTOMERS_DAY_STARTS: Final = 7.5
CUSTOMERS_DAY_ENDS: Final = 22.0
MINUTES_BEFORE_CUSTOMER_ACTS: Final = 5.0
MINUTES_OF_THE_FIRST_HOURS: Final = 180.0

QUICK_TIMING: Final = (0.8, 2.8)
"""Shape of the beta law of quick cancellations over the ten days: most in the first three."""

QUICK_CODES: Final = (Code.CANCELLED_BY_REQUEST, Code.RETURNED, Code.NEVER_ORDERED)
QUICK_CODE_SHARES: Final = (0.66, 0.30, 0.04)
SELLER_KEYS_SHARE: Final = 0.20
"""Share of the quick cancellations that a misbehaving seller keys."""

SERVICE_FAULT_SHARE: Final = 0.006
SERVICE_FAULT_DAYS: Final = (2, 60)
NON_PAYMENT_SHARE: Final = 0.012
NON_PAYMENT_DAYS: Final = (6, 50)
MEAN_DAYS_TO_CHURN: Final = 1_500.0

LATE_USE_SHARE: Final = 0.2
"""Share of honestly unused accounts that a customer uses after all, once the thirty days passed."""

MEAN_DAYS_TO_FIRST_USE: Final = 3.0
MEAN_FURTHER_USES: Final = 0.55
MEAN_DAYS_TO_FURTHER_USE: Final = 25.0
USE_CODES: Final = (Code.CUSTOMER_LOGIN, Code.CUSTOMER_USAGE, Code.CUSTOMER_PAYMENT)
USE_CODE_SHARES: Final = (0.5, 0.36, 0.14)
WELCOME_SHARE: Final = 0.16
CONTACT_CHANGE_SHARE: Final = 0.04
AGENT_VERIFICATION_SHARE: Final = 0.07
FAKED_USE_SHARE: Final = 0.4
"""Share of the falsified unused accounts on which the seller logs in or uses something."""

FAKED_USE_DAYS: Final = 20


def draw_fates(day: Day, sales: Sales, misdeeds: Misdeeds) -> tuple[Occurrences, Integers]:
    """Draw all that happens to the sales of one day, in no order.

    Returns the occurrences, each later than its sale and no activity after its cancellation (every
    sale is cancelled in the end, most after years), and the accounts that are in use and were not
    cancelled quickly.
    """
    cancelled_at, cancellation_code = _cancellations(day, sales, misdeeds)
    unused, falsified = _unused(day, sales)
    idle = misdeeds.unused(sales.time.size)
    unused, falsified = unused | idle, falsified & ~idle
    activities = _activities(sales, unused, falsified, day.generator)
    activities += misdeeds.activities()
    rows, times, codes = (np.concatenate(column) for column in zip(*activities, strict=True))
    before_cancellation = times < cancelled_at[rows]
    rows = np.concatenate([rows[before_cancellation], np.arange(sales.time.size)])
    occurrences = table(
        {
            "sale": sales.number[rows],
            "account": sales.account[rows],
            "seller": sales.seller[rows],
            "price": sales.price[rows],
        },
        np.concatenate([times[before_cancellation], cancelled_at]),
        np.concatenate([codes[before_cancellation], cancellation_code]),
    )
    quick = cancelled_at < sales.time + QUICK_DAYS * MILLISECONDS_A_DAY
    return occurrences, sales.account[~unused & ~quick]


def _cancellations(day: Day, sales: Sales, misdeeds: Misdeeds) -> tuple[Integers, Integers]:
    """Return when and how each sale is cancelled, however long after the sale."""
    people, generator = day.people, day.generator
    size = sales.time.size
    seller = sales.seller
    misbehaves = day.number >= people.cancellation_change_day[seller]
    base = _logit(np.array([one.quick_cancellation for one in PRODUCTS]))[sales.product]
    shift = cancellation_shift(day.utc_date, day.settings.start)
    own = people.cancellation_offset[seller] + misbehaves * people.cancellation_change[seller]
    quick = generator.random(size) < _probability(base + own + shift)
    quick_day = (QUICK_DAYS * generator.beta(*QUICK_TIMING, size)).astype(np.int64)
    quick_code = _pick(QUICK_CODES, QUICK_CODE_SHARES, size, generator)
    by_seller = misbehaves & (generator.random(size) < SELLER_KEYS_SHARE)
    quick_code = np.where(by_seller, Code.CANCELLED_BY_SELLER, quick_code)

    other = generator.random(size)
    fault = other < SERVICE_FAULT_SHARE
    unpaid = (other >= SERVICE_FAULT_SHARE) & (other < SERVICE_FAULT_SHARE + NON_PAYMENT_SHARE)
    churn_day = QUICK_DAYS + 1 + generator.exponential(MEAN_DAYS_TO_CHURN, size).astype(np.int64)
    kinds = [quick, fault, unpaid]
    after = np.select(
        kinds,
        [
            quick_day,
            generator.integers(*SERVICE_FAULT_DAYS, size),
            generator.integers(*NON_PAYMENT_DAYS, size),
        ],
        churn_day,
    )
    code = np.select(
        kinds,
        [quick_code, np.full(size, Code.SERVICE_FAULT), np.full(size, Code.NON_PAYMENT)],
        Code.CANCELLED_BY_REQUEST,
    )
    after, code = misdeeds.ended(after, code, quick)
    return _customer_moments(sales.time, after, generator), code


def _unused(day: Day, sales: Sales) -> tuple[Flags, Flags]:
    """Return which accounts are not used within thirty days, and which of them are falsified."""
    people = day.people
    seller = sales.seller
    base = _logit(np.array([one.unused for one in PRODUCTS]))[sales.product]
    shift = unused_shift(day.utc_date, day.settings.start)
    honest = _probability(base + people.unused_offset[seller] + shift)
    misbehaves = day.number >= people.unused_change_day[seller]
    share = np.where(misbehaves, np.maximum(honest, people.unused_rate[seller]), honest)
    unused = day.generator.random(seller.size) < share
    return unused, unused & misbehaves


def _activities(
    sales: Sales, unused: Flags, falsified: Flags, generator: np.random.Generator
) -> list[tuple[Integers, Integers, Integers]]:
    """Return groups of activities: rows of `sales`, times, codes."""
    return [
        _first_uses(sales, unused, falsified, generator),
        _further_uses(sales, unused, generator),
        *_activities_by_others(sales, generator),
        _faked_uses(sales, falsified, generator),
    ]


def _first_uses(
    sales: Sales, unused: Flags, falsified: Flags, generator: np.random.Generator
) -> tuple[Integers, Integers, Integers]:
    size = sales.time.size
    soon = generator.exponential(MEAN_DAYS_TO_FIRST_USE, size).astype(np.int64)
    late = generator.integers(USE_DAYS + 1, LATEST_USE_DAYS, size)
    used_late = unused & ~falsified & (generator.random(size) < LATE_USE_SHARE)
    rows = np.flatnonzero(~unused | used_late)
    after = np.where(unused, late, np.minimum(soon, USE_DAYS - 1))[rows]
    times = _customer_moments(sales.time[rows], after, generator)
    return rows, times, _pick(USE_CODES, USE_CODE_SHARES, rows.size, generator)


def _further_uses(
    sales: Sales, unused: Flags, generator: np.random.Generator
) -> tuple[Integers, Integers, Integers]:
    used = np.flatnonzero(~unused)
    rows = np.repeat(used, generator.poisson(MEAN_FURTHER_USES, used.size))
    after = 1 + generator.exponential(MEAN_DAYS_TO_FURTHER_USE, rows.size).astype(np.int64)
    times = _customer_moments(sales.time[rows], after, generator)
    return rows, times, _pick(USE_CODES, USE_CODE_SHARES, rows.size, generator)


def _activities_by_others(
    sales: Sales, generator: np.random.Generator
) -> list[tuple[Integers, Integers, Integers]]:
    size = sales.time.size
    groups = []
    for code, share, hours in (
        (Code.SYSTEM_VERIFICATION, WELCOME_SHARE, 0.2),
        (Code.AGENT_VERIFICATION, AGENT_VERIFICATION_SHARE, 1.5),
        (Code.SYSTEM_CONTACT_CHANGE, CONTACT_CHANGE_SHARE, 24.0 * USE_DAYS),
    ):
        rows = np.flatnonzero(generator.random(size) < share)
        delay = generator.uniform(0.01 * hours, hours, rows.size) * MILLISECONDS_AN_HOUR
        times = sales.time[rows] + delay.astype(np.int64)
        groups.append((rows, times, np.full(rows.size, code, dtype=np.int64)))
    return groups


def _faked_uses(
    sales: Sales, falsified: Flags, generator: np.random.Generator
) -> tuple[Integers, Integers, Integers]:
    rows = np.flatnonzero(falsified & (generator.random(falsified.size) < FAKED_USE_SHARE))
    after = generator.integers(0, FAKED_USE_DAYS, rows.size)
    times = _customer_moments(sales.time[rows], after, generator)
    return (
        rows,
        times,
        _pick((Code.AGENT_LOGIN, Code.AGENT_USAGE), (0.6, 0.4), rows.size, generator),
    )


def _customer_moments(
    sold: Integers, days_after: Integers, generator: np.random.Generator
) -> Integers:
    """Return moments `days_after` whole UTC days after the day of the sale, always after the sale.

    On a later day at a customer's hour of the day; on the day of the sale within three hours.
    """
    hour = generator.uniform(CUSTOMERS_DAY_STARTS, CUSTOMERS_DAY_ENDS, sold.size)
    minutes = generator.uniform(MINUTES_BEFORE_CUSTOMER_ACTS, MINUTES_OF_THE_FIRST_HOURS, sold.size)
    midnight = sold - sold % MILLISECONDS_A_DAY
    later = midnight + days_after * MILLISECONDS_A_DAY + _milliseconds(hour)
    return np.where(days_after == 0, sold + _milliseconds(minutes / 60.0), later)


def _milliseconds(hours: Floats) -> Integers:
    return (hours * MILLISECONDS_AN_HOUR).astype(np.int64)


def _pick(
    codes: tuple[Code, ...], shares: tuple[float, ...], size: int, generator: np.random.Generator
) -> Integers:
    return generator.choice(np.array(codes, dtype=np.int64), size=size, p=shares)


def _logit(probability: Floats) -> Floats:
    return np.log(probability / (1.0 - probability))


def _probability(logit: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-logit))
