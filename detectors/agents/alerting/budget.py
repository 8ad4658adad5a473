"""How the budgets of false alarms are shared out, and the threshold that each share gives.

For honest agents evidence grows by one an agent-day on average, so a threshold c is passed at most
once in c agent-days (`docs/statistics.md`, section 4). The mature tier and the early tier have a
budget each: they judge the same sales, so their false alarms overlap. Within a tier the budget is
for all patterns together, and each may use its share of it, by its weight. However the weights
are, the shares add up to the budget.
"""

from math import fsum
from typing import Final

from detectors.basis.identifiers import PatternName
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
    budgets = (
        (patterns.enabled(), evidence.false_alarms_per_1000_agent_years),
        (patterns.early_tiers(), evidence.early_false_alarms_per_1000_agent_years),
    )
    return {
        tier.name: DAYS_PER_1000_AGENT_YEARS * fsum(one.weight for one in tiers) / weighted
        for tiers, budget in budgets
        for tier in tiers
        for weighted in (budget * tier.weight,)
    }
