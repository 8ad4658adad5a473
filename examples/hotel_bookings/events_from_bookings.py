"""Hotel bookings as events of Aboveboard: a gzip CSV file in, `events.jsonl` out.

The file is "Hotel booking demand" by N. Antonio, A. de Almeida and L. Nunes, Data in Brief 22
(2019) 41-49, doi 10.1016/j.dib.2018.11.126, licence CC BY 4.0. One row is one booking: a sale, then
a cancellation or a stay. The page beside this file says what is made of what, and why.

Nothing here depends on the order of the rows, for that order tells of the outcome: ids are hashes
of the row, events are sorted by time, and ties within a day are broken by those hashes.
"""

import argparse
import csv
import gzip
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import msgspec

from detectors.basis.content_id import content_id
from detectors.basis.errors import AboveboardError
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.events.event import AccountActivity, AnyEvent, Cancellation, CancellationReason, Sale

EVENTS_FILE: Final = "events.jsonl"

SOLD_AT: Final = time(12, tzinfo=UTC)
ARRIVED_AT: Final = time(15, tzinfo=UTC)
ENDED_AT: Final = time(18, tzinfo=UTC)
"""The file knows days only; these hours put what happens on one day into the order it must have."""

REASONS: Final[Mapping[str, CancellationReason]] = {
    "Canceled": "customer_request",
    "No-Show": "no_show",
}
STAYED: Final = "Check-Out"
MISSING: Final = "NULL"
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

Row = Mapping[str, str]


class UnusableBookings(AboveboardError):
    """The file is not the one this example is about; the message says what is wrong with it."""


class NegativePrice(AboveboardError):
    """A booking has a negative price, which is no amount of a sale."""


class HotelSale(Sale, frozen=True, kw_only=True, gc=False, tag="sale", omit_defaults=True):
    """A sale, and what else the hotel knew when it was made; Aboveboard ignores these fields."""

    arrival: date
    nights: int
    guests: str
    room: str
    meal: str
    deposit_type: str
    customer_type: str


def events_of(row: Row, copy: int) -> Iterator[AnyEvent]:
    """Return the events of one booking.

    Parameters
    ----------
    row
        A row of the file by the names of its columns.
    copy
        How many equal rows came before this one: equal bookings are still different ones.

    Raises
    ------
    NegativePrice
        If it has one. Neither 0 nor the absolute value would be true, so there is no event.
    UnusableBookings
        If a status is not one of the three known ones.
    """
    letter = row["hotel"][0]
    booking = f"{letter}-{content_id(*row.values(), str(copy))}"
    arrival = _arrival(row)
    nights = int(row["stays_in_weekend_nights"]) + int(row["stays_in_week_nights"])
    amount = round(float(row["adr"]) * nights, 2)
    if float(row["adr"]) < 0:
        raise NegativePrice(f"booking {booking}: {row['adr']} a night")
    yield HotelSale(
        event_id=f"sale-{booking}",
        account_id=AccountId(booking),
        occurred_at=_moment(arrival - timedelta(days=int(row["lead_time"])), SOLD_AT),
        sale_id=SaleId(booking),
        customer_id=content_id(*_party(row)),
        agent_id=None if row["agent"] == MISSING else AgentId(f"{letter}-{row['agent']}"),
        product=f"{letter}/{row['market_segment']}",
        amount=amount,
        channel=row["distribution_channel"],
        arrival=arrival,
        nights=nights,
        guests=f"{row['adults']}+{row['children']}+{row['babies']}",
        room=row["reserved_room_type"],
        meal=row["meal"].strip(),
        deposit_type=row["deposit_type"].strip(),
        customer_type=row["customer_type"],
    )
    status = row["reservation_status"]
    ended = _moment(date.fromisoformat(row["reservation_status_date"]), ENDED_AT)
    if status in REASONS:
        yield Cancellation(
            event_id=f"cancellation-{booking}",
            account_id=AccountId(booking),
            occurred_at=ended,
            sale_id=SaleId(booking),
            reason=REASONS[status],
            initiated_by="customer",
        )
    elif status == STAYED:
        yield _use(f"arrival-{booking}", booking, _moment(arrival, ARRIVED_AT))
        yield _use(f"departure-{booking}", booking, ended)
    else:
        raise UnusableBookings(f"reservation_status {status!r}: not one of the three known ones")


def event_lines(rows: Iterable[Row]) -> tuple[list[bytes], Counter[str], list[NegativePrice]]:
    """Return the events of all bookings in time order, their number by type, and what was left out.

    The same rows in any order give the same lines.
    """
    copies: Counter[tuple[str, ...]] = Counter()
    timed: list[tuple[datetime, str, bytes]] = []
    counts: Counter[str] = Counter()
    left_out: list[NegativePrice] = []
    encode = msgspec.json.Encoder().encode
    for row in rows:
        values = tuple(row.values())
        copy, copies[values] = copies[values], copies[values] + 1
        try:
            for event in events_of(row, copy):
                timed.append((event.occurred_at, content_id(event.event_id), encode(event)))
                counts[str(event.__struct_config__.tag)] += 1
        except NegativePrice as reason:
            left_out.append(reason)
    timed.sort()
    return [line for _, _, line in timed], counts, left_out


def read_rows(path: Path) -> Iterator[Row]:
    """Return the rows of the gzip CSV file at `path`.

    Raises
    ------
    OSError, EOFError
        If it cannot be read, or is not a whole gzip file.
    """
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _party(row: Row) -> tuple[str, ...]:
    """Return what is known of the guests when they book: the file has no id of a customer.

    Two parties alike are taken for one; that only matters for what one agent sells them on one day
    at one price, where it is hardly ever wrong. `country` and `deposit_type` tell of the outcome.
    """
    return (
        _arrival(row).isoformat(),
        row["stays_in_weekend_nights"],
        row["stays_in_week_nights"],
        row["adults"],
        row["children"],
        row["babies"],
        row["reserved_room_type"],
        row["meal"].strip(),
        row["customer_type"],
    )


def _arrival(row: Row) -> date:
    return date(
        int(row["arrival_date_year"]),
        MONTHS.index(row["arrival_date_month"]) + 1,
        int(row["arrival_date_day_of_month"]),
    )


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour)


def _use(event_id: str, booking: str, at: datetime) -> AccountActivity:
    return AccountActivity(
        event_id=event_id,
        account_id=AccountId(booking),
        occurred_at=at,
        kind="usage",
        initiated_by="customer",
    )


def main() -> None:
    """Write the events; what was read and left out goes to stderr."""
    parser = argparse.ArgumentParser(description="Turn the hotel booking file into events.")
    parser.add_argument("bookings", type=Path, metavar="CSV_GZ", help="hotel_bookings.csv.gz")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to")
    arguments = parser.parse_args()
    try:
        lines, counts, left_out = event_lines(read_rows(arguments.bookings))
    except KeyError as column:
        parser.exit(2, f"{arguments.bookings}: no column {column}: not the hotel booking file\n")
    except (UnusableBookings, OSError, EOFError) as error:
        parser.exit(2, f"{arguments.bookings}: {error}\n")
    arguments.out.mkdir(parents=True, exist_ok=True)
    path: Path = arguments.out / EVENTS_FILE
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in lines)
    told = ", ".join(f"{number:,} {kind}" for kind, number in counts.items())
    sys.stderr.write(f"{path}: {len(lines):,} events ({told})\n")
    for reason in left_out:
        sys.stderr.write(f"left out, for a sale has no negative amount: {reason}\n")


if __name__ == "__main__":
    main()
