"""The same person confirms what a seller sells, who takes turns with others for everybody else."""

from typing import Any, ClassVar

import numpy as np

from streams.simulation.planted.form import DaysSales, Form
from streams.simulation.planted.own_verification import VERIFIERS


class OneVerifier(Form):
    """The planted form of ``one_verifier``; each seller has a friend among those who verify."""

    pattern: ClassVar[str] = "one_verifier"
    rates: ClassVar[tuple[float, float]] = (0.50, 0.90)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return who verified what was sold in a call."""
        next_free = sales.generator.integers(VERIFIERS, size=sales.bad.size)
        who = np.where(sales.bad, sales.seller % VERIFIERS, next_free)
        named = zip(who.tolist(), sales.spoken.tolist(), strict=True)
        return {"verifier_id": [f"verifier-{1 + one}" if said else None for one, said in named]}
