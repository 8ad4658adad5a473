"""What one tier of one pattern is configured by."""

from msgspec import Struct

from detectors.basis.identifiers import SubjectKind
from detectors.patterns import Pattern
from detectors.settings import Settings


class TierConfig(Struct, frozen=True):
    """One tier of one pattern, under some settings.

    ``config_hash`` identifies the settings in every alert; ``threshold`` is the evidence at which a
    warning is due; ``kind`` is what is judged: agents, or groups of them.
    """

    settings: Settings
    config_hash: str
    pattern: Pattern
    threshold: float
    kind: SubjectKind = "agent"
