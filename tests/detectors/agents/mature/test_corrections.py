"""An alert is withdrawn just if, by what is known now, it would never have been told."""

from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.alerting.doubt import NO_DOUBT, Doubt, TakenBack
from detectors.agents.alerting.lifecycle import OpenAlert
from detectors.agents.mature.corrections import Corrections
from detectors.evidence.prior import Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable
from tests.detectors.agents.alerting.histories import RARE, SD, THRESHOLD
from tests.detectors.agents.mature.corrected_lives import (
    Change,
    Life,
    NeverTakesBack,
    Told,
    lived,
    lives,
)
from tests.detectors.refutation import refuted

Kind = type[Corrections]


def levels_known_on(life: Life, day: int, lowered: list[tuple[int, float]]) -> list[float]:
    """Return the largest evidence of every day until `day`, by what is known at its end."""
    table = EvidenceTable(Prior(SD))
    table.add()
    changes = {(c.judged_on, c.number): c.bad for c in life.changes if c.known_on <= day}
    found = []
    for number, today in enumerate(life.days[: day + 1]):
        counted = [
            (probability, now)
            for place, (probability, bad) in enumerate(today)
            if (now := changes.get((number, place), bad)) is not None
        ]
        standing = float(table.evidence()[0])
        levels = table.observe(
            np.zeros(len(counted), np.int64),
            np.full(len(counted), number, np.int64),
            np.array([probability for probability, _ in counted], np.float64),
            np.array([bad for _, bad in counted], np.bool_),
        )
        found.append(max([*levels.tolist()] or [standing]))
        for then, evidence in lowered:
            if then == number:
                table.lower(0, evidence)
    return found


def law(kind: Kind, life: Life) -> None:
    told: list[Told] = lived(life, kind)
    opened: int | None = None
    lowered: list[tuple[int, float]] = []
    for day, end in enumerate(told):
        levels = levels_known_on(life, day, lowered)
        assert end.evidence == pytest.approx(levels[day], rel=1e-9)
        opened = day if end.opened else opened
        if opened is None:
            continue
        stands = any(level >= THRESHOLD for level in levels[opened:])
        assert (end.withdrawal == "corrected") == (not stands)
        if end.ending or end.withdrawal:
            opened = None
        if end.ending == "silent":
            lowered.append((day, 0.25 * THRESHOLD))


@given(lives())
def test_an_alert_is_withdrawn_just_if_it_would_never_have_been_told(life: Life) -> None:
    law(Corrections, life)


class Listens(Corrections):
    heard: ClassVar[list[Doubt]] = []

    def doubt(self, row: int, alert: OpenAlert) -> Doubt:
        found = super().doubt(row, alert)
        if found is not NO_DOUBT:
            self.heard.append(found)
        return found


def heard(changes: list[Change]) -> list[Doubt]:
    """Return what corrections say of an agent with a bad outcome a day, told of the second day."""
    Listens.heard.clear()
    told = lived(Life([((RARE, True),)] * 8, changes), Listens)
    assert [end.opened for end in told].index(True) == 1
    return [*Listens.heard]


def test_what_was_told_is_taken_back_with_its_reason_while_the_alert_stands() -> None:
    assert heard([]) == []
    assert heard([Change(5, 1, 0, bad=False)]) == [Doubt(taken_back=TakenBack(1, good=1))]
    assert heard([Change(5, 1, 0, bad=None)]) == [Doubt(taken_back=TakenBack(1, excused=1))]


def test_what_was_not_told_yet_is_not_taken_back() -> None:
    [found] = heard([Change(7, 6, 0, bad=False)])
    assert found == NO_DOUBT


class LooksAtTodayAlone(Corrections):
    """Withdraws whenever the evidence of today is below the threshold."""

    def doubt(self, row: int, alert: OpenAlert) -> Doubt:
        doubt = super().doubt(row, alert)
        *_, (_, today) = self._evidence.levels(row)
        is_corrected = row in self._today
        return Doubt("corrected") if is_corrected and today < self._threshold else doubt


class TakesTheFirstDayForGranted(Corrections):
    """Does not see that the alert stands on a later day now, and may lose that one, too."""

    def doubt(self, row: int, alert: OpenAlert) -> Doubt:
        stood_on = alert.stands_on
        doubt = super().doubt(row, alert)
        if alert.stands_on != stood_on:
            alert.stands_on = type(stood_on)(-1)
        return doubt


@pytest.mark.parametrize("broken", [NeverTakesBack, LooksAtTodayAlone, TakesTheFirstDayForGranted])
def test_the_law_catches(broken: Kind) -> None:
    def check(kind: Kind, data: st.DataObject) -> None:
        law(kind, data.draw(lives()))

    assert refuted(check, broken)
