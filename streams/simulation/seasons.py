"""How volume and rates move over the week, the year and the whole period."""

from datetime import date
from math import pi, sin
from typing import Final

DAYS_A_YEAR: Final = 365.25
MILLISECONDS_A_DAY: Final = 86_400_000
WEEKDAY_VOLUME: Final = (1.08, 1.04, 1.0, 0.98, 0.90, 0.60, 0.45)
"""Factor on the volume from Monday to Sunday; few agents work at weekends, besides."""

YEARLY_VOLUME: Final = 0.15
SEASON_IN_RATES: Final = 0.2
CANCELLATION_DRIFT_A_YEAR: Final = 0.10
UNUSED_DRIFT_A_YEAR: Final = -0.06


def volume_factor(day: date) -> float:
    """Return the factor on everybody's sales on that day; its mean from Monday to Friday is 1."""
    yearly = 1.0 + YEARLY_VOLUME * sin(2.0 * pi * (_year_fraction(day) - 0.6))
    return WEEKDAY_VOLUME[day.weekday()] * yearly


def cancellation_shift(day: date, start: date) -> float:
    """Return the logit shift of everybody's cancellations on that day: a season and a drift."""
    season = SEASON_IN_RATES * sin(2.0 * pi * (_year_fraction(day) - 0.8))
    return season + CANCELLATION_DRIFT_A_YEAR * (day - start).days / DAYS_A_YEAR


def unused_shift(day: date, start: date) -> float:
    """Return the logit shift of everybody's unused accounts on that day: a season and a drift."""
    season = SEASON_IN_RATES * sin(2.0 * pi * (_year_fraction(day) - 0.35))
    return season + UNUSED_DRIFT_A_YEAR * (day - start).days / DAYS_A_YEAR


def _year_fraction(day: date) -> float:
    return day.timetuple().tm_yday / DAYS_A_YEAR
