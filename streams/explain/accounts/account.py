"""An alert about an account beside what its events say, whichever pattern raised it."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import zip_longest
from typing import Final

from rich.console import Console
from rich.table import Table

from detectors.alerts.alert import Alert
from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds, moment, seconds_at
from detectors.basis.identifiers import AccountId
from detectors.decoding import EventDecoder
from detectors.events.event import (
    AccountActivity,
    AccountEvent,
    AccountMerged,
    AgentMerged,
    AnyEvent,
    Cancellation,
    OfAgent,
    Sale,
)
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.acts import act_of
from detectors.facts.claims import fields_of
from detectors.facts.from_events import why_no_use
from detectors.facts.other_sites import other_sites
from detectors.facts.questions import CANCELLATIONS, USES, acts_asked
from detectors.ledger.clock import EventClock
from detectors.ledger.merging.refused import RefusedRecords
from detectors.patterns import SalePattern
from detectors.settings import Settings
from detectors.sight.resting import of_account
from detectors.sight.stretch import Blindness, Stretch
from streams.explain.accounts.account_course import AccountCourse
from streams.explain.accounts.sale_course import Arrived
from streams.explain.beside import agreement, one_or_both, table_of
from streams.explain.words import described
from streams.files.events import Block, Origin
from streams.printable import printable

SHOWN_EVENTS: Final = 40


_SOURCE: Final = "events"


def account_events(
    settings: Settings,
    until: datetime | None,
    blocks: Iterator[Block],
    account_id: AccountId,
    refused: Collection[Origin],
) -> list[Arrived]:
    """Return the events of an account in the order in which they came.

    Of those at `refused` places, and of records that are no event, what they still tell. All other
    events only move the watermark.
    """
    decode = EventDecoder(settings.limits, identities=settings.identities).decode
    told_by = RefusedRecords(settings.patterns.kinds_of_use(), settings.identities).told
    clock = EventClock(settings.time, (_SOURCE,))
    found: list[Arrived] = []
    for block in blocks:
        for index, line in enumerate(block.lines):
            event: AnyEvent | None = None
            with suppress(InvalidEvent):
                event = decode(line)
                if until is not None and event.occurred_at > until:
                    continue
            is_refused = event is None or (bool(refused) and block.origin(index) in refused)
            told = told_by(line, None, clock.reached(_SOURCE)) if is_refused else event
            if told is None or isinstance(told, AgentMerged | OfAgent):
                pass  # it is about no account
            elif told.account_id == account_id:
                arrived = Arrived(told, block.origin(index), clock.watermark(), block.as_arrived)
                found.append(arrived)
            if event is not None and not is_refused:
                clock.observe(_SOURCE, seconds_at(event.occurred_at), event.account_id)
    return found


class AccountExplanation:
    """An alert about an account, recomputed from the events by the pattern that raised it.

    Parameters
    ----------
    settings
        All settings, those the alert was made with.
    revisions
        Of the alert, oldest first; at least one.
    arrived
        The events of the account, in the order in which they came.
    watermark
        The time (seconds) up to which everything has come.
    unseen
        When something could not be seen, of all accounts.
    """

    def __init__(
        self,
        settings: Settings,
        revisions: Sequence[Alert],
        arrived: Sequence[Arrived],
        watermark: Seconds,
        unseen: Sequence[Stretch] = (),
    ) -> None:
        latest = revisions[-1]
        self._revisions: Final = revisions
        self._arrived: Final = arrived
        self._kinds_of_use: Final = settings.patterns.kinds_of_use()
        self._pattern: Final = _pattern(settings, latest.pattern)
        self._time: Final = settings.time
        self._course: Final = AccountCourse(
            settings, self._pattern, AccountId(latest.subject.id), arrived, watermark
        )
        self._followed: Final = self._course.followed(latest.alert_id)
        self._recomputed: Final = [
            alert for alert in self._course.revisions if alert.alert_id == latest.alert_id
        ]

        self._unseen: Final = self._touching(unseen)

    def agrees(self) -> bool:
        """Return whether the events give the same revisions, in every field.

        Where something could not be seen, which and when is a matter of all accounts: what was told
        must be of the same sale and events, and must not stand in the end.
        """
        revisions = list(self._revisions)
        if not self._unseen:
            return revisions == self._recomputed
        is_open = revisions[-1].status == "open"
        return not is_open and {*map(_told, revisions)} <= {*map(_told, self._recomputed)}

    def _touching(self, unseen: Sequence[Stretch]) -> list[Stretch]:
        """Return when something could not be seen on which the alert rests."""
        if self._followed is None:
            return []
        sale = self._followed.sale
        since = Seconds(sale.at - self._time.forgiven)
        until = Seconds(sale.at + seconds_of(self._pattern.window))
        kinds, blindness = of_account(self._pattern), Blindness(tuple(unseen))
        earliest = until - self._course.remembered_for
        others = other_sites(self._course.account, sale, until, earliest)
        return blindness.touching(kinds, since, until, *blindness.sites_of(sale.site, others))

    def print(self, console: Console) -> None:
        """Show the sale, the events that were read, what follows from them, and each revision."""
        followed = self._followed
        if followed is None:
            console.print("No sale in these files is the one that the alert is about.")
            return
        sale = followed.sale
        end = sale.at + seconds_of(self._pattern.window)
        since = Seconds(sale.at - self._time.forgiven)
        console.print(
            f"Sale {printable(sale.sale_id)} at {moment(sale.at).isoformat()}; its window of "
            f"{self._pattern.window} ends at {moment(end).isoformat()}. A use is one from "
            f"{moment(since).isoformat()} on: clocks may differ by time.clock_tolerance = "
            f"{self._time.tolerance}."
        )
        console.print(self._event_table(sale, since, end))
        other = followed.replaced_by
        if other is not None:
            what = "a greater version" if other.version > sale.version else "an earlier record"
            console.print(
                f"Event {printable(other.event_id)} is {what} of the same sale and holds in its "
                "place."
            )
        if sale.contested:
            console.print(_contested(sale))
        if sale.corrected:
            fields = ", ".join(fields_of(sale.corrected))
            console.print(f"Versions of this sale differ, and the greatest holds: {fields}.")
        if self._course.merged(sale) and followed.verdict is not Verdict.BAD:
            console.print("The account became part of another one: nothing is told of this sale.")
        elif not sale.is_undecided:
            sales = self._course.sales_of(sale, self._course.account)
            console.print(printable(self._pattern.why(sales)))
        for stretch in self._unseen:
            console.print(f"But {printable(stretch.words)}: so nothing is told of this sale.")
        console.print(self._revision_table())

    def _event_table(self, sale: SaleRecord, since: Seconds, end: Seconds) -> Table:
        """Return the events from one window before the sale on: it may have been dated wrongly."""
        begin = 2.0 * sale.at - end
        without_repeats = {placed.event: placed for placed in reversed(self._arrived)}
        shown = [
            placed
            for placed in sorted(without_repeats.values(), key=_time_and_id)
            if begin <= seconds_at(placed.event.occurred_at) <= end
        ]
        title = "Events of the account, from one window before the sale to the end of its window"
        table = table_of(title, ("time", "event", "what", "by", "read", "place"))
        for placed in shown[:SHOWN_EVENTS]:
            what, by = described(placed.event)
            table.add_row(
                placed.event.occurred_at.isoformat(),
                printable(placed.event.event_id),
                what,
                by,
                self._read(placed.event, sale, since, end),
                f"{printable(placed.origin.path)}:{placed.origin.line}",
            )
        if len(shown) > SHOWN_EVENTS:
            table.add_row(f"{len(shown) - SHOWN_EVENTS:,} more")
        return table

    def _read(self, event: AccountEvent, sale: SaleRecord, since: Seconds, end: Seconds) -> str:
        """Return whether an event has a say in what the pattern finds, or why it has none."""
        if isinstance(event, AccountMerged):
            return "yes" if self._course.merged(sale) else "no"
        if not isinstance(event, AccountActivity):
            return "yes" if _names(self._pattern, event, sale) else ""
        at = seconds_at(event.occurred_at)
        if at >= since and act_of(event, at, acts_asked(self._pattern.questions)) is not None:
            return "yes"
        doubted = self._course.sales_of(sale, self._course.account).doubted[0]
        if USES not in self._pattern.questions or at < doubted:
            return ""
        why = why_no_use(event, self._kinds_of_use, self._course.account.sellers(sale, end))
        if at < since:
            return why if why.startswith("no") else "perhaps: it is dated before the sale"
        return why if at >= sale.at or why.startswith("no") else f"{why}, as after the sale"

    def _revision_table(self) -> Table:
        table = table_of(
            "Reported, and recomputed beside it", ("rev.", "known at", "status", "events", "agree")
        )
        for said, found in zip_longest(self._revisions, self._recomputed):
            both = [alert for alert in (said, found) if alert is not None]
            table.add_row(
                one_or_both(str(alert.revision) for alert in both),
                one_or_both(alert.updated_at.isoformat() for alert in both),
                one_or_both(alert.status for alert in both),
                one_or_both(printable(", ".join(alert.event_ids)) for alert in both),
                agreement(said, found),
            )
        return table


def _contested(sale: SaleRecord) -> str:
    """Return in what other claims contradict a sale, and what follows from that."""
    holds = (
        "The files do not tell which came first, so the sale counts for nobody."
        if sale.is_undecided
        else "This one came first, and holds."
    )
    fields = ", ".join(fields_of(sale.contested))
    return f"Another claim of this sale says otherwise: {fields}. {holds}"


def _told(alert: Alert) -> tuple[object, ...]:
    """Return what an alert says whatever could be seen."""
    return (alert.alert_id, alert.agent_id, alert.opened_at, alert.event_ids, alert.config_hash)


def _pattern(settings: Settings, name: str) -> SalePattern:
    return next(pattern for pattern in settings.patterns.on_sales() if pattern.name == name)


def _names(pattern: SalePattern, event: Cancellation | Sale | OfAgent, sale: SaleRecord) -> bool:
    """Return whether an event may have a say in what the pattern finds about a sale."""
    if isinstance(event, OfAgent):  # of its agent
        return False
    if isinstance(event, Cancellation) and CANCELLATIONS not in pattern.questions:
        return False
    return event.sale_id == sale.sale_id


def _time_and_id(placed: Arrived) -> tuple[datetime, str]:
    return (placed.event.occurred_at, placed.event.event_id)
