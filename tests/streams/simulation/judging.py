"""Reads simulated lines back into outcomes, by the plain definitions of the two patterns."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

QUICK_WINDOW = timedelta(days=10)
USE_WINDOW = timedelta(days=30)
NOT_THE_AGENTS_DOING = {"service_fault", "non_payment"}

Event = dict[str, Any]


@dataclass
class JudgedSale:
    """A sale with what a reader of the log knows about it."""

    agent_id: str | None
    account_id: str
    product: str
    sold_at: datetime
    cancelled_at: datetime | None = None
    reason: str = ""
    first_use: datetime | None = None

    @property
    def quickly_cancelled(self) -> bool:
        return (
            self.cancelled_at is not None
            and self.cancelled_at < self.sold_at + QUICK_WINDOW
            and self.reason not in NOT_THE_AGENTS_DOING
        )

    @property
    def kept_through_use_window(self) -> bool:
        return self.cancelled_at is None or self.cancelled_at >= self.sold_at + USE_WINDOW

    @property
    def unused(self) -> bool:
        return self.first_use is None or self.first_use >= self.sold_at + USE_WINDOW


@dataclass
class Rate:
    """A share with the number it is of."""

    bad: int = 0
    number: int = 0

    def add(self, *, bad: bool) -> None:
        self.bad += bad
        self.number += 1

    @property
    def value(self) -> float:
        return self.bad / self.number


@dataclass
class Rates:
    """The two rates of one group of sales."""

    quick: Rate = field(default_factory=Rate)
    unused: Rate = field(default_factory=Rate)

    def add(self, sale: JudgedSale, ends_at: datetime) -> None:
        if sale.sold_at + QUICK_WINDOW <= ends_at:
            self.quick.add(bad=sale.quickly_cancelled)
        if sale.sold_at + USE_WINDOW <= ends_at and sale.kept_through_use_window:
            self.unused.add(bad=sale.unused)


def read(lines: Iterable[bytes]) -> Iterator[Event]:
    for line in lines:
        event: Event = json.loads(line)
        yield event


def time_of(event: Event) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])


def judge(events: Iterable[Event]) -> list[JudgedSale]:
    """Return the sales; each must come before its cancellation."""
    sales: dict[str, JudgedSale] = {}
    by_account: dict[str, list[JudgedSale]] = defaultdict(list)
    for event in events:
        if event["type"] == "sale":
            sale = JudgedSale(
                event["agent_id"], event["account_id"], event["product"], time_of(event)
            )
            sales[event["sale_id"]] = sale
            by_account[event["account_id"]].append(sale)
        elif event["type"] == "cancellation":
            sale = sales[event["sale_id"]]
            sale.cancelled_at = time_of(event)
            sale.reason = event["reason"]
        elif event["initiated_by"] == "customer":
            for sale in by_account[event["account_id"]]:
                sale.first_use = sale.first_use or time_of(event)
    return list(sales.values())
