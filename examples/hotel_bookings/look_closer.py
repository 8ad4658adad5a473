"""How far to trust the alerts about the hotels' agents: the figures on the page beside this file.

Reads what `events_from_bookings.py` and `aboveboard detect` wrote, and judges the same bookings
again: with identical bookings of one day counted once, and with the agents' labels permuted.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from detectors.agents.alerting.judgement import Judgement
from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import AgainstPeers
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import BEGINNING
from detectors.basis.identifiers import PatternName
from detectors.events.event import AccountActivity, AnyEvent, Cancellation, Sale
from detectors.messages.outcomes import ShadowCount
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from streams.cli.alert_table import strongest_first
from streams.files.settings import settings_from

SHOWN: Final = 10


class Booking(Sale, frozen=True, kw_only=True, gc=False, tag="sale"):
    """A sale with the extra fields of this example."""

    arrival: date
    nights: int
    guests: str
    room: str
    meal: str
    deposit_type: str
    customer_type: str


HotelEvent = Booking | Cancellation | AccountActivity
Batch = tuple[object, ...]


class Run(msgspec.Struct, frozen=True):
    """What one run over some events gave."""

    alerts: list[Alert]
    judgements: list[Judgement]
    shadow: dict[PatternName, ShadowCount]

    def told(self) -> str:
        """Return how many alerts there were."""
        critical = sum(alert.severity == "critical" for alert in self.alerts)
        return f"{len(self.alerts)} alerts about {len(self.agents())} agents, {critical} critical"

    def agents(self) -> list[str]:
        """Return whom the alerts are about, in the order of their first alerts."""
        return list(dict.fromkeys(alert.subject.id for alert in self.alerts))

    def agent_days(self, pattern: str) -> int:
        """Count the days on which an agent was judged, over all agents."""
        return len({(j.agent_id, j.day) for j in self.judgements if j.pattern == pattern})


def batch(sale: Booking) -> Batch:
    """Return what makes bookings identical; only what is known when they are made.

    Not the deposit and not the country: in this file both tell of the outcome.
    """
    return (
        sale.agent_id,
        sale.occurred_at,
        sale.product,
        sale.channel,
        sale.arrival,
        sale.nights,
        sale.amount,
        sale.guests,
        sale.room,
        sale.meal,
        sale.customer_type,
    )


def permuted(events: Sequence[HotelEvent], seed: int) -> list[HotelEvent]:
    """Deal the agents' labels out anew among the bookings of the same day and product."""
    cells: dict[tuple[datetime, str], list[Booking]] = {}
    for sale in sales_of(events):
        cells.setdefault((sale.occurred_at, sale.product), []).append(sale)
    generator = np.random.default_rng(seed)
    dealt: dict[str, str | None] = {}
    for sales in cells.values():
        for sale, other in zip(sales, generator.permutation(len(sales)), strict=True):
            dealt[sale.sale_id] = sales[other].agent_id
    return [
        msgspec.structs.replace(event, agent_id=dealt[event.sale_id])
        if isinstance(event, Booking)
        else event
        for event in events
    ]


def judged(events: Iterable[AnyEvent], settings: Settings) -> Run:
    """Run the pipeline; give every alert as it was last told while open."""
    judgements: list[Judgement] = []
    pipeline = Pipeline(settings, seen=judgements)
    latest: dict[str, Alert] = {}
    complete_until = BEGINNING
    for event in events:
        pipeline.apply(event)
        if pipeline.watermark > complete_until:
            complete_until = pipeline.watermark
            _keep(latest, pipeline.alerts())
    _keep(latest, pipeline.alerts())
    return Run(strongest_first(latest.values()), judgements, pipeline.shadow())


def _keep(latest: dict[str, Alert], alerts: Iterable[Alert]) -> None:
    warnings = [alert for alert in alerts if alert.severity != "info"]
    latest.update((alert.alert_id, alert) for alert in warnings if alert.status == "open")


def sales_of(events: Iterable[HotelEvent]) -> list[Booking]:
    """Return the sales among the events."""
    return [event for event in events if isinstance(event, Booking)]


class Outcomes:
    """The bookings behind alerts."""

    def __init__(self, events: Sequence[HotelEvent], window: timedelta) -> None:
        self._window: Final = window
        self._sales: Final[dict[str | None, list[Booking]]] = {}
        for sale in sales_of(events):
            self._sales.setdefault(sale.agent_id, []).append(sale)
        self._batches: Final = Counter(map(batch, sales_of(events)))
        self.cancelled: Final = {
            event.sale_id: event.occurred_at for event in events if isinstance(event, Cancellation)
        }

    def of(self, alert: Alert) -> list[Booking]:
        """Return the agent's sales that matured from the likely start to the alert's revision."""
        start = datetime.fromisoformat(
            f"{evidence_of(alert, AgainstPeers).likely_start}T00:00:00+00:00"
        )
        return [
            sale
            for sale in self._sales[alert.subject.id]
            if start <= sale.occurred_at + self._window < alert.updated_at
        ]

    def bad(self, sales: Iterable[Booking]) -> list[Booking]:
        """Keep the sales that were cancelled within the window."""
        return [
            sale
            for sale in sales
            if sale.sale_id in self.cancelled
            and self.cancelled[sale.sale_id] <= sale.occurred_at + self._window
        ]

    def alike(self, sales: Iterable[Booking]) -> list[Booking]:
        """Keep the sales that are not the only ones of their batch."""
        return [sale for sale in sales if self._batches[batch(sale)] > 1]

    def day(self, sale: Booking) -> date:
        """Return the day on which a sale was cancelled."""
        return self.cancelled[sale.sale_id].date()

    def days(self, sales: Iterable[Booking]) -> Counter[date]:
        """Count cancelled sales by the day of their cancellation."""
        return Counter(map(self.day, sales))


