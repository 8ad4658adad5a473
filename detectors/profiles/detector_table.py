"""Any detector of the contract behind the interface of a table: one detector a row."""

from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from detectors.basis.event_time import Day, start_of_day
from detectors.basis.saved_state import read_state
from detectors.contract.detector import Detector, DetectorConfig, Explaining
from detectors.contract.observation import STRANGE, Observation
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.profiles.series_table import SeriesTable, Strange, Tabular

FORM: Final = "detector 1"

KNOWN_AFTER: Final = 30
"""Values after which their mean is believed to be the centre of a series."""

LONGEST_REMARK: Final = 300
"""Characters of a detector's own words that an alert has room for."""


class DetectorRow(Struct, array_like=True):
    """One row in a snapshot: the detector's own, and what the table knows of the series."""

    detector: bytes
    shown: int
    mean: float
    ready: bool


class _Series:
    """One detector, the number and mean of the values it was shown, and whether it was ready."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.shown = 0
        self.mean = 0.0
        self.ready = False

    @property
    def known(self) -> bool:
        """Whether the series has a centre."""
        return self.shown >= KNOWN_AFTER


class DetectorTable:
    """A detector for each series: a value is scored, then learned.

    The mirror of a series stands at the mean of what it was shown. Where a fair coin decides what
    is mirrored, that mean stays where it is whatever the values do: each value moves it as far up
    as down. So a change that lasts is gone from a mirrored series, and what varies from day to day
    is left.

    Parameters
    ----------
    config
        Of the detectors.
    """

    def __init__(self, config: DetectorConfig) -> None:
        self._config: Final = config
        self._series: Final[list[_Series]] = []

    @property
    def form(self) -> str:
        """The version of a row's layout; a detector's snapshot carries its own."""
        return FORM

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._series)

    def add(self) -> int:
        """Make a row for a series that has no values yet, and return its number."""
        self._series.append(_Series(self._config.build()))
        return len(self._series) - 1

    def ready(self, rows: Integers) -> Booleans:
        """Return in which rows the detector was ready for its last value, and there is a centre."""
        chosen = [self._series[row] for row in rows.tolist()]
        return np.array([series.ready and series.known for series in chosen], np.bool_)

    def observe(
        self, day: Day, rows: Integers, values: Reals, mirrored: Booleans | None = None
    ) -> list[Strange]:
        """Receive a value of each of some different rows on a day; return those found strange."""
        turned = np.zeros(rows.size, np.bool_) if mirrored is None else mirrored
        found: list[Strange] = []
        for row, value, turn in zip(rows.tolist(), values.tolist(), turned.tolist(), strict=True):
            series = self._series[row]
            shown = 2.0 * series.mean - value if turn and series.known else value
            x = Observation(start_of_day(day), (shown,))
            score = series.detector.score_one(x)
            series.ready = score.ready
            if score.ready and score.value >= STRANGE:
                found.append(Strange(row, score.value, remark=_remark(series.detector, x)))
            series.detector.learn_one(x)
            series.shown += 1
            series.mean += (shown - series.mean) / series.shown
        return found

    def row_state(self, row: int) -> bytes:
        """Return the state of a row."""
        series = self._series[row]
        return msgspec.msgpack.encode(
            DetectorRow(series.detector.snapshot(), series.shown, series.mean, series.ready)
        )

    def load_row(self, row: int, state: bytes) -> None:
        """Restore the state of a row; see `SeriesTable`."""
        known = read_state(state, DetectorRow, f"a row of {self._config}")
        series = self._series[row] = _Series(self._config.build(known.detector))
        series.shown, series.mean, series.ready = known.shown, known.mean, known.ready


def series_table(config: DetectorConfig) -> SeriesTable:
    """Build the table that a config offers, or else one of its detectors."""
    return config.table() if isinstance(config, Tabular) else DetectorTable(config)


def _remark(detector: Detector, x: Observation) -> str:
    return detector.explain_one(x)[:LONGEST_REMARK] if isinstance(detector, Explaining) else ""
