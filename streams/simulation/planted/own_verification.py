"""The seller verifies what they sold, or lets a friend confirm it within seconds."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.planted.form import DaysSales, Form

HONEST_SHARE: Final = 0.01
"""Share of all calls that the seller verified since there was nobody else."""

FRIENDS_SHARE: Final = 0.3
"""Share of the bad sales that a friend confirms, without a word with the customer."""

FRIENDS_MILLISECONDS: Final = (1_000, 6_000)

USUAL_MILLISECONDS: Final = (60_000, 900_000)

VERIFIERS: Final = 5


class OwnVerification(Form):
    """The planted form of ``own_verification``; some people verify for everybody else."""

    pattern: ClassVar[str] = "own_verification"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return who verified what was sold in a call, and when."""
        generator, size = sales.generator, sales.bad.size
        verifier = generator.integers(VERIFIERS, size=size)
        by_friend = sales.bad & sales.drawn(FRIENDS_SHARE)
        by_seller = (sales.bad | sales.drawn(HONEST_SHARE)) & ~by_friend
        names = np.where(by_seller, sales.seller, -1 - verifier).tolist()
        who = [sales.ids[one] if one >= 0 else f"verifier-{-one}" for one in names]
        took = np.where(
            by_friend,
            generator.integers(*FRIENDS_MILLISECONDS, size),
            generator.integers(*USUAL_MILLISECONDS, size),
        )
        confirmed = (sales.time + took).astype("datetime64[ms]")
        when = np.datetime_as_string(confirmed, unit="ms", timezone="UTC").tolist()
        spoken = sales.spoken.tolist()
        return {
            "verifier_id": [one if said else None for one, said in zip(who, spoken, strict=True)],
            "verified_at": [one if said else None for one, said in zip(when, spoken, strict=True)],
        }