def print_alert(rank: int, alert: Alert, outcomes: Outcomes) -> None:
    """Print the sentence of an alert and what its bad outcomes are made of."""
    sales = outcomes.of(alert)
    bad = outcomes.bad(sales)
    days = outcomes.days(bad)
    busiest, most = days.most_common(1)[0]
    at_once = sum(outcomes.day(sale) == sale.occurred_at.date() for sale in bad)
    print(f"{rank}. {alert.severity}, opened {alert.opened_at.date()}: {alert.summary}")
    print(
        f"   cancelled: {len(bad):,}, in batches {len(outcomes.alike(bad)):,}, different "
        f"{len(set(map(batch, bad))):,}, on the day of sale {at_once:,}; days of sale "
        f"{len({sale.occurred_at for sale in bad}):,}, of cancellation {len(days):,} "
        f"({most:,} on {busiest})"
    )
    print(f"   products: {_most([sale.product for sale in sales])}")
    print(f"   deposits of the cancelled: {_most([sale.deposit_type for sale in bad])}")


def _most(values: Sequence[str]) -> str:
    return ", ".join(f"{value} {count:,}" for value, count in Counter(values).most_common(3))


def print_batches(alerts: Sequence[Alert], outcomes: Outcomes) -> None:
    """Print how many cancelled bookings behind all alerts stand in batches or on one day."""
    cancelled = alike = mostly_alike = one_day = 0
    for alert in alerts:
        bad = outcomes.bad(outcomes.of(alert))
        of_batches = len(outcomes.alike(bad))
        cancelled += len(bad)
        alike += of_batches
        mostly_alike += of_batches >= 0.9 * len(bad)
        one_day += outcomes.days(bad).most_common(1)[0][1] >= 0.5 * len(bad)
    print(f"   {alike:,} of their {cancelled:,} cancelled bookings stand in batches")
    print(f"   {mostly_alike} alerts rest on batches to nine tenths or more")
    print(f"   {one_day} alerts rest on the cancellations of one day to one half or more")


def print_deposits(sales: Iterable[Booking], outcomes: Outcomes) -> None:
    """Print which share of bookings was ever cancelled, by kind of deposit."""
    total, bad = Counter[str](), Counter[str]()
    for sale in sales:
        total[sale.deposit_type] += 1
        bad[sale.deposit_type] += sale.sale_id in outcomes.cancelled
    for deposit, count in total.most_common():
        print(f"   {deposit}: {bad[deposit]:,} of {count:,} cancelled ({bad[deposit] / count:.1%})")


def print_budget(run: Run, settings: Settings) -> float:
    """Print what the budgets allow and what the shadow null counted; give the former."""
    evidence = settings.evidence
    allowed = 0.0
    for pattern, budget in (
        (PatternName("quick_cancellation"), evidence.false_alarms_per_1000_agent_years),
        (PatternName("quick_cancellation_early"), evidence.early_false_alarms_per_1000_agent_years),
    ):
        days, null = run.agent_days(pattern), run.shadow[pattern]
        allowed += budget * days / 365_000
        print(
            f"   {pattern}: {days:,} agent-days allow {budget * days / 365_000:.2f} false alarms; "
            f"the shadow null saw {null.alarms}"
        )
    return allowed


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="How far to trust the alerts about the agents.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="where events.jsonl is")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="permutations")
    arguments = parser.parse_args()
    settings = settings_from(Path(__file__).with_name("settings.toml"))
    window = timedelta(seconds=seconds_of(settings.patterns.quick_cancellation.window))
    decode = msgspec.json.Decoder(HotelEvent).decode
    with (arguments.folder / "events.jsonl").open("rb") as file:
        events: list[HotelEvent] = [decode(line) for line in file]

    outcomes = Outcomes(events, window)
    run = judged(events, settings)
    print(f"{len(sales_of(events)):,} sales, {run.told()}")
    allowed = print_budget(run, settings)
    mature = [alert for alert in run.alerts if not alert.pattern.endswith("_early")]
    print_batches(mature, outcomes)
    for rank, alert in enumerate(mature[:SHOWN], 1):
        print_alert(rank, alert, outcomes)
    for alert in run.alerts:
        if alert not in mature:
            print(f"early: {alert.summary}")
    told = []
    for seed in range(arguments.seeds):
        null = judged(permuted(events, seed), settings)
        told.append(len(null.alerts))
        print(f"Labels permuted, seed {seed}: {null.told()}: {' '.join(null.agents()[:8])}")
    print(f"{allowed:.1f} false alarms are allowed a run, {sum(told) / len(told):.1f} were seen")
    print()
    print("Bookings by deposit:")
    print_deposits(sales_of(events), Outcomes(events, window))


if __name__ == "__main__":
    main()
