"""Sold without a call: neither an interaction nor a consent is on record."""

from typing import Any, ClassVar, Final

from streams.simulation.planted.form import ABSENT, DaysSales, Form

HONEST_SHARE: Final = 0.01
"""Share of all calls that the recorder missed."""


class NoConsent(Form):
    """The planted form of ``no_consent``."""

    pattern: ClassVar[str] = "no_consent"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return what is absent of bad sales."""
        is_bad = sales.bad | sales.drawn(HONEST_SHARE)
        absent = [ABSENT if one else None for one in is_bad.tolist()]
        return {"interaction_id": absent, "consent_id": absent}
