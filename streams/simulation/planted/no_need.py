"""Offered without a question."""

from typing import Any, ClassVar, Final

from streams.simulation.planted.form import DaysSales, Form, given

HONEST_SHARE: Final = 0.1
"""Share of all calls on which the reviewer heard no question."""


class NoNeed(Form):
    """The planted form of ``no_need``."""

    pattern: ClassVar[str] = "no_need"
    rates: ClassVar[tuple[float, float]] = (0.4, 0.6)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return the flag, where somebody speaks."""
        is_bad = sales.bad | sales.drawn(HONEST_SHARE)
        return {"need_identified": given(~is_bad, sales.spoken)}
