"""What is recomputed of an alert's life is what the product told of it, day by day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.alerting.open_alerts import End, EvidenceSource, OpenAlerts
from detectors.agents.mature.corrections import Corrections
from detectors.basis.event_time import Day
from detectors.basis.identifiers import SaleId
from streams.explain.course import Corrected, Course, Rules
from streams.explain.evidence import Judged
from tests.detectors.agents.alerting.histories import (
    LOW,
    SD,
    SETTINGS,
    THRESHOLD,
    HistoryDay,
    histories,
    lived,
)
from tests.detectors.agents.mature import corrected_lives
from tests.detectors.agents.mature.corrected_lives import Life, NeverTakesBack, sale_of
from tests.detectors.refutation import refuted

RULES = Rules(SD, THRESHOLD, LOW, resolve_after_days=2, silent_after_days=4, period=365)


def law(kind: type[OpenAlerts], history: list[HistoryDay]) -> None:
    told = lived(kind(THRESHOLD, SETTINGS), history)
    judged = [
        Judged(Day(day), SaleId(f"{day}.{place}"), probability, bad)
        for day, one in enumerate(history)
        for place, (probability, bad) in enumerate(one.outcomes)
    ]
    if not judged:
        return
    opened = {Day(day) for day, one in enumerate(told) if one.opened}
    ended = {Day(day) for day, one in enumerate(history) if one.explained}
    course = Course(judged, [], RULES, Day(len(history) - 1), opened, ended)
    for day in course.days:
        product = told[day.day]
        assert day.evidence == pytest.approx(product.evidence, rel=1e-9)
        assert (day.quiet_since, day.ending) == (product.quiet_since, product.ending)


@given(histories())
def test_explain_follows_an_alert_through_its_life(history: list[HistoryDay]) -> None:
    law(OpenAlerts, history)


def law_of_corrections(kind: type[Corrections], life: Life) -> None:
    told = corrected_lives.lived(life, kind)
    judged = [
        Judged(Day(day), sale_of(day, place), probability, bad)
        for day, today in enumerate(life.days)
        for place, (probability, bad) in enumerate(today)
    ]
    if not judged:
        return
    corrected = [
        Corrected(
            Day(one.known_on), Day(one.judged_on), sale_of(one.judged_on, one.number), one.bad
        )
        for one in life.changes
    ]
    opened = {Day(day) for day, one in enumerate(told) if one.opened}
    course = Course(judged, corrected, RULES, Day(len(told) - 1), opened)
    for day in course.days:
        product = told[day.day]
        assert day.evidence == pytest.approx(product.evidence, rel=1e-9)
        life_of_product = (product.quiet_since, product.ending, product.withdrawal)
        assert (day.quiet_since, day.ending, day.withdrawal) == life_of_product


@given(corrected_lives.lives())
def test_explain_follows_an_alert_whose_outcomes_are_corrected(life: Life) -> None:
    law_of_corrections(Corrections, life)


def test_the_law_catches_a_stage_that_takes_nothing_back() -> None:
    def check(kind: type[Corrections], data: st.DataObject) -> None:
        law_of_corrections(kind, data.draw(corrected_lives.lives()))

    assert refuted(check, NeverTakesBack)


class ForgetsAfterAnEnd(OpenAlerts):
    def _end(self, source: EvidenceSource, row: int, end: End, agent_days: int) -> None:
        super()._end(source, row, end, agent_days)
        source.restart(row)


class NeverLowers(OpenAlerts):
    def _end(self, source: EvidenceSource, row: int, end: End, agent_days: int) -> None:
        end = "evidence_fell" if end == "silent" else end
        super()._end(source, row, end, agent_days)


@pytest.mark.parametrize("broken", [ForgetsAfterAnEnd, NeverLowers])
def test_the_law_catches(broken: type[OpenAlerts]) -> None:
    def check(kind: type[OpenAlerts], data: st.DataObject) -> None:
        law(kind, data.draw(histories()))

    assert refuted(check, broken)
