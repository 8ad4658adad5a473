"""What is reported of the evidence on the day after a review day, as of that day's end."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from detectors.agents.alerting.tier_base import TierBase
from detectors.agents.mature.tier import MatureTier
from detectors.alerts.alert import Severity
from detectors.basis.identifiers import AgentId, PatternName
from detectors.messages.outcomes import DayReport, ShadowCount


def outweighing(tiers: Iterable[TierBase]) -> frozenset[AgentId]:
    """Return the agents who outweigh all others in a cell, by some tier."""
    return frozenset(agent_id for tier in tiers for agent_id in tier.outweighing())


def open_alerts_of(tiers: Iterable[TierBase]) -> dict[tuple[PatternName, Severity], int]:
    """Count the open alerts of some tiers by pattern and severity."""
    counts = ((tier.name, tier.open_alerts().items()) for tier in tiers)
    return {(name, severity): number for name, of in counts for severity, number in of}


def with_evidence(
    report: DayReport,
    mature: Collection[MatureTier],
    others: Iterable[TierBase],
    newly_left_out: Collection[AgentId],
    least_e_value: float,
    shadow: Mapping[PatternName, ShadowCount],
) -> DayReport:
    """Return a report with the evidence of mature tiers, and what it rests on of all tiers.

    Evidence below `least_e_value` cannot matter to the review. Of each agent only the strongest is
    reported: what several patterns hold against one agent is one discovery, as they may have it of
    the same sales. Agents `newly_left_out` make nobody's baseline from this day on: all they have
    added before is reported.
    """
    tiers = [*mature, *others]
    strongest: dict[AgentId, float] = {}
    rising = [tier for tier in mature if tier.may_be_critical]
    for tier in rising:
        for agent_id, value in tier.strong(least_e_value):
            strongest[agent_id] = max(value, strongest.get(agent_id, 0.0))
    newly = newly_left_out
    return msgspec.structs.replace(
        report,
        forgotten={tier.name: tier.past(newly) for tier in tiers} if newly else {},
        hypotheses=sum(map(len, rising)),
        evidence=tuple(sorted(strongest.values(), reverse=True)),
        dispersion={tier.name: tier.drain_dispersion() for tier in tiers},
        shadow=dict(shadow),
        outweighed=not outweighing(tiers).isdisjoint(newly),
    )
