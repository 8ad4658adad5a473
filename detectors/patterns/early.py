"""The early tier of a pattern, as alerts name it."""

from typing import ClassVar

from msgspec import Struct

from detectors.basis.durations import in_words


class EarlyPattern(Struct, frozen=True):
    """What the early tier watches for: sales that end within the window of their pattern.

    ``name`` is that of the pattern with ``_early`` behind it; ``window`` is the pattern's.
    """

    enabled: ClassVar[bool] = True
    unit_phrase: ClassVar[str] = "days with sales in their window"

    name: str
    version: int
    window: str

    @property
    def outcome_phrase(self) -> str:
        """Read after "sales"."""
        return f"ended within {in_words(self.window)}"
