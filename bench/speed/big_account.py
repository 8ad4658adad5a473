"""The price of an event where all are about one account, beside the same events spread as usual."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from bench.speed.detect import detection_of
from detectors.settings import Settings

SIZES: Final = (1_000, 2_000, 4_000, 8_000, 16_000)
"""Sales."""

AIM: Final = 2.0

_BEGIN: Final = datetime(2026, 3, 1, tzinfo=UTC)
_DAYS: Final = 20
"""Within which all sales are made: shorter than an account is remembered."""

_encode: Final = msgspec.json.Encoder().encode

Event = tuple[datetime, dict[str, object]]


def run() -> None:
    """Print it for some habits of the events, twice as many each time; nine of ten on it."""
    detection_of(list(_records(_sold, 500, one=False)), Settings())  # compiles
    print(f"big_account: µs an event on one account / spread, and the ratio (aim: below {AIM})")
    for name, habit in HABITS.items():
        print(f"  {name}")
        for size in SIZES:
            one, spread = (_each(habit, size, one=is_one) for is_one in (True, False))
            print(f"    {size:6,} sales {one:8.1f} {spread:8.1f} {one / spread:7.2f}", flush=True)


def _each(habit: "Habit", sales: int, *, one: bool) -> float:
    """Return the microseconds of the processor that an event takes."""
    records = list(_records(habit, sales, one=one))
    return 1e6 * detection_of(records, Settings()) / len(records)


def _records(habit: "Habit", sales: int, *, one: bool) -> Iterator[bytes]:
    """Yield the lines of so many sales and what follows them, and of a day long after them."""
    step = timedelta(days=_DAYS) / sales
    events: list[Event] = []
    for number in range(sales):
        # One account alone moves no clock.
        account = "GUEST" if one and number % 10 else f"account {number}"
        events += habit(number, account, _BEGIN + number * step)
    events += [
        _sale(sales + n, f"last {n}", _BEGIN + timedelta(days=60, minutes=n)) for n in range(20)
    ]
    # A late event is one whose record comes long after its time.
    for _, event in sorted(events, key=lambda pair: pair[0]):
        yield _encode(event)


def _sale(number: int, account: str, at: datetime) -> Event:
    event: dict[str, object] = {
        "type": "sale",
        "event_id": f"s{number}",
        "account_id": account,
        "occurred_at": at.isoformat(),
        "sale_id": f"sale {number}",
        "customer_id": f"customer {number}",
        "agent_id": f"agent {number % 20}",
        "product": "line",
        "amount": 20.0 + number % 7,
    }
    return at, event


def _cancellation(number: int, account: str, at: datetime, arrival: datetime) -> Event:
    event: dict[str, object] = {
        "type": "cancellation",
        "event_id": f"c{number}",
        "account_id": account,
        "occurred_at": at.isoformat(),
        "sale_id": f"sale {number}",
        "reason": "changed_mind",
        "initiated_by": "customer",
    }
    return arrival, event


def _login(number: int, account: str, at: datetime, arrival: datetime) -> Event:
    event: dict[str, object] = {
        "type": "account_activity",
        "event_id": f"a{number}",
        "account_id": account,
        "occurred_at": at.isoformat(),
        "kind": "login",
        "initiated_by": "customer",
    }
    return arrival, event


def _sold(number: int, account: str, at: datetime) -> list[Event]:
    return [_sale(number, account, at)]


def _cancelled(number: int, account: str, at: datetime) -> list[Event]:
    after = at + timedelta(days=3)
    return [_sale(number, account, at), _cancellation(number, account, after, after)]


def _used(number: int, account: str, at: datetime) -> list[Event]:
    after = at + timedelta(days=3)
    return [_sale(number, account, at), _login(number, account, after, after)]


def _at_once(number: int, account: str, at: datetime) -> list[Event]:
    """Return all of a day at midnight, as a source has it that knows dates only."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return [_sale(number, account, day), _cancellation(number, account, day, day)]


def _late(number: int, account: str, at: datetime) -> list[Event]:
    """Return one log in for twenty sales, told five days later."""
    if number % 20:
        return [_sale(number, account, at)]
    after = at + timedelta(days=1)
    late = _login(number, account, after, after + timedelta(days=5))
    return [_sale(number, account, at), late]


def _cancelled_alone(number: int, account: str, at: datetime) -> list[Event]:
    """Return cancellations of sales that nobody tells."""
    return [_cancellation(number, account, at, at)]


Habit = Callable[[int, str, datetime], list[Event]]

HABITS: Final[dict[str, Habit]] = {
    "sales": _sold,
    "sales, all cancelled": _cancelled,
    "sales, all used": _used,
    "sales and cancellations, all dated midnight": _at_once,
    "sales, some used as is told late": _late,
    "cancellations alone": _cancelled_alone,
}


if __name__ == "__main__":
    run()
