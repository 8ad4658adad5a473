"""One day of the simulated period."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from streams.simulation.people import People
from streams.simulation.seasons import MILLISECONDS_A_DAY
from streams.simulation.settings import SimulationSettings


@dataclass(frozen=True)
class Day:
    """The day with that `number` from 0, and all it takes to draw what happens on it."""

    settings: SimulationSettings
    people: People
    generator: np.random.Generator
    number: int

    @property
    def utc_date(self) -> date:
        """The day's date in UTC."""
        return self.settings.start + timedelta(days=self.number)

    @property
    def midnight(self) -> int:
        """The day's first moment, in milliseconds since 1970 UTC."""
        begins_at = int(self.settings.begins_at.timestamp()) * 1000
        return begins_at + self.number * MILLISECONDS_A_DAY
