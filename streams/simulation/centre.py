"""The simulated contact centre: settings in, lines of events in time order out."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from streams.simulation.arrays import Integers
from streams.simulation.counts import EventCounts
from streams.simulation.day import Day
from streams.simulation.encoding import EventEncoder
from streams.simulation.fates import draw_fates
from streams.simulation.misdeeds import Misdeeds
from streams.simulation.occurrences import Occurrences, no_occurrences
from streams.simulation.people import People, draw_people
from streams.simulation.sales import Sales, draw_sales
from streams.simulation.seasons import MILLISECONDS_A_DAY
from streams.simulation.settings import SimulationSettings

REMEMBERED_ACCOUNTS: Final = 5_000


def simulate(
    settings: SimulationSettings,
    counts: EventCounts | None = None,
    people: People | None = None,
) -> Iterator[bytes]:
    """Yield the events of the period as JSON objects without line ends, in order of their times.

    Times are distinct, in milliseconds, from the first midnight of the period up to, and not
    including, the last. Equal settings give equal bytes. What is kept in memory is one day and the
    occurrences to come. `counts`, when given, counts what was emitted; `people`, when given, stand
    in the place of the sellers of the settings.
    """
    drawn, generator = centre_of(settings)
    people = drawn if people is None else people
    encoder = EventEncoder(people, settings.start)
    ends_at = Day(settings, people, generator, settings.days).midnight
    accounts_in_use = np.empty(0, dtype=np.int64)
    to_come = no_occurrences()
    sold = emitted = 0
    memories: dict[str, dict[Any, Any]] = {}
    for number in range(settings.days):
        day = Day(settings, people, generator, number)
        sales = draw_sales(day, sold, accounts_in_use)
        misdeeds = Misdeeds.on(day, sales, memories)
        occurrences, in_use = draw_fates(day, sales, misdeeds)
        to_come = np.concatenate([to_come, occurrences[occurrences["time"] < ends_at]])
        is_due = to_come["time"] < day.midnight + MILLISECONDS_A_DAY
        due, to_come = to_come[is_due], to_come[~is_due]
        if counts is not None:
            counts.add(day, sales, due)
        yield from _lines(day, sales, due, encoder, emitted, misdeeds.fields())
        accounts_in_use = np.concatenate([accounts_in_use, in_use])[-REMEMBERED_ACCOUNTS:]
        sold += sales.time.size
        emitted += sales.time.size + due.size


def centre_of(settings: SimulationSettings) -> tuple[People, np.random.Generator]:
    """Return the sellers, and the source of chance for their days; equal for equal settings."""
    of_people, of_days = np.random.SeedSequence(settings.seed).spawn(2)
    return draw_people(settings, np.random.default_rng(of_people)), np.random.default_rng(of_days)


def _lines(
    day: Day,
    sales: Sales,
    due: Occurrences,
    encoder: EventEncoder,
    emitted: int,
    fields: dict[str, list[Any]],
) -> list[bytes]:
    times = np.concatenate([sales.time, due["time"]])
    order = np.argsort(times, kind="stable")
    spaced = _distinct(times[order], day.midnight + MILLISECONDS_A_DAY)
    ranks = np.empty(order.size, dtype=np.int64)
    ranks[order] = np.arange(order.size)
    moments = spaced[ranks].astype("datetime64[ms]")
    stamps: list[str] = np.datetime_as_string(moments, unit="ms", timezone="UTC").tolist()
    numbers: list[int] = (emitted + ranks).tolist()
    size = sales.time.size
    unordered = encoder.sales(sales, stamps[:size], numbers[:size], fields)
    unordered += encoder.occurrences(due, stamps[size:], numbers[size:])
    return [unordered[position] for position in order.tolist()]


def _distinct(times: Integers, before: int) -> Integers:
    """Return the ordered times moved apart by as few milliseconds as it takes, all `before`."""
    steps = np.arange(times.size)
    forward = np.maximum.accumulate(times - steps) + steps
    return np.minimum(forward, before - times.size + steps)
