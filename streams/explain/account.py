"""What the events say about an account that an alert is about."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from detectors.alerts.alert import Alert
from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.decoding import EventDecoder
from detectors.events.event import AccountActivity, AnyEvent, Cancellation, Sale
from detectors.settings import Settings
from streams.files.events import Block, Origin
from streams.printable import printable


class PlacedEvent(NamedTuple):
    """An event and where it stands."""

    event: AnyEvent
    origin: Origin


def account_events(
    settings: Settings,
    until: datetime | None,
    blocks: Iterator[Block],
    account_id: str,
    refused: Collection[Origin],
) -> list[PlacedEvent]:
    """Give the events of an account without repeats, by time; those at `refused` places never."""
    decode = EventDecoder(settings.limits).decode
    found: dict[str, PlacedEvent] = {}
    for block in blocks:
        for index, line in enumerate(block.lines):
            try:
                event = decode(line)
            except InvalidEvent:
                continue
            if event.account_id != account_id or (until is not None and event.occurred_at > until):
                continue
            origin = block.origin(index)
            if origin not in refused:
                found.setdefault(event.event_id, PlacedEvent(event, origin))
    return sorted(found.values(), key=_time_and_id)


def _time_and_id(placed: PlacedEvent) -> tuple[datetime, str]:
    return (placed.event.occurred_at, placed.event.event_id)


class AccountExplanation:
    """An alert about an unused account, and the events that support or contradict it.

    Parameters
    ----------
    alert
        The latest revision.
    events
        Of the account, by time.
    """

    def __init__(self, alert: Alert, events: list[PlacedEvent]) -> None:
        self._alert: Final = alert
        sale_event = alert.event_ids[0]
        self._sale: Final = next(
            (
                placed.event
                for placed in events
                if isinstance(placed.event, Sale) and placed.event.event_id == sale_event
            ),
            None,
        )
        self._events: Final = events
        self._window: Final = timedelta(seconds=seconds_of(alert.evidence.window))

    def agrees(self) -> bool:
        """Tell whether the alert is open just when no event shows that the customer knew of it."""
        if self._sale is None:
            return False
        return bool(self._contradictions(self._sale)) != (self._alert.status == "open")

    def print(self, console: Console) -> None:
        """Show the sale, its window and the events in it."""
        sale = self._sale
        if sale is None:
            console.print(f"The sale {printable(self._alert.event_ids[0])} is not in these files.")
            return
        console.print(
            f"Sale {printable(sale.sale_id)} at {sale.occurred_at.isoformat()}; its window of "
            f"{self._alert.evidence.window} ends at {self._end(sale).isoformat()}."
        )
        contradictions = self._contradictions(sale)
        table = Table(title="Events of the account in the window", title_justify="left")
        for column in ("time", "event", "what", "by", "place"):
            table.add_column(column, overflow="fold")
        for placed in self._events:
            if sale.occurred_at <= placed.event.occurred_at <= self._end(sale):
                what, by = _described(placed.event)
                table.add_row(
                    placed.event.occurred_at.isoformat(),
                    printable(placed.event.event_id),
                    what,
                    by,
                    f"{printable(placed.origin.path)}:{placed.origin.line}",
                )
        console.print(table)
        if not contradictions:
            console.print("No activity initiated by the customer is among them.")
        for why in contradictions:
            console.print(f"{why}.")

    def _end(self, sale: Sale) -> datetime:
        return sale.occurred_at + self._window

    def _contradictions(self, sale: Sale) -> list[str]:
        """Say what shows that the customer knew of the account, or that the sale was another."""
        found = []
        for event, _ in self._events:
            event_id, at = printable(event.event_id), event.occurred_at
            match event:
                case AccountActivity(initiated_by="customer") if (
                    sale.occurred_at <= at <= self._end(sale)
                ):
                    found.append(f"Event {event_id} is activity initiated by the customer")
                case Cancellation(sale_id=sale.sale_id, initiated_by="customer") if (
                    sale.occurred_at - self._window <= at <= self._end(sale)
                ):
                    found.append(f"Event {event_id}: the customer cancelled the sale")
                case Sale(sale_id=sale.sale_id) if (at, event.event_id) < (
                    sale.occurred_at,
                    sale.event_id,
                ):
                    found.append(f"Event {event_id} is an earlier record of the same sale")
        return found


def _described(event: AnyEvent) -> tuple[str, str]:
    match event:
        case Sale():
            return "sale", f"agent {printable(event.agent_id)}" if event.agent_id else "no agent"
        case Cancellation():
            return f"cancellation ({event.reason})", event.initiated_by
        case AccountActivity():
            return event.kind, event.initiated_by
