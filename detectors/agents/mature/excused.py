"""Agents whom people found honest: what comes of sales they have looked at is no evidence."""

import numpy as np

from detectors.basis.event_time import Day
from detectors.evidence.arrays import Integers


class Excused:
    """Whose outcomes weigh nothing, and until the end of which day, by row."""

    def __init__(self) -> None:
        self.until: dict[int, Day] = {}

    def weigh(self, day: Day, rows: Integers, exponents: Integers) -> Integers:
        """Return the exponents of the outcomes of a day, 0 for those of agents who are excused.

        Days come in their order: who is excused no longer is forgotten.
        """
        if not self.until:
            return exponents
        self.until = {row: last for row, last in self.until.items() if day <= last}
        return np.where(np.isin(rows, list(self.until)), 0, exponents)
