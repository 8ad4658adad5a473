"""The call ends without a recap."""

from typing import Any, ClassVar, Final

from streams.simulation.planted.form import DaysSales, Form, given

HONEST_SHARE: Final = 0.1
"""Share of all calls on which there was no time for one."""


class NoRecap(Form):
    """The planted form of ``no_recap``."""

    pattern: ClassVar[str] = "no_recap"
    rates: ClassVar[tuple[float, float]] = (0.4, 0.6)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return the flag, where somebody speaks."""
        is_bad = sales.bad | sales.drawn(HONEST_SHARE)
        return {"recap_given": given(~is_bad, sales.spoken)}
