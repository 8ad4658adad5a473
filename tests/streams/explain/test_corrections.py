"""What late events changed of what was judged, as `explain` sees it."""

from collections.abc import Sequence
from functools import partial

import msgspec

from detectors.alerts.alert import Subject
from detectors.basis.event_time import Day
from detectors.basis.identifiers import PatternName, SaleId
from detectors.events.event import AnyEvent
from streams.explain.alert import JudgementsOf, corrections_among
from streams.explain.course import Corrected
from streams.files.detection import Detection
from streams.files.events import Block, Origin
from tests.detectors.worlds import END, SETTINGS, START, activity, at, cancellation, sale

QUICK = PatternName("quick_cancellation")
DAY = int(START.timestamp() // 86_400)
MOVED_ON: list[AnyEvent] = [
    activity(hours, account) for hours in (60, 100) for account in ("x", "y")
]


def corrected(
    events: Sequence[AnyEvent], pattern: PatternName = QUICK, agent: str = "anna"
) -> list[Corrected]:
    judgements = JudgementsOf(Subject("agent", agent), pattern)
    until = at((END - START.timestamp()) / 3_600)
    detection = Detection(SETTINGS, until, lambda _: None, judgements)
    lines = [msgspec.json.encode(event) for event in events]
    blocks = [Block([line], partial(Origin, "events.jsonl")) for line in lines]
    for _ in detection.alerts(iter(blocks)):
        pass
    return list(corrections_among(judgements))


def test_a_late_cancellation_corrects_what_was_judged() -> None:
    events: list[AnyEvent] = [sale(0), *MOVED_ON, cancellation(40)]
    known_on = DAY + 4  # 100 hours but for the lateness
    assert corrected(events) == [Corrected(Day(known_on), Day(DAY + 2), SaleId("s"), bad=True)]


def test_a_sale_that_the_late_event_excludes_is_taken_back() -> None:
    events: list[AnyEvent] = [sale(0), *MOVED_ON, cancellation(40, reason="service_fault")]
    assert [change.bad for change in corrected(events)] == [None]


def test_one_of_identical_sales_is_corrected_and_its_echoes_are_not() -> None:
    alike: list[AnyEvent] = [sale(0, "a", customer="c"), sale(1, "b", customer="c")]
    alike += MOVED_ON
    assert len(corrected([*alike, cancellation(40, "a")])) == 1
    assert corrected([*alike, cancellation(40, "b")]) == []


def test_of_many_cancelled_on_one_day_only_those_that_were_judged_are_corrected() -> None:
    accounts = "abcdefg"
    events: list[AnyEvent] = [sale(hours, account) for hours, account in enumerate(accounts)]
    events += [cancellation(40, account) for account in accounts]
    events += MOVED_ON

    def is_corrected(account: str) -> bool:
        late = sale(39, account, "new", replaces="s")
        return bool(corrected([*events, late]))

    assert "".join(filter(is_corrected, accounts)) == "abcde"


def test_a_late_sale_on_another_account_corrects_what_its_payer_tells() -> None:
    first, other = sale(30, "d"), sale(66, "b", "other")
    assert (first.payer_hash, first.address_hash) != (None, other.address_hash)
    assert first.payer_hash == other.payer_hash
    events: list[AnyEvent] = [first, activity(130, "x"), activity(130, "y"), other]
    shared = PatternName("shared_payer")
    found = corrected(events, shared)
    assert found == [Corrected(Day(DAY + 5), Day(DAY + 4), SaleId("s"), bad=True)]
    assert corrected(events[:-1], shared) == []


def test_others_and_derived_patterns_are_not_corrected() -> None:
    events: list[AnyEvent] = [sale(0), *MOVED_ON, cancellation(40)]
    assert corrected(events, agent="boris") == []
    assert corrected(events, pattern=PatternName("burst")) == []
    assert corrected(events[:-1]) == []
