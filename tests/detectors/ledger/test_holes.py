"""Alerts about accounts name the holes between their sale and what became known of it."""

from typing import Final

import msgspec
import pytest
from msgspec import UNSET

from detectors.alerts.data_quality import with_holes
from detectors.basis.event_time import Seconds, seconds_at
from detectors.basis.identifiers import PatternName
from detectors.messages.holes import Hole
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.worlds import HOUR, WINDOWS, at, sale

SOLD: Final = 30
ENDED: Final = SOLD + WINDOWS[PatternName("unused_account")] / HOUR


def lacks(
    since: float | None,
    until: float | None,
    unknown_until: float | None = None,
    forgiven: float = 0.0,
) -> object:
    """Return what the alert about one sale lacks, if a hole lies there (all in hours)."""
    [alert] = LedgerRun([sale(SOLD)]).alerts
    assert (alert.pattern, alert.updated_at) == ("unused_account", at(ENDED))
    hole = Hole("account-activity", 1, 5, 5, moment(since), moment(until))
    if unknown_until is not None:
        hole = Hole("account-activity", 1, 5, 5, hole.since, hole.until, time(unknown_until))
    return with_holes(alert, [hole], forgiven * HOUR).data_quality


def time(hours: float) -> Seconds:
    return seconds_at(at(hours))


def moment(hours: float | None) -> Seconds | None:
    return None if hours is None else time(hours)


def sentence(since: str, until: float) -> tuple[str]:
    return (
        (
            f"account-activity partition 1 lacks 1 record (offset 5) of {since} to "
            f"{at(until):%Y-%m-%dT%H:%M:%SZ}: deleted before they were read"
        ),
    )


@pytest.mark.parametrize(
    ("since", "until"), [(0, SOLD), (ENDED, ENDED + 1), (ENDED, None), (None, SOLD)]
)
def test_a_hole_before_or_after_is_not_named(since: float | None, until: float | None) -> None:
    assert lacks(since, until) is UNSET


def test_a_hole_between_is_named() -> None:
    assert lacks(SOLD + 1, SOLD + 2) == sentence("2025-03-02T07:00:00Z", SOLD + 2)
    assert lacks(None, SOLD + 1) == sentence("the beginning", SOLD + 1)


def test_a_use_dated_before_the_sale_may_be_lost_too() -> None:
    assert lacks(0, SOLD - 1, forgiven=2) == sentence("2025-03-01T00:00:00Z", SOLD - 1)
    assert lacks(0, SOLD - 2, forgiven=2) is UNSET


def test_an_alert_without_holes_is_as_it_was() -> None:
    [alert] = LedgerRun([sale(SOLD)]).alerts
    assert with_holes(alert, [], HOUR) is alert
    assert b"data_quality" not in msgspec.json.encode(alert)


def test_what_lies_after_the_alert_does_not_matter() -> None:
    expected = sentence("2025-03-02T07:00:00Z", ENDED)
    assert lacks(SOLD + 1, None) == lacks(SOLD + 1, ENDED + 99) == expected


def test_what_was_due_before_the_ledger_came_to_the_hole_does_not_name_it() -> None:
    assert lacks(SOLD, None, ENDED) is UNSET
    assert lacks(SOLD, None, ENDED - 1) is not UNSET
