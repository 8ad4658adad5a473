"""Compares cases, and what people were told, with what they must be."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from detectors.alerts.alert import Alert
from detectors.cases.book import CaseBook
from detectors.cases.case import Case
from detectors.events.decision import Decision
from streams.wire.case_record import case_record
from tests.alertmanager import Told
from tests.chaos.broker_io import Stored
from tests.chaos.verdict import sets
from tests.integration.busy_month import settings

FIRING: Final = "firing"
QUIET: Final = ("acknowledged", "snoozed")


def expected_cases(revisions: Iterable[bytes], decisions: Iterable[Stored]) -> dict[bytes, bytes]:
    """Return the cases by key, as `aboveboard detect --cases` folds these alerts and decisions."""
    book = CaseBook(settings().cases)
    for value in revisions:
        book.add_alert(msgspec.json.decode(value, type=Alert))
    for record in decisions:
        decision: Decision = msgspec.json.decode(record.value or b"", type=Decision)
        book.add_decision(decision)
    records = (case_record(case) for case in book.cases())
    return {record.key: record.value for record in records}


def case_differences(
    expected: Mapping[bytes, bytes],
    decided: AbstractSet[bytes],
    decisions: Iterable[Stored],
    current: Iterable[Stored],
) -> Iterator[str]:
    """Yield in what the newest states of all cases are not those expected.

    `decided` is what people sent: doubt the harness first.
    """
    yield from sets("decisions", decided, {record.value for record in decisions})
    told = {record.key: record.value for record in current}
    yield from sets("latest states of cases", set(expected.items()), set(told.items()))


class Due(NamedTuple):
    """The alerts that are open and that nobody has closed; ``quiet``: those set aside for now."""

    open: AbstractSet[str]
    quiet: AbstractSet[str] = frozenset()

    @property
    def aloud(self) -> AbstractSet[str]:
        """Those of which people must hear."""
        return self.open - self.quiet


class Standing(NamedTuple):
    """The alerts that Alertmanager takes for firing in the end, and those that it silences."""

    firing: AbstractSet[str]
    silenced: AbstractSet[str] = frozenset()


def to_be_told(revisions: Iterable[bytes], cases: Mapping[bytes, bytes], now: datetime) -> Due:
    """Return what is to be told of these alerts and cases, and what is to be silent `now`."""
    newest: dict[str, Alert] = {}
    for value in revisions:
        alert = msgspec.json.decode(value, type=Alert)
        known = newest.get(alert.alert_id)
        if known is None or known.revision < alert.revision:
            newest[alert.alert_id] = alert
    folded = [msgspec.json.decode(value, type=Case) for value in cases.values()]
    closed = {one.alert_id for case in folded if case.state == "closed" for one in case.alerts}
    quiet = {
        one.alert_id
        for case in folded
        if case.state in QUIET and case.until is not None and case.until > now
        for one in case.alerts
    }
    due = {one.alert_id for one in newest.values() if one.status == "open"} - closed
    return Due(due, due & quiet)


def telling_differences(
    due: Due, heard: Sequence[Told], standing: Standing, failed: int = 0
) -> Iterator[str]:
    """Yield in what people were told otherwise than they must be.

    Parameters
    ----------
    due
        The alerts that are to be told in the end, and those that are to be silent.
    heard
        What the webhook heard, in order.
    standing
        What Alertmanager says of its alerts in the end.
    failed
        How many times Alertmanager gave up to tell the webhook, which may have heard it: of what it
        never told, as it sees it, it does not tell the end.
    """
    begun = {one.alert_id for one in heard if one.status == FIRING}
    last = {(one.alert_id, one.severity): place for place, one in enumerate(heard)}
    still = {one for (one, _), place in last.items() if heard[place].status == FIRING}
    unfinished = {
        key[0]
        for key, place in last.items()
        if heard[place].status == FIRING and not _hid(key, last)
    }
    aloud, over = due.aloud, begun - due.open
    yield from sets("open alerts that were told", aloud, aloud & begun)
    # One that is silent may have ended, which was told, and have begun again, which was not.
    yield from sets("open alerts that people take for open", aloud & begun, aloud & still)
    if len(unfinished & over) > failed:
        yield from sets("ends that were told", over, over - unfinished)
    yield from sets("alerts firing in the end", due.open, standing.firing)
    yield from sets("alerts silenced in the end", due.quiet, standing.silenced)


def _hid(key: tuple[str, str], last: Mapping[tuple[str, str], int]) -> bool:
    """Return whether critical was told last: Alertmanager may let it hide the end of a warning."""
    alert_id, severity = key
    return severity == "warning" and last.get((alert_id, "critical"), -1) > last[key]
