"""The law of null: where every agent is honest, accusations keep to their budget."""

from collections import Counter
from functools import cache
from math import sqrt

from detectors.decoding import EventDecoder
from detectors.pipeline import Pipeline
from detectors.settings import Evidence, Settings
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings

AGENTS, DAYS, SEEDS = 150, 365, (1, 2, 3)


@cache
def honest_year(seed: int, spread: float = 0.25) -> tuple[bytes, ...]:
    """Give a year in which agents differ, seasons come and go, and nobody is dishonest."""
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


def accused(settings: Settings, lines: tuple[bytes, ...]) -> Counter[str]:
    """Count the alerts about agents by severity, each at its worst."""
    decode = EventDecoder(settings.limits).decode
    pipeline = Pipeline(settings)
    for line in lines:
        pipeline.apply(decode(line))
    worst: dict[str, str] = {}
    for alert in pipeline.alerts():
        if alert.subject.type == "agent" and worst.get(alert.alert_id) != "critical":
            worst[alert.alert_id] = alert.severity
    return Counter(worst.values())


def most_allowed(agent_years: float) -> float:
    """Give the number of alarms two standard errors above what the default budget allows."""
    budget = Settings().evidence.false_alarms_per_1000_agent_years * agent_years / 1_000
    return budget + 2 * sqrt(budget)


def test_honest_agents_are_accused_within_the_budget() -> None:
    total = sum((accused(Settings(), honest_year(seed)) for seed in SEEDS), Counter())
    assert total.total() <= most_allowed(AGENTS * len(SEEDS))
    assert total["critical"] == 0


def test_the_law_catches_a_threshold_below_the_budget() -> None:
    settings = Settings(evidence=Evidence(false_alarms_per_1000_agent_years=3_000.0))
    assert accused(settings, honest_year(SEEDS[0])).total() > most_allowed(AGENTS)


def test_the_law_catches_agents_who_differ_more_than_the_settings_say() -> None:
    assert accused(Settings(), honest_year(SEEDS[0], 1.0)).total() > most_allowed(AGENTS)
