"""The seller verifies what they sold."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.planted.form import DaysSales, Form

HONEST_SHARE: Final = 0.01
"""Share of all calls that the seller verified since there was nobody else."""

VERIFIERS: Final = 5


class OwnVerification(Form):
    """The planted form of ``own_verification``; some people verify for everybody else."""

    pattern: ClassVar[str] = "own_verification"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return who verified what was sold in a call."""
        verifier = sales.generator.integers(VERIFIERS, size=sales.bad.size)
        by_seller = sales.bad | sales.drawn(HONEST_SHARE)
        names = np.where(by_seller, sales.seller, -1 - verifier).tolist()
        who = [sales.ids[one] if one >= 0 else f"verifier-{-one}" for one in names]
        spoken = sales.spoken.tolist()
        return {
            "verifier_id": [one if said else None for one, said in zip(who, spoken, strict=True)]
        }
