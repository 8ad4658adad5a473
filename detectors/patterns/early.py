"""The early tier of a pattern, as alerts name it."""

from collections.abc import Sequence
from typing import ClassVar, Final

from msgspec import Struct

from detectors.basis.durations import in_words
from detectors.basis.identifiers import PatternName
from detectors.patterns.advice import ABOUT_AGENTS, Advice
from detectors.patterns.compared import other_sellers
from detectors.patterns.judged import Severity
from detectors.patterns.pattern import DAYS_A_YEAR, SalePattern

_ENDING: Final = "_early"


def early_name(pattern: PatternName) -> PatternName:
    """Return the name under which the early tier of a pattern goes."""
    return PatternName(pattern + _ENDING)


def is_early(name: PatternName) -> bool:
    """Return whether a name on the wire is that of an early tier."""
    return name.endswith(_ENDING)


def mature_name(name: PatternName) -> PatternName:
    """Return the name of the pattern that a name on the wire belongs to, early tier or not."""
    return PatternName(name.removesuffix(_ENDING))


class EarlyPattern(Struct, frozen=True):
    """What the early tier watches for: sales that end within the window of their pattern.

    ``source`` is the name of that pattern; the other fields are those of it.
    """

    enabled: ClassVar[bool] = True
    days_a_year: ClassVar[float] = DAYS_A_YEAR
    severest: ClassVar[Severity] = "warning"
    unit_phrase: ClassVar[str] = "days with sales in their window"
    counted: ClassVar[str] = "sale-days"
    trials_phrase: ClassVar[str] = (
        "A sale counts on each day on which it is at risk (a sale-day), against peers' sales "
        "of the same age. Of the bad ends of one day those beyond a burst do not count."
    )

    source: PatternName
    version: int
    window: str
    explanations_checked: tuple[str, ...] = ()
    weight: float = 1.0
    advice: Advice = ABOUT_AGENTS

    @property
    def name(self) -> PatternName:
        """The name of the pattern with ``_early`` behind it."""
        return early_name(self.source)

    @property
    def outcome_phrase(self) -> str:
        """Read after "sales"."""
        return f"ended within {in_words(self.window)}"

    def cell_fields(self, cell: Sequence[str]) -> tuple[str, ...]:
        """Return the fields of the sale behind its age, the widest."""
        return ("age in days", *cell)

    def peers_phrase(self, cell: Sequence[str]) -> str:
        """Return whom an agent is compared with; that sales are as old stands in the sentence."""
        return other_sellers(cell)


def early_tier(pattern: SalePattern) -> EarlyPattern:
    """Return the early tier of a pattern."""
    return EarlyPattern(
        pattern.name,
        pattern.version,
        pattern.window,
        pattern.explanations_checked,
        pattern.weight,
        pattern.early_advice,
    )
