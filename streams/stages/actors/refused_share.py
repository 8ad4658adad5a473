"""Whether most records of a topic are refused: then its source is broken, or is another one."""

from typing import Final

from detectors.basis.errors import InvalidEvent
from streams.printable import printable
from streams.wire.recognising import recognise

JUDGED_AFTER: Final = 100
"""Records after which their share is judged, each time anew."""

MOST_REFUSED: Final = 0.5


class RefusedShare:
    """Follows one topic in one partition; ``complaint`` says what is wrong, None if nothing is.

    What it says holds until as many records have come again: a source that was repaired is
    believed after these, and one that went silent is not.
    """

    def __init__(self) -> None:
        self.complaint: str | None = None
        self._read = 0
        self._refused = 0
        self._first = ""

    def refuse(self, error: InvalidEvent, record: bytes | None) -> None:
        """Count a refused record among the next ones that `read` counts."""
        if not self._refused:
            kind = None if record is None else recognise(record)
            self._first = f"is {printable(str(error))}" if kind is None else kind.sentence
        self._refused += 1

    def read(self, number: int) -> None:
        """Count records, the refused ones too, and judge them when there are enough."""
        self._read += number
        if self._read < JUDGED_AFTER:
            return
        self.complaint = (
            f"refuses {self._refused:,} of the last {self._read:,} records, the first of which "
            f"{self._first}"
            if self._refused > MOST_REFUSED * self._read
            else None
        )
        self._read = self._refused = 0
