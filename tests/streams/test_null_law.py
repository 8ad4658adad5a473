"""The law of null: where every agent is honest, accusations keep to their budgets.

The tier at maturity and the early tier have a budget each.
"""

from collections import Counter
from functools import cache, reduce
from math import sqrt
from operator import or_
from typing import NamedTuple

from detectors.basis.identifiers import PatternName
from detectors.decoding import EventDecoder
from detectors.patterns.early import early_name, is_early
from detectors.pipeline import Pipeline
from detectors.settings import EvidenceSettings, Settings
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings

AGENTS, DAYS, SEEDS = 150, 365, (1, 2, 3)
WIDE = 1.0
PATTERNS = {pattern.name for pattern in Settings().patterns.enabled()}


@cache
def honest_year(seed: int, spread: float = 0.25) -> tuple[bytes, ...]:
    """Return a year in which agents differ, seasons come and go, and nobody is dishonest."""
    return tuple(
        simulate(
            SimulationSettings(
                agents=AGENTS,
                days=DAYS,
                seed=seed,
                sales_per_day=2.0,
                between_agent_sd=spread,
                planted_share=0.0,
            )
        )
    )


class Accused(NamedTuple):
    """The alerts about agents by tier and severity, each at its worst, and the shadow null's."""

    mature: Counter[str]
    early: Counter[str]
    null: Counter[str]

    def __or__(self, other: "Accused") -> "Accused":
        """Count both together."""
        return Accused(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


@cache
def accused(evidence: EvidenceSettings, seed: int, spread: float = 0.25) -> Accused:
    """Judge a year."""
    settings = Settings(evidence=evidence)
    decode = EventDecoder(settings.limits).decode
    pipeline = Pipeline(settings)
    for line in honest_year(seed, spread):
        pipeline.apply(decode(line))
    worst: dict[tuple[bool, str], str] = {}
    for alert in pipeline.alerts():
        key = (is_early(alert.pattern), alert.alert_id)
        if alert.subject.type == "agent" and worst.get(key) != "critical":
            worst[key] = alert.severity
    tiers: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for (early, _), severity in worst.items():
        tiers[early][severity] += 1
    shadow = {name: count.alarms for name, count in pipeline.shadow().items()}
    return Accused(*tiers, Counter(shadow))


def most_allowed(agent_years: float, false_alarms: float) -> float:
    """Return the number of alarms two standard errors above what a budget allows."""
    budget = false_alarms * agent_years / 1_000
    return budget + 2 * sqrt(budget)


def keeps_to_its_budgets(found: Accused, years: int) -> bool:
    """Return whether warnings and worse are as few as the default budgets allow."""
    evidence = Settings().evidence
    return all(
        tier["warning"] + tier["critical"] <= most_allowed(AGENTS * years, budget)
        for tier, budget in [
            (found.mature, evidence.false_alarms_per_1000_agent_years),
            (found.early, evidence.early_false_alarms_per_1000_agent_years),
        ]
    )


def test_honest_agents_are_accused_within_the_budget() -> None:
    found = reduce(or_, (accused(EvidenceSettings(), seed) for seed in SEEDS))
    assert keeps_to_its_budgets(found, len(SEEDS))
    assert found.mature["critical"] == 0


def test_so_are_those_to_whom_outcomes_are_dealt_out_at_random() -> None:
    found = reduce(or_, (accused(EvidenceSettings(), seed) for seed in SEEDS))
    budget = Settings().evidence.false_alarms_per_1000_agent_years
    early = Settings().evidence.early_false_alarms_per_1000_agent_years
    alarms, years = found.null, AGENTS * len(SEEDS)
    mature = sum(number for name, number in alarms.items() if name in PATTERNS)
    assert mature <= most_allowed(years, budget)
    assert alarms[early_name(PatternName("quick_cancellation"))] <= most_allowed(years, early)


def test_so_are_honest_agents_who_differ_much() -> None:
    found = accused(EvidenceSettings(), SEEDS[0], WIDE)
    assert keeps_to_its_budgets(found, 1)


def test_the_law_catches_agents_who_differ_more_than_the_settings_say() -> None:
    evidence = EvidenceSettings(between_agent_sd=0.25)
    assert not keeps_to_its_budgets(accused(evidence, SEEDS[0], WIDE), 1)


def test_the_law_catches_a_threshold_below_the_budget() -> None:
    evidence = EvidenceSettings(false_alarms_per_1000_agent_years=3_000.0)
    found = accused(evidence, SEEDS[0])
    assert not keeps_to_its_budgets(found, 1)
    # The shadow null says so too, without knowing who is honest.
    assert found.null["quick_cancellation"] > most_allowed(AGENTS, 10.0)
