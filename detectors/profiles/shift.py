"""Shift of a series against its own past, by river's ADWIN: its parameters.

What they ask for loads river and a compiler, 140 MB: only whoever builds it, not whoever reads
settings.
"""

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from detectors.contract.claim import Claim, Levels

if TYPE_CHECKING:
    from detectors.profiles.shift_detector import ShiftDetector
    from detectors.profiles.shift_table import ShiftTable


class Shift(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="shift"
):
    """A lasting change of the level of one number, up or down.

    Attributes
    ----------
    confidence
        ADWIN's delta. Its promise, one false cut of a window with at most this probability, is for
        numbers within [0, 1] that are independent; ours are standard deviations: count its alarms.
    warm_up
        Values that give the centre and the scale, at first and again after each shift.
    smallest_scale
        Below it no scale is believed, in the unit of the values.

    """

    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.01
    warm_up: Annotated[int, Meta(ge=5, le=365)] = 30
    smallest_scale: Annotated[float, Meta(ge=1e-12, le=1e12)] = 1e-6

    def build(self, snapshot: bytes | None = None) -> "ShiftDetector":
        """Build it; see `detectors.contract.detector`."""
        from detectors.profiles.shift_detector import ShiftDetector  # noqa: PLC0415 - see above

        return ShiftDetector(self, self.table(), snapshot)

    def table(self) -> "ShiftTable":
        """Build the same for many series at once."""
        from detectors.profiles.shift_table import ShiftTable  # noqa: PLC0415 - see above

        return ShiftTable(self.confidence, self.warm_up, self.smallest_scale)

    def claim(self) -> Claim:
        """See three standard deviations within twenty observations."""
        return Claim(
            ordinary=Levels((40.0,), (5.0,)),
            changed=Levels((55.0,), (5.0,)),
            ready_after=self.warm_up,
            seen_within=20,
        )
