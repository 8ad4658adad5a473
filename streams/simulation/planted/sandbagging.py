"""What is sold in the last days of a month is booked in the next one."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.planted.form import DAY_IN_MILLISECONDS, DaysSales, Form

USUAL_DAYS: Final = 2.0
"""Within which the back office books."""

QUEUE_SHARE: Final = 0.01
"""Share of all sales that wait for papers, for as long as one that is held back."""

HELD_FOR: Final = (4.0, 12.0)
"""Days for which a sale is held back; in the first half of a month that turns no period."""


class Sandbagging(Form):
    """The planted form of ``sandbagging``."""

    pattern: ClassVar[str] = "sandbagging"
    rates: ClassVar[tuple[float, float]] = (0.60, 0.90)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return when the sales were booked."""
        generator, size = sales.generator, sales.bad.size
        is_held = sales.bad | sales.drawn(QUEUE_SHARE)
        days = np.where(
            is_held, generator.uniform(*HELD_FOR, size), generator.uniform(0, USUAL_DAYS, size)
        )
        booked = sales.time + (days * DAY_IN_MILLISECONDS).astype(np.int64)
        stamps = np.datetime_as_string(booked.astype("datetime64[ms]"), unit="ms", timezone="UTC")
        return {"booked_at": stamps.tolist()}
