"""Nobody names the fees."""

from typing import Any, ClassVar, Final

from streams.simulation.planted.form import DaysSales, Form, given

HONEST_SHARE: Final = 0.06
"""Share of all calls on which they were forgotten."""


class UndisclosedFee(Form):
    """The planted form of ``undisclosed_fee``."""

    pattern: ClassVar[str] = "undisclosed_fee"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.4)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return the flag, where somebody speaks."""
        is_bad = sales.bad | sales.drawn(HONEST_SHARE)
        return {"fees_disclosed": given(~is_bad, sales.spoken)}
