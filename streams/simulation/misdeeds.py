"""What those who are planted for further patterns make of one day's sales."""

from typing import Any, NamedTuple, Self
from zlib import crc32

import numpy as np

from streams.simulation.arrays import Flags, Integers
from streams.simulation.catalogue import CHANNELS, SPOKEN_CHANNEL
from streams.simulation.day import Day
from streams.simulation.occurrences import CODES
from streams.simulation.planted import FORMS
from streams.simulation.planted.form import DaysSales, Form, Happening
from streams.simulation.planted.traffic import record
from streams.simulation.sales import Sales

_SPOKEN = CHANNELS.index(SPOKEN_CHANNEL)


class Misdeeds(NamedTuple):
    """The forms that somebody is planted for, each with the sales of the day as it sees them."""

    forms: tuple[tuple[Form, DaysSales], ...]

    @classmethod
    def on(cls, day: Day, sales: Sales, memories: dict[str, dict[Any, Any]]) -> Self:
        """Draw which sales of a day are made badly, by form; `memories` are what forms remember."""
        return cls(
            tuple(
                (FORMS[pattern], _as_seen(pattern, day, sales, memories))
                for pattern in day.settings.also_planted
            )
        )

    def fields(self) -> dict[str, list[Any]]:
        """Return what events of sales say beyond the usual; None leaves a field as it is."""
        found: dict[str, list[Any]] = {}
        for form, sales in self.forms:
            for name, values in form.fields(sales).items():
                known = found.setdefault(name, [None] * len(values))
                # Two forms may say how honest sales look there: the first holds. What is bad tells.
                for place, is_bad in enumerate(sales.bad.tolist()):
                    if values[place] is not None and (is_bad or known[place] is None):
                        known[place] = values[place]
        return found

    def ended(self, days: Integers, code: Integers, soon: Flags) -> tuple[Integers, Integers]:
        """Return when and how sales are cancelled, of which some are cancelled `soon` anyway."""
        for form, sales in self.forms:
            ends = form.ends(sales)
            if ends is not None:
                codes = np.array([CODES[deed] for deed in form.deeds])
                meant = (ends.deed >= 0) & ~soon
                days = np.where(meant, ends.days, days)
                code = np.where(meant, codes[ends.deed], code)
        return days, code

    def unused(self, size: int) -> Flags:
        """Return on which accounts no customer does what is use."""
        unused = np.zeros(size, dtype=np.bool_)
        for form, sales in self.forms:
            unused |= form.unused(sales)
        return unused

    def activities(self) -> list[tuple[Integers, Integers, Integers]]:
        """Return what is done beyond the usual: rows of the sales, times, codes."""
        happened = [one for form, sales in self.forms for one in form.happenings(sales)]
        return [
            (one.rows, one.times, np.full(one.rows.size, CODES[one.deed], dtype=np.int64))
            for one in (*happened, *self._met())
        ]

    def _met(self) -> list[Happening]:
        """Return who met whom, if a form needs the record of it: one for all forms."""
        found = [(sales, form.unmet(sales)) for form, sales in self.forms]
        gaps = [(sales, unmet) for sales, unmet in found if unmet is not None]
        if not gaps:
            return []
        return [record(gaps[0][0], np.logical_or.reduce([unmet for _, unmet in gaps]))]


def _as_seen(
    pattern: str, day: Day, sales: Sales, memories: dict[str, dict[Any, Any]]
) -> DaysSales:
    # From numbers of its own: no form moves what is drawn for another, or for everybody.
    seed = (day.settings.seed, day.number, crc32(pattern.encode()))
    generator = np.random.default_rng(seed)
    return DaysSales(
        bad=day.people.misbehaves(pattern, day.number, sales.seller, generator),
        spoken=(sales.channel == _SPOKEN) & (sales.seller != day.people.nobody),
        time=sales.time,
        number=sales.number,
        account=sales.account,
        seller=sales.seller,
        product=sales.product,
        price=sales.price,
        attempts=sales.attempts,
        nobody=day.people.nobody,
        ids=day.people.ids,
        generator=generator,
        memory=memories.setdefault(pattern, {}),
    )
