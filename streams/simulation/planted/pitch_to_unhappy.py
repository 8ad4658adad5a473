"""Customers who call to complain, or to leave, are sold something."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.planted.form import DaysSales, Form, given

REASONS: Final = ("order", "question", "complaint", "cancellation")
REASON_SHARES: Final = (0.70, 0.26, 0.03, 0.01)
"""Of all calls that end in a sale."""

UNHAPPY: Final = 2
"""The first reason of those that are unhappy ones."""


class PitchToUnhappy(Form):
    """The planted form of ``pitch_to_unhappy``."""

    pattern: ClassVar[str] = "pitch_to_unhappy"
    rates: ClassVar[tuple[float, float]] = (0.40, 0.60)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return why the customer called, where they did."""
        size = sales.bad.size
        usual = sales.generator.choice(len(REASONS), size=size, p=REASON_SHARES)
        unhappy = sales.generator.integers(UNHAPPY, len(REASONS), size)
        reasons = np.array(REASONS)[np.where(sales.bad, unhappy, usual)]
        return {"interaction_reason": given(reasons, sales.spoken)}
