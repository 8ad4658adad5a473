"""Nothing is released for want of what could not be read: misplaced records, and deleted ones."""

from typing import Final

import pytest
from msgspec import structs

from detectors.agents.commissions import Commissions
from detectors.basis.event_time import BEGINNING, Day, Seconds, day_of, seconds_at
from detectors.commission_settings import CommissionSettings
from detectors.events.event import AnyEvent
from detectors.facts.account import Verdict
from detectors.ledger.stage import Ledger
from detectors.messages.commissions import CommissionFact
from detectors.messages.holes import Hole
from detectors.messages.outcomes import DayReport, OutcomeBundle
from detectors.patterns import Patterns
from detectors.patterns.commission import CommissionDue
from detectors.settings import Settings
from detectors.sight.stretch import EVERYTHING_SEEN
from tests.detectors.ledger.told import Told
from tests.detectors.worlds import SETTINGS, at, cancellation, sale

PAYING: Final = structs.replace(
    SETTINGS, patterns=Patterns(), commission=CommissionSettings(window="5d")
)
LOG: Final[list[AnyEvent]] = [
    sale(12),
    sale(13, account="b", sale_id="t"),
    cancellation(20, "b", "t"),
]
BEFORE, WITHIN, AFTER = 2, 60, 12 + 24 * 5 + 30


def due(hours: int, *, in_blocks: bool) -> dict[str, Verdict]:
    """Return what becomes of sales if a source is not believed for an hour, from then on."""
    ledger = Ledger(PAYING)
    for at_hours, trusted in ((hours, False), (hours + 1, True)):
        ledger.distrust.turn("cancellations", seconds_at(at(at_hours)), trusted=trusted)
    told = Told(ledger).in_blocks(LOG, [3]) if in_blocks else Told(ledger).one_by_one(LOG)
    return {one.sale_id: one.verdict for one in told.commissions if one.phase == "due"}


def misplaced_law() -> None:
    for in_blocks in (True, False):
        assert due(BEFORE, in_blocks=in_blocks)["s"] is Verdict.GOOD
        assert due(WITHIN, in_blocks=in_blocks)["s"] is Verdict.EXCLUDED
        assert due(AFTER, in_blocks=in_blocks)["s"] is Verdict.GOOD
        # What was seen counts, whatever else was not.
        assert due(WITHIN, in_blocks=in_blocks)["t"] is Verdict.BAD


def test_nothing_is_released_while_records_are_in_the_wrong_place() -> None:
    misplaced_law()


def test_that_law_catches_whoever_takes_it_for_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CommissionDue, "good_by_absence", False)
    with pytest.raises(AssertionError):
        misplaced_law()


def decided(commissions: type[Commissions], *holes: Hole) -> list[str]:
    """Return what is told of a sale whose ledger had to go on without some records."""
    told = Told(Ledger(PAYING)).one_by_one([sale(12)]).commissions
    own = commissions(structs.replace(Settings(), commission=PAYING.commission))
    end = seconds_at(at(AFTER))
    own.receive(OutcomeBundle(0, end, commissions=told, holes=holes), BEGINNING, None)
    last = day_of(end)
    for day in range(day_of(seconds_at(at(0))), last + 2):
        own.report(DayReport(0, Day(day), {}), EVERYTHING_SEEN)
        own.judged(Day(day), [], [])
    return [one.action for one in own.drain()]


def hole(since: float, until: float, known: float) -> Hole:
    times = [Seconds(seconds_at(at(hours))) for hours in (since, until, known)]
    return Hole("cancellations", 0, 5, 5, *times)


class SeesThroughHoles(Commissions):
    """Takes what was deleted for what never was."""

    def _with(self, holes: object, fact: CommissionFact) -> CommissionFact:
        del holes
        return fact


def holes_law(commissions: type[Commissions]) -> None:
    assert decided(commissions) == ["release"]
    assert decided(commissions, hole(WITHIN, WITHIN + 1, WITHIN)) == ["none"]
    assert decided(commissions, hole(BEFORE, BEFORE + 1, BEFORE)) == ["release"]
    # The ledger came to it when that had been told: so it is told on every replay.
    assert decided(commissions, hole(WITHIN, WITHIN + 1, AFTER)) == ["release"]


def test_nothing_is_released_that_rests_on_a_hole() -> None:
    holes_law(Commissions)


def test_that_law_catches_whoever_sees_through_holes() -> None:
    with pytest.raises(AssertionError):
        holes_law(SeesThroughHoles)
