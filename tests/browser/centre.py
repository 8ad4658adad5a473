"""A simulated contact centre in which some cheat, and what people decided about it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final, NamedTuple

import msgspec

from detectors.alerts.alert import Alert
from detectors.cases.case import case_id_of
from detectors.decoding import EventDecoder
from detectors.events.decision import Decision
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from streams.desk.model.intake import Told
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings
from streams.wire.routing import EventRouter

AGENTS: Final = 80
DAYS: Final = 180
REVIEWER: Final = "maria.lopez@bank.example"
APPROVER: Final = "tomas.berg@bank.example"


class Centre(NamedTuple):
    """What the topics hold of it."""

    alerts: Sequence[Alert]
    events: Sequence[Told]


@cache
def centre(until: date) -> Centre:
    """Return a centre that was watched up to a day."""
    settings = Settings()
    decode, router = EventDecoder(settings.limits).decode, EventRouter()
    pipeline = Pipeline(settings)
    simulation = SimulationSettings(
        agents=AGENTS,
        days=DAYS,
        seed=7,
        planted_share=0.1,
        start=until - timedelta(days=DAYS),
    )
    events: list[Told] = []
    alerts: list[Alert] = []
    for number, line in enumerate(simulate(simulation)):
        route = router.route(line)
        happened = datetime.fromisoformat(str(route.occurred_at))
        events.append(Told(route.topic, route.key, line, int(happened.timestamp() * 1_000) + 900))
        pipeline.apply(decode(line))
        if number % 1_000 == 0:
            alerts += pipeline.alerts()
    alerts += pipeline.alerts()
    return Centre(alerts, events)


def decided(alerts: Sequence[Alert], now: datetime) -> Iterator[Decision]:
    """Yield decisions on every second case of an agent or a group, each in another state."""
    of_case: dict[str, dict[str, Alert]] = {}
    for alert in alerts:
        if alert.subject.type != "account":
            of_case.setdefault(case_id_of(alert.subject), {})[alert.alert_id] = alert
    steps: Sequence[tuple[str, str, dict[str, object]]] = (
        ("propose", REVIEWER, {"outcome": "confirmed", "words": "Seven of ten customers say no."}),
        ("acknowledge", REVIEWER, {"until": now + timedelta(hours=6)}),
        ("snooze", REVIEWER, {"until": now + timedelta(days=3), "reason": "I wait for the CRM."}),
        ("acknowledge", APPROVER, {"until": now + timedelta(hours=2)}),
    )
    for number, case_id in enumerate(sorted(of_case)[::2]):
        kind, who, fields = steps[number % len(steps)]
        yield msgspec.convert(
            {
                "kind": kind,
                "decision_id": f"{case_id}-{kind}",
                "case_id": case_id,
                "occurred_at": now - timedelta(minutes=7 * number + 5),
                "who": who,
                "role": "approver",
                "seen": {one.alert_id: one.revision for one in of_case[case_id].values()},
                **fields,
            },
            Decision,
        )


def this_moment() -> datetime:
    """Return the moment at which pictures are taken, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
