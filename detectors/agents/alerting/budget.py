"""How the budgets of false alarms are shared out, and the threshold that each share gives.

For honest agents evidence grows by one an agent-day on average, so a threshold c is passed at most
once in c agent-days (`docs/statistics.md`, section 4). Those are days with an outcome: of a pattern
that judges when a period ends, a year has few. The mature tier and the early tier have a
budget each: they judge the same sales, so their false alarms overlap. Within a tier the budget is
for all patterns together, and each may use its share of it, by its weight. However the weights
are, the shares add up to the budget. Each kind of groups has a budget of its own, too, so judging
groups changes nothing about agents.
"""

from collections.abc import Sequence
from math import fsum
from typing import Final

from detectors.basis.identifiers import PatternName
from detectors.patterns import Pattern
from detectors.patterns.pattern import DAYS_A_YEAR
from detectors.settings import Settings

DAYS_PER_1000_AGENT_YEARS: Final = 365_000.0


def thresholds(settings: Settings) -> dict[PatternName, float]:
    """Return the evidence from which on a warning is due, for all that goes by a name in alerts.

    Examples
    --------
    >>> limits = thresholds(Settings())
    >>> limits["quick_cancellation"], limits["quick_cancellation_early"]
    (109500.0, 36500.0)
    """
    evidence, patterns = settings.evidence, settings.patterns
    early = evidence.early_false_alarms_per_1000_agent_years
    mature = _shared(patterns.enabled(), evidence.false_alarms_per_1000_agent_years)
    return mature | _shared(patterns.early_tiers(), early)


def group_thresholds(settings: Settings) -> dict[PatternName, float]:
    """Return the same for the groups of one kind: they are judged at maturity, sale by sale.

    Examples
    --------
    >>> group_thresholds(Settings())["quick_cancellation"]
    73000.0
    """
    budget = settings.groups.false_alarms_per_1000_group_years
    return _shared(settings.patterns.on_sales(), budget)


def _shared(tiers: Sequence[Pattern], budget: float) -> dict[PatternName, float]:
    return {
        tier.name: DAYS_PER_1000_AGENT_YEARS * asked * fsum(one.weight for one in tiers) / weighted
        for tier in tiers
        for weighted, asked in ((budget * tier.weight, tier.days_a_year / DAYS_A_YEAR),)
    }
