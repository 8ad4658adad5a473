"""What must hold of a line that the scanner recognises: the decoder reads the same of it."""

from collections.abc import Sequence
from math import isnan
from typing import Final

import numpy as np

from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent
from detectors.identity_settings import AS_THEY_STAND, IdentitySettings
from detectors.limit_settings import Limits
from detectors.scanning.fields import NUMBERS, SCANNED_TYPES, TEXTS, words_of
from detectors.scanning.lines import LineScanner, ScannedLines
from detectors.scanning.scanner import NOT_RECOGNISED

ASKED: Final = ("closing_attempts", "sentiment", "offer_refused", "commission", "quoted_amount")
"""Numbers of every shape."""

LIMITS: Final = Limits()


class Readers:
    """A scanner and a decoder of the same topic, or of a file."""

    def __init__(
        self,
        event_type: str | None = None,
        scanner: type[LineScanner] = LineScanner,
        identities: IdentitySettings = AS_THEY_STAND,
    ) -> None:
        self._scanner: Final = scanner(LIMITS, event_type, ASKED, identities)
        self._decoder: Final = EventDecoder(LIMITS, event_type, identities)

    def recognised(self, lines: Sequence[bytes]) -> int:
        """Return how many lines the scanner recognises; raise if it reads one of them otherwise.

        Raises
        ------
        AssertionError
            If the decoder reads something else.
        InvalidEvent
            If it reads nothing.
        """
        scanned = self._scanner.scan(lines)
        chosen = np.flatnonzero(scanned.kinds != NOT_RECOGNISED).tolist()
        for line in chosen:
            require_same(scanned, line, self._decoder.decode(lines[line]))
        return len(chosen)


def require_same(scanned: ScannedLines, line: int, event: AnyEvent) -> None:
    """Compare the columns of a line with its event, field by field."""
    kind = type(event)
    assert list(SCANNED_TYPES.values())[scanned.kinds[line]] is kind
    assert scanned.at[line] == seconds_at(event.occurred_at)
    letters = scanned.data.tobytes()
    for name, (start, length) in zip(TEXTS, scanned.texts[line].tolist(), strict=True):
        expected = getattr(event, name, None)
        found = None if start < 0 else letters[start : start + length].decode()
        assert found == expected, name
    for name, number in zip((*NUMBERS, *ASKED), scanned.numbers[line].tolist(), strict=True):
        value = getattr(event, name, None)
        if isinstance(value, str):
            assert words_of(kind, name)[int(number)] == value, name
        elif value is None:
            assert isnan(number), name
        else:
            # Minus zero is not zero in the hash of a price.
            assert (number, str(number)) == (float(value), str(float(value))), name
