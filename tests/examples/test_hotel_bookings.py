"""The example of the hotel bookings: the conversion on made-up rows, the commands on the real file.

The real file is not part of the project. It is read from the path in ABOVEBOARD_HOTEL_DATA, else
from beside the repository; where it is missing those tests are skipped.
"""

import gzip
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import msgspec
import pytest

from detectors.decoding import EventDecoder
from detectors.events.event import AccountActivity, AnyEvent, Cancellation, Sale
from detectors.limit_settings import Limits
from examples.hotel_bookings.events_from_bookings import (
    NegativePrice,
    UnusableBookings,
    event_lines,
    events_of,
)
from examples.hotel_bookings.look_closer import (
    Booking,
    HotelEvent,
    permuted,
    sales_of,
)
from streams.files.settings import settings_from
from tests.streams.small_centre import run

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "examples" / "hotel_bookings"
REAL_FILE: Final = Path(
    os.environ.get("ABOVEBOARD_HOTEL_DATA", ROOT.parent / "shared/data/hotel/hotel_bookings.csv.gz")
)

STAY: Final = {
    "hotel": "Resort Hotel",
    "is_canceled": "0",
    "lead_time": "31",
    "arrival_date_year": "2016",
    "arrival_date_month": "March",
    "arrival_date_day_of_month": "1",
    "stays_in_weekend_nights": "1",
    "stays_in_week_nights": "2",
    "adults": "2",
    "children": "NA",
    "babies": "0",
    "meal": "BB       ",
    "market_segment": "Groups",
    "distribution_channel": "TA/TO",
    "reserved_room_type": "A",
    "deposit_type": "No Deposit     ",
    "agent": "9",
    "customer_type": "Transient",
    "adr": "50.35",
    "reservation_status": "Check-Out",
    "reservation_status_date": "2016-03-04",
}


def row(**changed: str) -> dict[str, str]:
    return STAY | changed


def cancelled(**changed: str) -> dict[str, str]:
    return row(
        is_canceled="1", reservation_status="Canceled", reservation_status_date="2016-02-10"
    ) | dict(changed)


def events_from(booking: dict[str, str]) -> list[AnyEvent]:
    return list(events_of(booking, copy=0))


def at(day: str, hour: int) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)


# --------------------------------------------------------------------------------- one booking each


def test_a_stay_is_a_sale_an_arrival_and_a_departure() -> None:
    sale, arrival, departure = events_from(STAY)
    assert isinstance(sale, Sale)
    assert sale.occurred_at == at("2016-01-30", 12)
    assert (sale.agent_id, sale.product, sale.channel) == ("R-9", "R/Groups", "TA/TO")
    assert sale.amount == 151.05
    assert isinstance(arrival, AccountActivity)
    assert isinstance(departure, AccountActivity)
    assert (arrival.occurred_at, departure.occurred_at) == (
        at("2016-03-01", 15),
        at("2016-03-04", 18),
    )
    assert {(use.kind, use.initiated_by) for use in (arrival, departure)} == {("usage", "customer")}
    booking: str = sale.sale_id  # the one id of all that happens to it
    assert all(event.account_id == booking for event in (sale, arrival, departure))


@pytest.mark.parametrize(
    ("status", "reason"), [("Canceled", "customer_request"), ("No-Show", "no_show")]
)
def test_a_cancellation_and_a_no_show_undo_the_sale(status: str, reason: str) -> None:
    sale, undone = events_from(cancelled(reservation_status=status))
    assert isinstance(sale, Sale)
    assert isinstance(undone, Cancellation)
    assert (undone.sale_id, undone.reason, undone.initiated_by) == (
        sale.sale_id,
        reason,
        "customer",
    )
    assert undone.occurred_at == at("2016-02-10", 18)


def test_without_an_agent_nobody_sold_it() -> None:
    (sale, *_) = events_from(row(agent="NULL"))
    assert isinstance(sale, Sale)
    assert sale.agent_id is None


def test_the_same_number_in_another_hotel_is_another_agent() -> None:
    (sale, *_) = events_from(row(hotel="City Hotel"))
    assert isinstance(sale, Sale)
    assert (sale.agent_id, sale.product) == ("C-9", "C/Groups")


def test_what_happens_on_one_day_stays_in_order() -> None:
    at_once = {"lead_time": "0", "reservation_status_date": "2016-03-01"}
    for booking in (row(**at_once), cancelled(**at_once)):
        times = [event.occurred_at for event in events_from(booking)]
        assert times == sorted(set(times))
        assert {time.date() for time in times} == {date(2016, 3, 1)}


def test_a_free_night_is_a_sale_of_nothing() -> None:
    (sale, *_) = events_from(row(adr="0"))
    assert isinstance(sale, Sale)
    assert sale.amount == 0


