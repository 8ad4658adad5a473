"""How the budgets of false alarms are shared out, and the threshold that each share gives.

For honest agents evidence grows by one an agent-day on average, so a threshold c is passed at most
once in c agent-days (`docs/statistics.md`, section 4). The mature tier and the early tier have a
budget each: they judge the same sales, so their false alarms overlap. Within a tier the budget is
for all patterns together, and each may use its share of it.
"""

from typing import Final

from msgspec import Struct

from detectors.messages.outcomes import PatternName
from detectors.settings import Settings

DAYS_PER_1000_AGENT_YEARS: Final = 365_000.0

EARLY: Final = "_early"


class Thresholds(Struct, frozen=True):
    """The evidence at which a warning is due; ``early`` is None for a pattern without that tier."""

    mature: float
    early: float | None


def early_name(pattern: PatternName) -> PatternName:
    """Return the name of the early tier of a pattern."""
    return pattern + EARLY


def thresholds(settings: Settings) -> dict[PatternName, Thresholds]:
    """Return the thresholds of every enabled pattern.

    Examples
    --------
    >>> limits = thresholds(Settings())
    >>> limits["quick_cancellation"].mature, limits["quick_cancellation"].early
    (109500.0, 36500.0)
    """
    evidence, patterns = settings.evidence, settings.patterns.enabled()
    early = {pattern.name for pattern in settings.patterns.on_sales() if pattern.early}
    mature = _threshold(evidence.false_alarms_per_1000_agent_years, len(patterns))
    early_one = _threshold(evidence.early_false_alarms_per_1000_agent_years, len(early))
    return {
        pattern.name: Thresholds(mature, early_one if pattern.name in early else None)
        for pattern in patterns
    }


def _threshold(budget: float, patterns: int) -> float:
    return DAYS_PER_1000_AGENT_YEARS * patterns / budget
