"""Sold although the customer had refused, by the disposition of the call."""

from typing import Any, ClassVar, Final

from streams.simulation.planted.form import DaysSales, Form, given

HONEST_SHARE: Final = 0.01
"""Share of all calls with a disposition that was keyed wrongly."""


class SoldOverRefusal(Form):
    """The planted form of ``sold_over_refusal``."""

    pattern: ClassVar[str] = "sold_over_refusal"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.4)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return the flag, where somebody speaks."""
        is_bad = sales.bad | sales.drawn(HONEST_SHARE)
        return {"offer_refused": given(is_bad, sales.spoken)}
