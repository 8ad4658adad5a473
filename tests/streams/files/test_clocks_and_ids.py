"""Honest worlds over files in which two sources disagree about clocks or ids."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Final

import pytest

from detectors.alerts.alert import Alert
from detectors.ledger.matches import MatchCounts
from detectors.settings import read_settings
from streams.cli.not_used import match_lines
from streams.files.detection import Detection
from streams.files.events import Block, Origin

START: Final = datetime(2025, 1, 1, 9, tzinfo=UTC)
DAYS: Final = 90

Event = dict[str, Any]


@cache
def world(agents: int = 20) -> tuple[Event, ...]:
    """Return honest sales: one in twenty is cancelled, the accounts of all others are used."""
    chance = Random(1)  # noqa: S311 - the same world every time
    events: list[Event] = []
    for number in range(agents * DAYS * 2):
        agent, day = number % agents, number // (agents * 2)
        sold = START + timedelta(days=day, seconds=chance.randint(0, 8 * 3_600))
        about: Event = {"account_id": f"a{number}", "sold": sold, "agent": agent}
        sale: Event = {"sale_id": f"S{number}", "agent_id": f"agent-{agent}"}
        sale |= {
            "customer_id": f"c{number}",
            "product": chance.choice(("card", "loan")),
            "amount": 10.0 + number,
        }
        events.append({"type": "sale", "at": sold, **about, **sale})
        if chance.random() < 1 / 20:
            after = timedelta(days=chance.uniform(0.1, 9))
            undone: Event = {
                "sale_id": f"S{number}",
                "reason": "returned",
                "initiated_by": "customer",
            }
            events.append({"type": "cancellation", "at": sold + after, **about, **undone})
        else:
            after = timedelta(days=chance.uniform(0.1, 20))
            use: Event = {"kind": "usage", "initiated_by": "customer"}
            events.append({"type": "account_activity", "at": sold + after, **about, **use})
    return tuple(events)


def found(
    change: Callable[[Event, Random], Mapping[str, Any]], settings: Mapping[str, Any] | None = None
) -> tuple[list[Alert], MatchCounts]:
    """Return the alerts, and what met nothing, of the world with every event changed."""
    chance = Random(5)  # noqa: S311 - as above
    changed = [{**event, **change(event, chance)} for event in world()]
    changed.sort(key=lambda event: event["at"])
    lines = list(_lines(changed))
    detection = Detection(read_settings(settings or {}), None, _refuse)
    blocks = [Block(lines, lambda index: Origin("world", index + 1))]
    alerts = [alert for some in detection.alerts(iter(blocks)) for alert in some]
    return alerts, detection.matches()


def _lines(events: Iterable[Event]) -> Iterable[bytes]:
    for number, event in enumerate(events):
        wire = {key: value for key, value in event.items() if key not in {"at", "sold", "agent"}}
        wire |= {"event_id": f"e{number}", "occurred_at": event["at"].isoformat()}
        yield json.dumps(wire).encode()


def _refuse(letter: object) -> None:
    raise AssertionError(letter)


def as_it_is(event: Event, chance: Random) -> Mapping[str, Any]:
    del event, chance
    return {}


def a_minute_behind(event: Event, chance: Random) -> Mapping[str, Any]:
    """Let one customer in five pay at the till, and the clock of the uses be a minute behind."""
    if event["type"] != "account_activity":
        return {}
    at = event["sold"] + timedelta(seconds=30) if chance.random() < 1 / 5 else event["at"]
    return {"at": at - timedelta(seconds=60)}


def activated_at_the_desk(event: Event, chance: Random) -> Mapping[str, Any]:
    """Let one agent activate half of the accounts at the desk, by the same clock."""
    at_the_desk = event["agent"] == 3 and chance.random() < 1 / 2
    if event["type"] != "account_activity":
        return {}
    at = event["sold"] + timedelta(seconds=20) if at_the_desk else event["at"]
    return {"at": at - timedelta(seconds=60)}


def dates_only(event: Event, chance: Random) -> Mapping[str, Any]:
    """Give the uses a date and no time of day, one in five that of the sale."""
    if event["type"] != "account_activity":
        return {}
    at = event["sold"] if chance.random() < 1 / 5 else event["at"]
    return {"at": at.replace(hour=0, minute=0, second=0, microsecond=0)}


A_DAY: Final = {"time": {"clock_tolerance": "1d"}}
EXACT: Final = {"time": {"clock_tolerance": "0s"}}


@pytest.mark.parametrize(
    ("change", "settings"),
    [
        (as_it_is, None),
        (a_minute_behind, None),
        (activated_at_the_desk, None),
        (dates_only, A_DAY),
        (dates_only, EXACT),
        (activated_at_the_desk, EXACT),
    ],
)
def test_clocks_that_disagree_accuse_nobody(
    change: Callable[[Event, Random], Mapping[str, Any]], settings: Mapping[str, Any] | None
) -> None:
    alerts, counts = found(change, settings)
    assert [alert for alert in alerts if alert.pattern == "unused_account"] == []
    assert counts.lone_sales == counts.lone_cancellations == counts.lone_accounts == 0
    assert counts.sales == counts.used + counts.cancelled > 1_000


def test_ids_that_do_not_match_are_counted_and_told() -> None:
    _, right = found(as_it_is)

    def another_sale(event: Event, chance: Random) -> Mapping[str, Any]:
        del chance
        return {"sale_id": "ORD-" + event["sale_id"]} if event["type"] == "cancellation" else {}

    def capitals(event: Event, chance: Random) -> Mapping[str, Any]:
        del chance
        is_use = event["type"] == "account_activity"
        return {"account_id": event["account_id"].upper()} if is_use else {}

    _, cancelled = found(another_sale)
    assert cancelled.cancelled == 0
    assert cancelled.lone_sales >= cancelled.lone_cancellations == right.cancelled > 50
    assert any("how the sources spell sale_id" in line for line in match_lines(cancelled))
    _, used = found(capitals)
    assert used.used == 0
    assert used.lone_sales == right.used
    assert used.lone_accounts >= right.used
    assert any("how the sources spell account_id" in line for line in match_lines(used))
    assert not any("spell" in line for line in match_lines(right))


def test_of_nothing_forgotten_nothing_is_said() -> None:
    assert match_lines(MatchCounts()) == []
