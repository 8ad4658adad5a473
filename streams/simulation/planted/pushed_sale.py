"""Whoever said no is asked twice more."""

from typing import Any, ClassVar, Final

from streams.simulation.planted.form import DaysSales, Form, given

ATTEMPTS_OF_A_PUSH: Final = 2
"""More than usual, after the customer has said no."""


class PushedSale(Form):
    """The planted form of ``pushed_sale``; of honest agents some 12 % are pushed."""

    pattern: ClassVar[str] = "pushed_sale"
    rates: ClassVar[tuple[float, float]] = (0.40, 0.60)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return the attempts, where somebody speaks."""
        attempts = sales.attempts + ATTEMPTS_OF_A_PUSH
        return {"closing_attempts": given(attempts, sales.bad & sales.spoken)}
