"""As long as events are not read, nobody is told that they are."""

import sqlite3
import time
from pathlib import Path

import pytest

from streams.broker.security import OPEN
from streams.desk.event_reading import EventReading
from streams.desk.model.read_model import ReadModel
from tests.brokers.selection import AvailableBroker
from tests.integration.busy_month import event_lines
from tests.integration.installation import install

pytestmark = pytest.mark.integration

SECONDS = 30.0


def waited_for(reading: EventReading, number: int | None) -> bool:
    """Return whether it comes to say that so many events are not read."""
    until = time.monotonic() + SECONDS
    while reading.behind() != number and time.monotonic() < until:
        time.sleep(0.05)
    return reading.behind() == number


def test_what_ends_the_reading_is_raised_and_nobody_is_told_that_all_is_read(
    broker: AvailableBroker, tmp_path: Path
) -> None:
    installation = install(broker, 1)
    place = (broker.bootstrap, installation.prefix, OPEN)
    with (
        ReadModel(tmp_path / "model.sqlite") as model,
        EventReading(place, model, SECONDS) as reading,
    ):
        assert waited_for(reading, 0)
        reading.require_reading()
        with sqlite3.connect(tmp_path / "model.sqlite") as other:  # as if the disk had failed
            other.execute("DROP TABLE events")
        other.close()
        installation.send_events(event_lines()[:10])
        assert waited_for(reading, None)
        with pytest.raises(sqlite3.OperationalError, match="events"):
            reading.require_reading()
