"""What is kept by day, and dropped with the days."""

from typing import Any


def drop_before(by_day: dict[int, Any], day: int) -> None:
    """Drop what is known of the days before one."""
    for known in [known for known in by_day if known < day]:
        del by_day[known]
