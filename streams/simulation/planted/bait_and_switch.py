"""Sold far dearer than quoted, half of it in the place of something "out of stock"."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.planted.form import DaysSales, Form, given

QUOTED: Final = (0.97, 1.03)
"""What was quoted, as a multiple of the price, in an honest call: options, rounding."""

DEARER_SHARE: Final = 0.03
"""Share of all calls in which options were added to what was quoted."""

BAIT: Final = (0.5, 0.7)


class BaitAndSwitch(Form):
    """The planted form of ``bait_and_switch``."""

    pattern: ClassVar[str] = "bait_and_switch"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return the quotes of what was sold in a call."""
        generator, size = sales.generator, sales.bad.size
        is_dearer = sales.bad | sales.drawn(DEARER_SHARE)
        times = np.where(
            is_dearer, generator.uniform(*BAIT, size), generator.uniform(*QUOTED, size)
        )
        switched = sales.bad & sales.drawn(0.5) & sales.spoken
        return {
            "quoted_amount": given(np.round(sales.price * times, 2), sales.spoken),
            "quoted_product": given(np.full(size, "basic"), switched),
            "out_of_stock": given(np.full(size, fill_value=True), switched),
        }
