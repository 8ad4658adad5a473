"""Every simulated line keeps the contract of events on the wire."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings
from tests.streams.simulation.judging import Event, read, time_of

SETTINGS = SimulationSettings(agents=60, days=90, seed=11)
COMMON: dict[str, type | tuple[type, ...]] = {"event_id": str, "account_id": str}
REQUIRED: dict[str, dict[str, type | tuple[type, ...]]] = {
    "sale": {
        "sale_id": str,
        "customer_id": str,
        "agent_id": (str, type(None)),
        "product": str,
        "amount": float,
    },
    "cancellation": {"sale_id": str, "reason": str, "initiated_by": str},
    "account_activity": {"kind": str, "initiated_by": str},
}
OPTIONAL: dict[str, dict[str, type | tuple[type, ...]]] = {
    "sale": {
        "channel": str,
        "site": str,
        "team": str,
        "commission": float,
        "interaction_id": str,
        "sentiment": float,
        "closing_attempts": int,
        "consent_id": str,
    },
    "cancellation": {"agent_id": str, "refund": float},
    "account_activity": {"agent_id": str, "amount": float},
}
KNOWN = {
    "initiated_by": {"customer", "agent", "system"},
    "reason": {"customer_request", "returned", "never_ordered", "service_fault", "non_payment"},
    "kind": {"login", "usage", "payment", "contact_change", "verification"},
    "channel": {"phone", "web_assisted", "branch", "web"},
}


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return list(simulate(SETTINGS))


@pytest.fixture(scope="module")
def events(lines: list[bytes]) -> list[Event]:
    return list(read(lines))


def test_fields_are_those_of_the_contract_with_its_types(events: list[Event]) -> None:
    for event in events:
        required = COMMON | REQUIRED[event["type"]]
        allowed = required | OPTIONAL[event["type"]]
        assert required.keys() <= event.keys()
        for name, value in event.items():
            if name not in {"type", "occurred_at"}:
                assert isinstance(value, allowed[name]), (name, event)
            if name in KNOWN:
                assert value in KNOWN[name], event


def test_every_optional_field_is_carried_somewhere(events: list[Event]) -> None:
    seen: dict[str, set[str]] = {kind: set() for kind in OPTIONAL}
    for event in events:
        seen[event["type"]] |= event.keys()
    assert all(OPTIONAL[kind].keys() <= names for kind, names in seen.items())


def test_values_are_in_range(events: list[Event]) -> None:
    for event in events:
        assert event.get("amount", 1.0) > 0
        assert event.get("commission", 0.0) >= 0
        assert -1 <= event.get("sentiment", 0.0) <= 1
        assert event.get("closing_attempts", 1) >= 1


def test_times_are_distinct_ordered_and_inside_the_period(events: list[Event]) -> None:
    form = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
    assert all(form.fullmatch(event["occurred_at"]) for event in events)
    times = [time_of(event) for event in events]
    assert all(earlier < later for earlier, later in pairwise(times))
    assert times[0] >= datetime(2025, 1, 1, tzinfo=UTC)
    assert times[-1] < datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=SETTINGS.days)


def test_event_and_sale_ids_are_unique(events: list[Event]) -> None:
    event_ids = [event["event_id"] for event in events]
    sale_ids = [event["sale_id"] for event in events if event["type"] == "sale"]
    assert len(set(event_ids)) == len(event_ids)
    assert len(set(sale_ids)) == len(sale_ids)
    assert all(re.fullmatch(r"e-\d{8}", one) for one in event_ids)


def test_everything_follows_a_sale_on_its_account(events: list[Event]) -> None:
    account_of: dict[str, str] = {}
    cancelled: Counter[str] = Counter()
    for event in events:
        if event["type"] == "sale":
            account_of[event["sale_id"]] = event["account_id"]
        elif event["type"] == "cancellation":
            assert account_of[event["sale_id"]] == event["account_id"]
            cancelled[event["sale_id"]] += 1
    assert max(cancelled.values()) == 1
    opened: set[str] = set()
    for event in events:
        if event["type"] == "sale":
            opened.add(event["account_id"])
        assert event["account_id"] in opened


def test_only_an_agents_doing_names_an_agent(events: list[Event]) -> None:
    for event in events:
        if event["type"] != "sale":
            assert ("agent_id" in event) <= (event["initiated_by"] == "agent")


def test_sales_happen_in_business_hours_and_rarely_at_weekends(events: list[Event]) -> None:
    sold = [time_of(one) for one in events if one["type"] == "sale" and one["agent_id"]]
    assert all(6 <= one.hour < 18 for one in sold)
    assert 0 < sum(one.weekday() >= 5 for one in sold) < 0.1 * len(sold)


def test_a_few_sales_have_no_agent_and_a_few_accounts_a_second_sale(events: list[Event]) -> None:
    sales = [event for event in events if event["type"] == "sale"]
    without_agent = [event for event in sales if event["agent_id"] is None]
    assert 0.01 < len(without_agent) / len(sales) < 0.06
    assert {event["channel"] for event in without_agent} == {"web"}
    accounts = Counter(event["account_id"] for event in sales)
    assert 0.005 < sum(number > 1 for number in accounts.values()) / len(accounts) < 0.04


def test_a_sale_is_as_long_as_real_ones(lines: list[bytes]) -> None:
    sizes = [len(line) for line in lines if line.startswith(b'{"type":"sale"')]
    assert 250 < sum(sizes) / len(sizes) < 360


def test_activities_are_about_one_and_a_half_a_sale() -> None:
    year = SimulationSettings(agents=30, days=365, seed=2)
    counts = Counter(event["type"] for event in read(simulate(year)))
    assert 1.4 < counts["account_activity"] / counts["sale"] < 2.0
