"""What was told of the commission of a sale, beside what its events and the alerts say."""

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Final

from msgspec import structs
from rich.console import Console
from rich.table import Table

from detectors.basis.event_time import Seconds, day_name, moment
from detectors.commission.action import CommissionAction
from detectors.events.event import AccountEvent, AccountMerged, Cancellation, Sale
from detectors.settings import Settings
from detectors.sight.stretch import Blindness, Stretch
from streams.explain.accounts.sale_course import Arrived
from streams.explain.beside import agreement, one_or_both, table_of
from streams.explain.commissions.course import CANCELLED, CommissionCourse, Cover, spans
from streams.explain.words import described
from streams.printable import printable


class CommissionExplanation:
    """What was told of the commission of a sale, recomputed.

    Parameters
    ----------
    settings
        All settings, those it was told with.
    revisions
        What was told, oldest first; at least one.
    arrived
        The events of the account, in the order in which they came.
    watermark
        The time (seconds) up to which everything has come.
    covers
        The revisions of alerts about agents, in the order of their times.
    unseen
        When something could not be seen, of all accounts.
    """

    def __init__(
        self,
        settings: Settings,
        revisions: Sequence[CommissionAction],
        arrived: Sequence[Arrived],
        watermark: Seconds,
        covers: Sequence[Cover],
        unseen: Sequence[Stretch] = (),
    ) -> None:
        latest = revisions[-1]
        self._revisions: Final = revisions
        self._sale_id: Final = latest.sale_id
        self._arrived: Final = arrived
        self._covers: Final = covers
        self._settings: Final = settings
        self._watermark: Final = watermark
        sale = (settings, latest.account_id, latest.sale_id, arrived, watermark, covers)
        self._course: Final = CommissionCourse(*sale)
        self._unseen: Final = self._touching(unseen)
        self._in_sight: Final = (
            CommissionCourse(*sale, Blindness(tuple(unseen))) if self._unseen else self._course
        )

    def agrees(self) -> bool:
        """Return whether events and alerts give the same revisions, in every field.

        Where cancellations could not be seen, it is a matter of all accounts when that became
        known: all that was told must follow with that knowledge or without it, and the last
        revision with it.
        """
        said = list(self._revisions)
        if not self._unseen:
            return said == self._course.revisions
        found = self._in_sight.revisions
        either = {*map(_told, found), *map(_told, self._course.revisions)}
        return bool(found) and _told(said[-1]) == _told(found[-1]) and {*map(_told, said)} <= either

    def print(self, console: Console) -> None:
        """Show the sale and its events, the alerts about its seller, and each revision."""
        latest = self._revisions[-1]
        console.print(
            f"Sale {printable(latest.sale_id)} at {latest.sold_at.isoformat()}; the window of its "
            f"commission, {latest.window}, ends at {latest.window_ends_at.isoformat()}. What is "
            "decided at the end of a day is told a day later."
        )
        console.print(self._event_table())
        console.print(self._alerts())
        for stretch in self._unseen:
            console.print(
                f"But {printable(stretch.words)}: nobody can tell whether the product was kept."
            )
        console.print(self._revision_table())

    def _touching(self, unseen: Sequence[Stretch]) -> list[Stretch]:
        """Return when cancellations could not be seen of the window of some record of the sale."""
        blindness, found = Blindness(tuple(unseen)), set[Stretch]()
        for one in self._course.made:
            end = Seconds(one.sale.at + self._course.length)
            since = Seconds(one.sale.at - self._settings.time.forgiven)
            found.update(blindness.touching(CANCELLED, since, end, one.sale.site))
        return sorted(found)

    def _event_table(self) -> Table:
        """Return the events that have a say, each once, in the order of their times."""
        once = {one.event.event_id: one for one in reversed(self._arrived) if self._has_a_say(one)}
        table = table_of(
            "Events of the sale; a cancellation counts within the window",
            ("time", "event", "what", "by", "commission", "place"),
        )
        for one in sorted(once.values(), key=_time_and_id):
            what, by = described(one.event)
            table.add_row(
                one.event.occurred_at.isoformat(),
                printable(one.event.event_id),
                what,
                by,
                _number(one.event),
                f"{printable(one.origin.path)}:{one.origin.line}",
            )
        return table

    def _has_a_say(self, one: Arrived) -> bool:
        event = one.event
        if isinstance(event, Sale | Cancellation):
            return event.sale_id == self._sale_id
        return isinstance(event, AccountMerged)

    def _alerts(self) -> Table | str:
        """Return when critical alerts about the sellers were open."""
        sellers = {one.sale.agent_id for one in self._course.made}
        own = [(one, end) for one, end in spans(self._covers) if one.agent_id in sellers]
        if not own:
            return "No critical alert about who sold it was ever open."
        table = table_of(
            "Critical alerts about who sold it: they hold sales from a day on",
            ("alert", "seller", "holds sales from", "critical from", "until"),
        )
        for one, ended_at in own:
            table.add_row(
                one.alert_id,
                printable(one.agent_id),
                day_name(one.since),
                moment(one.updated_at).isoformat(),
                "it is open" if ended_at is None else moment(ended_at).isoformat(),
            )
        return table

    def _revision_table(self) -> Table:
        table = table_of(
            "Told, and recomputed beside it",
            ("rev.", "decided at", "action", "seller", "why", "agree"),
        )
        for said, found in zip_longest(self._revisions, self._in_sight.revisions):
            both = [one for one in (said, found) if one is not None]
            table.add_row(
                one_or_both(str(one.revision) for one in both),
                one_or_both(one.decided_at.isoformat() for one in both),
                one_or_both(_action(one) for one in both),
                one_or_both(printable(one.agent_id or "nobody") for one in both),
                one_or_both(printable(one.reason) for one in both),
                agreement(said, found),
            )
        return table


def _action(one: CommissionAction) -> str:
    return one.action if one.alert_id is None else f"{one.action} by {one.alert_id}"


def _number(event: AccountEvent) -> str:
    """Return the commission that a sale names, as it is read."""
    return (
        f"{event.commission:g}" if isinstance(event, Sale) and event.commission is not None else ""
    )


def _time_and_id(placed: Arrived) -> tuple[datetime, str]:
    return placed.event.occurred_at, placed.event.event_id


def _told(one: CommissionAction) -> CommissionAction:
    """Return what it says whenever that became known."""
    return structs.replace(one, revision=0, decided_at=one.sold_at)
