"""A profile: a detector over one daily number of each agent, alerted at *info*."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, structs

from detectors.basis.identifiers import PatternName
from detectors.contract.detector import DetectorConfig
from detectors.profiles.kinds import kind_of
from detectors.profiles.shift import Shift

VOLUME_SHIFT: Final = PatternName("volume_shift")
AMOUNT_SHIFT: Final = PatternName("amount_shift")


class Profile(Struct, frozen=True, kw_only=True):
    """Which number is watched (a name of `detectors.profiles.numbers.NUMBERS`), and by what.

    ``kind`` is that of the detector: it belongs to the values of the settings, and to their hash.
    """

    watches: str
    detector: DetectorConfig
    enabled: bool = True
    kind: str = ""

    def __post_init__(self) -> None:
        """Read the kind off the detector."""
        structs.force_setattr(self, "kind", kind_of(self.detector))


def default_profiles() -> Mapping[PatternName, Profile]:
    """Return the profiles that are there unless settings say otherwise.

    Their values are logarithms: an agent who never differs by a twentieth is not seen to change by
    less. `Shift.confidence` is what docs/detectors.md has the figures for.
    """
    return {
        VOLUME_SHIFT: Profile(watches="sales", detector=Shift(smallest_scale=0.05)),
        AMOUNT_SHIFT: Profile(watches="amounts", detector=Shift(smallest_scale=0.01)),
    }