def test_a_negative_price_is_neither_clamped_nor_hidden() -> None:
    with pytest.raises(NegativePrice, match=r"-6\.38 a night"):
        events_from(row(adr="-6.38"))
    lines, counts, left_out = event_lines([STAY, row(adr="-6.38")])
    assert (len(lines), counts["sale"], len(left_out)) == (3, 1, 1)


def test_an_unknown_status_is_refused() -> None:
    with pytest.raises(UnusableBookings, match="Walked out"):
        events_from(row(reservation_status="Walked out"))


# ------------------------------------------------------------------------------------ many bookings


def test_equal_bookings_are_different_sales() -> None:
    lines, counts, _ = event_lines([STAY, STAY, STAY])
    assert counts == {"sale": 3, "account_activity": 6}
    assert len(set(lines)) == 9


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = [
        STAY,
        STAY,
        cancelled(),
        cancelled(reservation_status="No-Show", reservation_status_date="2016-03-01"),
        *(row(agent=str(agent)) for agent in range(20)),
        *(cancelled(agent=str(agent)) for agent in range(20)),
        row(lead_time="400", agent="NULL"),
    ]
    lines, _, _ = event_lines(rows)
    for other in (rows[::-1], rows[7:] + rows[:7], sorted(rows, key=str)):
        assert event_lines(other)[0] == lines


def test_events_are_in_time_order_and_accepted() -> None:
    lines, _, _ = event_lines([STAY, cancelled(), row(lead_time="400"), row(lead_time="0")])
    decode = EventDecoder(Limits()).decode
    times = [decode(line).occurred_at for line in lines]
    assert times == sorted(times)


# -------------------------------------------------------------------------------- the closer look


def hotel_events(rows: Sequence[dict[str, str]]) -> list[HotelEvent]:
    return [msgspec.json.decode(line, type=HotelEvent) for line in event_lines(rows)[0]]


def test_identical_bookings_of_one_day_are_of_one_customer_whatever_became_of_them() -> None:
    rows = [STAY, STAY, cancelled(), cancelled(agent="10"), row(adr="51"), row(adults="3")]
    sales = sales_of(hotel_events(rows))
    assert len({sale.sale_id for sale in sales}) == 6
    alike = Counter((sale.customer_id, sale.amount) for sale in sales)
    assert sorted(alike.values()) == [1, 1, 4]


def test_labels_move_only_within_day_and_product() -> None:
    rows = [
        row(agent=str(agent), lead_time=lead, market_segment=segment)
        for agent in range(8)
        for lead in ("3", "4")
        for segment in ("Groups", "Direct")
    ]
    events = hotel_events(rows)
    dealt = permuted(events, seed=1)

    def cells(sales: Sequence[Booking]) -> Counter[tuple[datetime, str, str | None]]:
        return Counter((sale.occurred_at, sale.product, sale.agent_id) for sale in sales)

    assert cells(sales_of(dealt)) == cells(sales_of(events))
    assert dealt != events
    assert dealt == permuted(events, seed=1)


# ------------------------------------------------------------------------------------ the real file


@pytest.mark.skipif(
    not REAL_FILE.is_file(),
    reason="the hotel booking file is not here; name it in ABOVEBOARD_HOTEL_DATA",
)
def test_every_record_of_the_real_file_is_judged(tmp_path: Path) -> None:
    script = EXAMPLE / "events_from_bookings.py"
    done = subprocess.run(
        [sys.executable, script, REAL_FILE, "--out", tmp_path],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stderr.count("left out") == 1
    events = tmp_path / "events.jsonl"
    with events.open("rb") as file:
        kinds = Counter(line[: line.index(b",")] for line in file)
    assert kinds == {
        b'{"type":"sale"': 119_389,
        b'{"type":"cancellation"': 44_224,
        b'{"type":"account_activity"': 150_330,
    }
    rejected, alerts = tmp_path / "rejected.jsonl", tmp_path / "alerts.jsonl"
    settings = EXAMPLE / "settings.toml"
    words = ("--config", settings, "--out", alerts, "--dead-letters", rejected)
    assert run("detect", events, *words) == 0
    assert rejected.read_bytes() == b""
    assert alerts.stat().st_size > 0


def test_the_settings_of_the_example_are_accepted() -> None:
    patterns = settings_from(EXAMPLE / "settings.toml").patterns.enabled()
    assert [pattern.name for pattern in patterns] == ["quick_cancellation", "burst"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"hotel,adr\nCity Hotel,1\n", "not a gzip"),
        (gzip.compress(b"hotel,adr\nCity Hotel,1\n"), "no column"),
        (gzip.compress(b"hotel,adr\nCity Hotel,1\n")[:-9], "ended before"),
    ],
    ids=["plain text", "another table", "cut short"],
)
def test_another_file_is_refused_in_one_line(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    other = tmp_path / "other.csv.gz"
    other.write_bytes(content)
    done = subprocess.run(
        [sys.executable, EXAMPLE / "events_from_bookings.py", other, "--out", tmp_path],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert complaint in done.stderr.lower()
    assert done.stderr.count("\n") == 1
