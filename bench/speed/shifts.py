"""What is told of shifts: where nothing is planted, where something is, and by chance."""

import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from math import log1p
from pathlib import Path
from statistics import median
from time import process_time
from typing import Final

from msgspec import Struct

from bench.speed.agent_days import Sales, read_sales
from bench.speed.planted_profiles import PLANTED
from detectors.agents.profiles.profiles import Profiles
from detectors.alerts.alert import Alert
from detectors.basis.event_time import DAY, Day, days_between, seconds_at
from detectors.basis.identifiers import Cell
from detectors.messages.outcomes import SaleMade, SalesDay
from detectors.profiles.profile import AMOUNT_SHIFT, VOLUME_SHIFT
from detectors.settings import Settings
from streams.simulation.settings import SimulationSettings
from streams.simulation.writing import write_simulation

SEEDS: Final = (1, 2, 3)
COINS: Final = (1, 2, 3, 4, 5)
HOTEL: Final = Path(os.environ.get("HOTEL_EVENTS", "simulated/hotel/events.jsonl"))
NAMES: Final = (VOLUME_SHIFT, AMOUNT_SHIFT)

_NEVER: Final = 1 << 40


class Told(Struct):
    """What was told of some sales: alerts opened, and what the nulls counted with all coins."""

    opened: list[Alert]
    alarms: dict[str, int]
    agent_years: dict[str, float]
    seconds: float
    agent_days: int


def run() -> None:
    """Print what is told, beside what each null would have told."""
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            simulation = SimulationSettings(agents=200, days=365, seed=seed)
            events, truth = write_simulation(simulation, Path(folder))
            sales = read_sales(events)
        planted = {
            one.agent_id: int(datetime.fromisoformat(one.since).timestamp() // DAY)
            for one in truth.planted
        }
        print(f"\nsimulated centre, seed {seed}", flush=True)
        _print(_told(sales), {})
        for name, change in PLANTED.items():
            print(f"  from their day on {len(planted)} agents {name}")
            changed = change(sales, {sales.names.index(who): day for who, day in planted.items()})
            _print(_told(changed), planted)
    if HOTEL.exists():
        print("\nhotel bookings")
        told = _told(read_sales(HOTEL))
        _print(told, {})
        for alert in told.opened:
            print(f"    {alert.summary}")


def _told(sales: Sales) -> Told:
    days = _days(sales)
    told = Told([], dict.fromkeys(NAMES, 0), dict.fromkeys(NAMES, 0.0), 0.0, 0)
    for coins in COINS:
        profiles = Profiles(Settings(), "", coins)
        opened: list[Alert] = []
        agent_days, began = 0, process_time()
        for day in days_between(min(days), max(days)):
            sold = profiles.pop(day, days)
            agent_days += sold.at_work
            opened += [a for a in profiles.judge(day, sold, {}) if a.status == "open"]
        told.seconds, told.agent_days = process_time() - began, agent_days
        told.opened = opened
        for name, count in profiles.shadow().items():
            told.alarms[name] += count.alarms
            told.agent_years[name] += count.agent_days / 365.0
    return told


def _days(sales: Sales) -> dict[Day, SalesDay]:
    days: dict[Day, SalesDay] = {}
    columns = (sales.agent, sales.day, sales.product, sales.amount)
    for agent, day, product, amount in zip(*(one.tolist() for one in columns), strict=True):
        made = SaleMade(
            sales.names[agent], Cell(f"{product}"), 0, 0, round(1_000.0 * log1p(amount))
        )
        days.setdefault(Day(day), SalesDay()).made.append(made)
    return days


def _print(told: Told, planted: Mapping[str, int]) -> None:
    for name in NAMES:
        opened = [alert for alert in told.opened if alert.pattern == name]
        late: dict[str, int] = {}
        for alert in opened:
            day = int(seconds_at(alert.opened_at) // DAY) - 1
            who = alert.subject.id
            if day >= planted.get(who, _NEVER):
                late.setdefault(who, day - planted[who])
        parts = [
            f"{name}: {len(opened)} alerts about {len({a.subject.id for a in opened})} agents",
            f"null {told.alarms[name]} in {told.agent_years[name]:.0f} agent-years at work",
            f"{1e6 * told.seconds / told.agent_days:.1f} µs an agent-day (both)",
        ]
        if late:
            days = f"median {median(late.values()):.0f} days"
            parts.insert(1, f"{len(late)} of {len(planted)} found, {days}")
        print("    " + "; ".join(parts), flush=True)


if __name__ == "__main__":
    run()
