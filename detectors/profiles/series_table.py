"""What a profile needs of its detectors: a table with one row for each series."""

from typing import Protocol, runtime_checkable

from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.evidence.arrays import Booleans, Integers, Reals


class Strange(Struct, frozen=True):
    """The series in ``row`` was found strange, with that ``score``.

    Attributes
    ----------
    since, days, change
        Of a table that sees when the level changed: the day on which it is likely to have, how many
        days with a value have come since then, and the mean of their values minus that of the
        values before. None from any other.
    remark
        What the detector says of it in words of its own.

    """

    row: int
    score: float
    since: Day | None = None
    days: int | None = None
    change: float | None = None
    remark: str = ""


class SeriesTable(Protocol):
    """Detectors of many series at once; a series is what it would be alone."""

    @property
    def form(self) -> str:
        """The version of the layout of a row's state, and of the library that wrote it."""

    def __len__(self) -> int:
        """Count the rows."""

    def add(self) -> int:
        """Make a row for a series that has no values yet, and return its number."""

    def ready(self, rows: Integers) -> Booleans:
        """Tell which rows know their past: values can be mirrored there, and alarms count."""

    def observe(
        self, day: Day, rows: Integers, values: Reals, mirrored: Booleans | None = None
    ) -> list[Strange]:
        """Receive a value of each of some different rows on a day; return those found strange.

        Where `mirrored` holds, a value counts as one as far on the other side of the centre of the
        values that the row was shown before, once the row is known well enough to have one.
        """

    def row_state(self, row: int) -> bytes:
        """Return the state of a row."""

    def load_row(self, row: int, state: bytes) -> None:
        """Restore the state of a row.

        Raises
        ------
        IncompatibleSnapshot
            If `state` was not given by `row_state` under an equal config.

        """


@runtime_checkable
class Tabular(Protocol):
    """What a config may offer beside: a table that is quicker than one detector a series."""

    def table(self) -> SeriesTable:
        """Build a table without rows, which finds strange what the config's detector does."""
