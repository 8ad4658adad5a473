"""What a watch is there for: one tier of one pattern, under some settings."""

from msgspec import Struct

from detectors.patterns import Pattern
from detectors.settings import Settings


class TierConfig(Struct, frozen=True):
    """What to watch agents for.

    ``config_hash`` identifies the settings in every alert; ``threshold`` is the evidence from which
    on a warning is due.
    """

    settings: Settings
    config_hash: str
    pattern: Pattern
    threshold: float
