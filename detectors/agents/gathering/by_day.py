"""Dictionaries by day, which forget old days."""

from typing import Any

from detectors.basis.event_time import Day


def drop_before(by_day: dict[Day, Any], day: Day) -> None:
    """Drop the entries of the days before `day`."""
    for known in [known for known in by_day if known < day]:
        del by_day[known]
