"""What a detector is shown, and what it says of it."""

from math import isfinite

from msgspec import Struct

from detectors.basis.errors import InvalidObservation


class Observation(Struct, frozen=True):
    """Some numbers that belong together, at a moment of event time.

    Attributes
    ----------
    at
        Event time in seconds since 1970 UTC: a detector's only clock. It may stand still or go
        back, because events come late.
    values
        At least one number. How many, and what they mean, is the detector's config's to say.

    Raises
    ------
    InvalidObservation
        If `at` or one of `values` is infinite or not a number, or there are no values.

    """

    at: float
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not isfinite(self.at):
            raise InvalidObservation(f"`at` must be a finite number, not {self.at}")
        if not self.values:
            raise InvalidObservation("`values` must hold at least one number")
        for place, value in enumerate(self.values):
            if not isfinite(value):
                raise InvalidObservation(f"`values[{place}]` must be finite, not {value}")

    def of_width(self, width: int) -> tuple[float, ...]:
        """Return the values if there are `width` of them; else raise InvalidObservation."""
        if len(self.values) != width:
            raise InvalidObservation(f"`values` must hold {width} numbers, not {len(self.values)}")
        return self.values


class Score(Struct, frozen=True):
    """How strange a detector finds an observation.

    Attributes
    ----------
    value
        Within [0, 1], higher is stranger. From `STRANGE` on the detector would alert: that is what
        makes the scores of different detectors comparable.
    ready
        False while warming up: nobody alerts on it.

    """

    value: float
    ready: bool


STRANGE = 0.5
"""The score from which on a detector would alert."""
