"""Who keeps sales for the end of a month is found; who is busier then with everybody is not."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from msgspec import structs

from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent, Sale
from detectors.patterns import Patterns
from detectors.pipeline import Pipeline
from detectors.settings import Settings, ShadowNull
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import truth

HONEST: Final = SimulationSettings(agents=60, days=181, seed=5, planted_share=0.0)
PLANTED: Final = structs.replace(HONEST, planted_share=0.07, also_planted=("period_end",))
LAST_DAYS: Final = 5


def of_period_end(events: Iterable[AnyEvent]) -> set[str]:
    """Return the agents about whom it opens an alert, if no other pattern is enabled."""
    registry = Patterns()
    on: dict[str, Any] = {
        name: structs.replace(getattr(registry, name), enabled=name == "period_end")
        for name in registry.__struct_fields__
    }
    pipeline = Pipeline(
        Settings(
            patterns=Patterns(**on),
            shadow_null=ShadowNull(enabled=False),
            profiles={},
        )
    )
    for event in events:
        pipeline.apply(event)
    pipeline.advance(seconds_at(HONEST.begins_at) + 86_400.0 * HONEST.days)
    told = [alert.subject for alert in pipeline.alerts()]
    return {subject.id for subject in told if subject.type == "agent"}


def sales_of(settings: SimulationSettings) -> list[Sale]:
    decode = EventDecoder(Settings().limits).decode
    return [event for event in map(decode, simulate(settings)) if isinstance(event, Sale)]


def is_late(at: datetime) -> bool:
    next_month = datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=at.tzinfo)
    return (next_month - at).total_seconds() <= 86_400.0 * LAST_DAYS


def in_campaign(sold: list[Sale], site: str | None = None) -> list[Sale]:
    """Leave out two of three sales before the last days of each month, of a site or of all."""
    return [
        one
        for number, one in enumerate(sold)
        if is_late(one.occurred_at) or site not in (None, one.site) or number % 3 == 0
    ]


def test_whoever_keeps_sales_for_the_end_is_found_and_nobody_else() -> None:
    planted = {
        one.agent_id for one in truth(PLANTED, EventCounts()).planted if one.pattern == "period_end"
    }
    assert planted
    assert of_period_end(sales_of(PLANTED)) == planted


def test_a_campaign_of_everybody_or_of_one_site_accuses_no_agent() -> None:
    sold = sales_of(HONEST)
    assert of_period_end(in_campaign(sold)) == set()
    assert of_period_end(in_campaign(sold, site="leeds")) == set()
