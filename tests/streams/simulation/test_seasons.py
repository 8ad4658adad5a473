"""Seasons are mild, and centred."""

from datetime import date, timedelta
from statistics import mean

import pytest

from streams.simulation.seasons import cancellation_shift, unused_shift, volume_factor

YEAR = [date(2025, 1, 1) + timedelta(days=one) for one in range(365)]


def test_weekends_are_quiet_and_working_days_have_factor_one() -> None:
    working = [volume_factor(day) for day in YEAR if day.weekday() < 5]
    assert mean(working) == pytest.approx(1.0, abs=0.01)
    assert mean(volume_factor(day) for day in YEAR if day.weekday() >= 5) < 0.6


def test_rates_move_by_a_fifth_on_the_logit_and_drift_a_little() -> None:
    for shift in (cancellation_shift, unused_shift):
        shifts = [shift(day, YEAR[0]) for day in YEAR]
        assert 0.25 < max(shifts) - min(shifts) < 0.5
        drift = shift(date(2029, 3, 1), date(2025, 3, 1)) - shift(YEAR[59], date(2025, 3, 1))
        assert 0.2 < abs(drift) < 0.5
