import time

import pytest

from streams.files.pace import EventPace

_SPEED = 3_600.0


def test_the_first_event_is_due_at_once_and_later_ones_when_their_time_has_passed() -> None:
    pace = EventPace(_SPEED)
    begun = time.monotonic()
    assert pace.seconds_until("2025-01-01T00:00:00Z") == 0
    wait = pace.seconds_until("2025-01-01T02:00:00+01:00")
    assert wait <= 1 <= wait + time.monotonic() - begun


def test_an_event_out_of_order_is_due() -> None:
    pace = EventPace(_SPEED)
    pace.seconds_until("2025-01-01T12:00:00Z")
    assert pace.seconds_until("2025-01-01T11:00:00Z") < 0


@pytest.mark.parametrize("unreadable", [None, 7, "yesterday", "2025-01-02T00:00:00", []])
def test_a_time_that_cannot_be_read_holds_nothing_back(unreadable: object) -> None:
    pace = EventPace(_SPEED)
    pace.seconds_until("2025-01-01T00:00:00Z")
    assert pace.seconds_until(unreadable) == 0


def test_a_wrong_time_neither_stops_nor_hurries_the_others() -> None:
    pace = EventPace(_SPEED)
    pace.seconds_until("2025-01-01T00:00:00Z")
    assert pace.seconds_until("9999-01-01T00:00:00Z") == 0
    assert pace.seconds_until("2025-01-01T00:30:00Z") == 0
    assert 0.9 < pace.seconds_until("2025-01-01T01:30:00Z") <= 1
