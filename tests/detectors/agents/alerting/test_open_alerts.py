"""Alerts do not flap, and evidence that outlives them costs no more than is said."""

from itertools import pairwise, product
from math import exp
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.agents.alerting.open_alerts import End, EvidenceSource, OpenAlerts
from detectors.alerts.alert import Severity
from detectors.evidence.prior import HONEST_LEVELS, Prior
from detectors.settings import EvidenceSettings
from tests.detectors.agents.alerting.histories import (
    COMMON,
    LOW,
    SD,
    SETTINGS,
    THRESHOLD,
    HistoryDay,
    histories,
    lived,
)
from tests.detectors.refutation import refuted

Alerts = type[OpenAlerts]


def law(kind: Alerts, history: list[HistoryDay]) -> None:
    """Require low evidence between two alerts, and some left of what people did not explain.

    So there are no more alerts than times at which the evidence rose from `LOW` to the threshold.
    """
    days = lived(kind(THRESHOLD, SETTINGS), history)
    lowest = 0.0
    for day in days:
        if day.opened:
            assert lowest <= LOW * (1 + 1e-12)
            lowest = float("inf")
        lowest = min(lowest, day.kept)
        if day.ending in ("silent", "evidence_fell"):
            assert day.kept == pytest.approx(min(day.kept, LOW))
            assert day.kept > 0.0
        if day.ending == "explained":
            assert day.kept == 0.0


@given(histories())
def test_alerts_do_not_flap_and_their_evidence_outlives_them(history: list[HistoryDay]) -> None:
    law(OpenAlerts, history)


class KeepsAllInSilence(OpenAlerts):
    def _end(self, source: EvidenceSource, row: int, end: End, agent_days: int) -> None:
        end = "evidence_fell" if end == "silent" else end
        super()._end(source, row, end, agent_days)


class BeginsFromNothing(OpenAlerts):
    def _end(self, source: EvidenceSource, row: int, end: End, agent_days: int) -> None:
        super()._end(source, row, end, agent_days)
        source.restart(row)


class KeepsWhatIsExplained(OpenAlerts):
    def _end(self, source: EvidenceSource, row: int, end: End, agent_days: int) -> None:
        end = "silent" if end == "explained" else end
        super()._end(source, row, end, agent_days)


class Flaps(OpenAlerts):
    """Ends an alert as soon as the evidence is below the threshold."""

    def __init__(self, threshold: float, settings: EvidenceSettings) -> None:
        at_once = {"resolve_after": "0d", "resolve_below": 1.0}
        super().__init__(threshold, structs.replace(settings, **at_once))


@pytest.mark.parametrize(
    "broken", [KeepsAllInSilence, BeginsFromNothing, KeepsWhatIsExplained, Flaps]
)
def test_the_law_catches(broken: Alerts) -> None:
    def check(kind: Alerts, data: st.DataObject) -> None:
        law(kind, data.draw(histories()))

    assert refuted(check, broken)


DAYS: Final = 9


def test_honest_agents_have_no_more_alerts_than_the_budget_and_what_is_kept_allows() -> None:
    """Every history of some days, each with its probability for an honest agent.

    The number of alerts is at most that of the rises from `LOW` to the threshold: by Doob's
    inequality, on average, the agent-days over the difference of the two.
    """
    alerts = 0.0
    weights = Prior(SD).weights()
    odds = COMMON / (1.0 - COMMON)
    for outcomes in product((False, True), repeat=DAYS):
        history = [HistoryDay(((COMMON, bad),)) for bad in outcomes]
        number = sum(day.opened for day in lived(OpenAlerts(THRESHOLD, SETTINGS), history))
        probability = 0.0
        for weight, level in zip(weights.tolist(), HONEST_LEVELS, strict=True):
            scaled = odds * exp(level)
            rate = scaled / (1.0 + scaled)
            bad = sum(outcomes)
            probability += weight * rate**bad * (1.0 - rate) ** (DAYS - bad)
        alerts += probability * number
    assert 0.0 < alerts <= DAYS / (THRESHOLD - LOW)


def test_a_period_after_an_alert_is_counted_from_its_end() -> None:
    bad, good = HistoryDay(((COMMON, True),) * 9), HistoryDay(((COMMON, False),))
    open_alerts = OpenAlerts(THRESHOLD, SETTINGS)
    days = lived(open_alerts, [bad, *[good] * 800])
    (ended,) = [number for number, day in enumerate(days) if day.ending == "evidence_fell"]
    restarted = [
        number
        for number, (before, after) in enumerate(pairwise(days), start=1)
        if before.kept > after.kept == 0.0
    ]
    assert restarted[0] == ended + 365
    assert open_alerts.state.ended_after == {}


@pytest.mark.parametrize("severest", ["info", "warning", "critical"])
def test_an_alert_is_at_most_what_its_pattern_allows(severest: Severity) -> None:
    open_alerts = OpenAlerts(THRESHOLD, SETTINGS, severest)
    bad = HistoryDay(((COMMON, True),) * 9)
    lived(open_alerts, [bad, bad], critical=True)
    [alert] = open_alerts.by_row.values()
    assert alert.emitted_severity == severest
    assert open_alerts.counts() == {"warning": 0, "critical": 0} | {severest: 1}
