"""A profile: a detector over one daily number of each agent, told at *info*."""

from collections.abc import Mapping

from msgspec import Struct

from detectors.contract.detector import DetectorConfig
from detectors.profiles.kinds import kind_of
from detectors.profiles.shift import Shift

VOLUME_SHIFT = "volume_shift"
AMOUNT_SHIFT = "amount_shift"


class Profile(Struct, frozen=True, kw_only=True):
    """Which number is watched (a name of `detectors.profiles.numbers.NUMBERS`), and by what."""

    watches: str
    detector: DetectorConfig
    enabled: bool = True

    @property
    def kind(self) -> str:
        """The name of the detector's kind."""
        return kind_of(self.detector)


def default_profiles() -> Mapping[str, Profile]:
    """Return the profiles that are there unless settings say otherwise.

    Their values are logarithms: an agent who never differs by a twentieth is not seen to change by
    less. `Shift.confidence` is what docs/detectors.md has the figures for.
    """
    return {
        VOLUME_SHIFT: Profile(watches="sales", detector=Shift(smallest_scale=0.05)),
        AMOUNT_SHIFT: Profile(watches="amounts", detector=Shift(smallest_scale=0.01)),
    }
