"""One run of a world through the product's own stages."""

from collections.abc import Sequence
from typing import Any, Final

from bench.yardstick.effects import at_random_instants, opened_with
from bench.yardstick.events import BEGINS, days_of_events
from bench.yardstick.findings import EARLY, episodes
from bench.yardstick.measuring import Measured, Shadow, measure
from bench.yardstick.sales import DAY, WINDOW_DAYS, Sales, draw
from bench.yardstick.trials import Seen, Trials
from bench.yardstick.worlds import World
from detectors.alerts.alert import Alert
from detectors.basis.event_time import seconds_at
from detectors.patterns import Patterns
from detectors.peers.spread import SMALLEST_SD
from detectors.pipeline import Pipeline
from detectors.settings import Settings, read_settings
from streams.memory import rare_collections

PATTERN: Final = "quick_cancellation"
AFTERWARDS: Final = (WINDOW_DAYS + 2) * DAY
"""So long after the last sale every window has passed, and its day with it."""


def settings_of(world: World) -> Settings:
    """Return the defaults, with one pattern alone; teams are peers where there are teams."""
    others = {name for name in Patterns.__struct_fields__ if name != PATTERN}
    table: dict[str, Any] = {"patterns": {name: {"enabled": False} for name in others}}
    if world.team_size:
        table["peers"] = {"cell": ["product", "team"]}
    return read_settings(table)


def run(world: World, seed: int | Sequence[int]) -> Measured:
    """Draw a run, let the product judge it day by day, and give what came of it."""
    return _run(world, draw(world, seed), None)


def run_with_trials(world: World, seed: int | Sequence[int]) -> tuple[Measured, Trials]:
    """Do as `run` does, and give everything that was judged, which takes longer."""
    sales = draw(world, seed)
    seen = Seen(PATTERN)
    measured, trials = _run(world, sales, seen), seen.trials(sales)
    spread = measured.between_agent_sd[-1] if measured.between_agent_sd else SMALLEST_SD
    measured.instants = at_random_instants(trials, spread)
    return measured, trials


def _run(world: World, sales: Sales, seen: Seen | None) -> Measured:
    pipeline = Pipeline(settings_of(world), seen=None if seen is None else seen.inbox)
    alerts: list[Alert] = []
    with rare_collections():
        for events in days_of_events(sales):
            for event in events:
                pipeline.apply(event)
            alerts += pipeline.alerts()
            if seen is not None:
                seen.empty()
        pipeline.advance(seconds_at(BEGINS) + float(sales.at[-1]) + AFTERWARDS)
        alerts += pipeline.alerts()
        if seen is not None:
            seen.empty()
    measured = measure(world, sales, episodes(alerts))
    measured.effects = opened_with(alerts, sales)
    _add_own_account(measured, pipeline, alerts)
    return measured


def _add_own_account(measured: Measured, pipeline: Pipeline, alerts: list[Alert]) -> None:
    """Add what the product said of itself, as far as it did."""
    about_itself = getattr(pipeline, "shadow", None)
    for name, counted in (about_itself() if about_itself else {}).items():
        tier = "early" if name.endswith(EARLY) else "mature"
        measured.shadow[tier] = Shadow(counted.alarms, counted.agent_days)
    for told in reversed(alerts):
        evidence = told.evidence
        spread = getattr(evidence, "between_agent_sd", None)
        if spread is not None and told.pattern == PATTERN:
            measured.between_agent_sd.append(spread)
            measured.tempering.append(getattr(evidence, "tempering", 1.0))
            break
