"""Honest contact centres that something strikes: an outage, a lost feed, reasons that come late."""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Final, Literal, NamedTuple

from msgspec import structs

from detectors.agents.alerting.judgement import Judgement
from detectors.alerts.alert import Alert
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.events.event import AnyEvent, Cancellation, Sale
from detectors.pipeline import Pipeline
from detectors.settings import Settings, read_settings
from tests.detectors.sight.feeds import seeded
from tests.detectors.worlds import activity, at, cancellation, in_order

REGION: Final = "south"
AGENTS: Final = 40
"""Of whom every fourth, or every second, sells in the region."""

ONE: Final = AgentId("agent 3")
"""Who sells in the region, and whose customers do something before or after those of others."""


class Centre(NamedTuple):
    """What was told, with its arithmetic, of events in the order in which they came."""

    settings: Settings
    judgements: list[Judgement]
    alerts: list[Alert]
    until: Seconds

    def about(self, kind: str) -> list[Alert]:
        """Return what was told of subjects of a kind, but by profiles."""
        return [
            alert
            for alert in self.alerts
            if alert.subject.type == kind and alert.pattern not in self.settings.profiles
        ]

    def open_at_the_end(self, kind: str) -> set[str]:
        """Return the subjects of a kind with an open alert."""
        latest = {alert.alert_id: alert for alert in self.about(kind)}
        return {alert.subject.id for alert in latest.values() if alert.status == "open"}


def run(settings: Settings, events: Sequence[AnyEvent], days: int) -> Centre:
    """Let the product judge events in the order in which they come."""
    judgements, alerts = list[Judgement](), list[Alert]()
    pipeline = Pipeline(settings, judgements)
    for number, event in enumerate(events):
        pipeline.apply(event)
        if number % 500 == 0:
            alerts += pipeline.alerts()
    until = Seconds(at(days * 24).timestamp())
    pipeline.advance(until)
    return Centre(settings, judgements, alerts + pipeline.alerts(), until)


def sold(agent: int, day: int, hour: float, number: int, every: int) -> Sale:
    """Return a sale; one in `every` agents sells in the region."""
    name = f"{agent} {day} {number}"
    return Sale(
        event_id=f"sold {name}",
        account_id=AccountId(name),
        occurred_at=at(day * 24 + hour),
        sale_id=SaleId(name),
        customer_id=name,
        agent_id=AgentId(f"agent {agent}"),
        product="card",
        amount=100.0,
        site=REGION if agent % every == every - 1 else "north",
    )


def sales_force(random: Random, days: int, daily: int, every: int) -> list[Sale]:
    return [
        sold(agent, day, random.uniform(8, 18), number, every)
        for day in range(days)
        for agent in range(AGENTS)
        for number in range(daily)
    ]


def cancelled(sale: Sale, hours: float, reason: str = "customer_request") -> Cancellation:
    """Return the cancellation of a sale by its customer, so many hours after the start."""
    record = cancellation(hours, sale.account_id, sale.sale_id)
    return structs.replace(record, reason=reason)


def hours_of(sale: Sale) -> float:
    return (sale.occurred_at - at(0)).total_seconds() / 3_600.0


Field = Literal["site", "team", "product"]


def known_by(sale: Sale, field: Field) -> Sale:
    """Return a sale that says in one field alone where, by whom or what was sold."""
    return structs.replace(sale, **({"site": None} | {field: sale.site}))


@cache
def outage(share: float, field: Field) -> Centre:
    """Return a centre in which a share of nine days' sales of some is cancelled on one day.

    They are a quarter of all agents, who have a site, a team or a product of their own.
    """
    random, events = seeded(1), list[AnyEvent]()
    struck, days = 45 * 24, 62
    for sale in sales_force(random, days - 12, 4, 4):
        hours = hours_of(sale)
        events.append(known_by(sale, field))
        if random.random() < 0.05:
            events.append(cancelled(sale, hours + random.uniform(2, 200)))
        elif sale.site == REGION and struck - 9 * 24 < hours < struck and random.random() < share:
            events.append(cancelled(sale, struck + random.uniform(0, 10)))
    settings = read_settings({"patterns": {"unused_account": {"enabled": False}}})
    return run(settings, in_order(events), days)


@cache
def one_ahead() -> Centre:
    """Return a centre in which half of a region's sales are cancelled soon, from day 40 on.

    Customers of one agent begin five days before the others.
    """
    random, events = seeded(1), list[AnyEvent]()
    days = 61
    for sale in sales_force(random, days, 3, 4):
        hours = hours_of(sale)
        begins = 35 * 24 if sale.agent_id == ONE else 40 * 24
        events.append(sale)
        if random.random() < 0.05:
            events.append(cancelled(sale, hours + random.uniform(2, 200)))
        elif sale.site == REGION and hours > begins and random.random() < 0.5:
            events.append(cancelled(sale, hours + random.uniform(10, 60)))
    settings = read_settings({"patterns": {"unused_account": {"enabled": False}}})
    return run(settings, in_order(events), days)


@cache
def lost_feed() -> Centre:
    """Return a centre of two sites, of which one loses what its customers do from day 40 on.

    Settings wait for ten days until they take silence for blindness: until then it is told.
    """
    random, events = seeded(2), list[AnyEvent]()
    days = 62
    for sale in sales_force(random, days, 2, 2):
        use = hours_of(sale) + random.uniform(1, 24 * 4)
        events.append(sale)
        if random.random() < 0.97 and not (sale.site == REGION and use > 40 * 24):
            events.append(activity(use, sale.account_id))
    settings = {
        "patterns": {"unused_account": {"window": "5d"}},
        "sight": {"silent_after": "10d"},
        "time": {"corrections_for": "14d"},
    }
    return run(read_settings(settings), in_order(events), days)


@cache
def late_reasons() -> Centre:
    """Return a centre in which the customers of one agent cancelled for a fault that was ours.

    The records of it come twenty days after the fact, all on one day. Until then these accounts
    look as if nobody had used them.
    """
    random, events = seeded(3), list[tuple[float, AnyEvent]]()
    days, come_at = 90, 66 * 24.0
    for sale in sales_force(random, days, 2, 4):
        hours = hours_of(sale)
        events.append((hours, sale))
        faulty = sale.agent_id == ONE and 20 * 24 < hours < 36 * 24
        if faulty and random.random() < 0.8:
            record = cancelled(sale, hours + random.uniform(20, 26) * 24, "service_fault")
            events.append((come_at, record))
        elif random.random() < 0.97:
            use = hours + random.uniform(1, 24 * 12)
            events.append((use, activity(use, sale.account_id)))
    settings = read_settings({"time": {"corrections_for": "30d"}})
    return run(settings, [event for _, event in sorted(events, key=_by_arrival)], days)


def _by_arrival(arrived: tuple[float, AnyEvent]) -> tuple[float, str]:
    return arrived[0], arrived[1].event_id
