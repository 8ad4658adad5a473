"""A simulated contact centre in which some cheat, and what people decided about it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from detectors.alerts.alert import Alert, Subject
from detectors.cases.case import case_id_of
from detectors.events.decision import Decision
from streams.desk.model.intake import Told
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings
from tests.streams.desk.month_at_hand import alerts_of, event_records, month_alerts
from tests.streams.small_centre import fewer_lines

REVIEWER: Final = "maria.lopez@bank.example"
APPROVER: Final = "tomas.berg@bank.example"

_FEW: Final = 8


class Centre(NamedTuple):
    """What the topics hold of it."""

    alerts: Sequence[Alert]
    events: Sequence[Told]


def small_centre() -> Centre:
    """Return one that is judged in seconds, and of whose accounts few are told."""
    alerts: list[Alert] = []
    few: set[Subject] = set()
    for alert in month_alerts():
        if alert.subject.type == "account" and len(few) < _FEW:
            few.add(alert.subject)
        if alert.subject.type != "account" or alert.subject in few:
            alerts.append(alert)
    return Centre(alerts, [*event_records(fewer_lines())])


def centre(until: date) -> Centre:
    """Return half a year of eighty agents, up to a day."""
    days = 180
    simulation = SimulationSettings(
        agents=80, days=days, seed=7, planted_share=0.1, start=until - timedelta(days=days)
    )
    lines = [*simulate(simulation)]
    return Centre(alerts_of(lines), [*event_records(lines)])


def ids_in(alerts: Sequence[Alert]) -> dict[str, str]:
    """Return the ids that addresses of pages name: those of the worst case and of another."""
    agent = next(one for one in alerts[::-1] if one.severity == "critical")
    account = next(one for one in alerts if one.subject.type == "account")
    return {
        "case": case_id_of(agent.subject),
        "alert": agent.alert_id,
        "account": case_id_of(account.subject),
    }


def decided(alerts: Sequence[Alert], now: datetime) -> Iterator[Decision]:
    """Yield decisions on all cases of agents but one, each in another state."""
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
    for number, case_id in enumerate(sorted(of_case.keys() - {ids_in(alerts)["case"]})):
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
