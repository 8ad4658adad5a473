"""An explanation of a profile's alert: it agrees with the truth, and with nothing else."""

from io import StringIO

import numpy as np
import pytest
from msgspec.structs import replace
from rich.console import Console

from detectors.agents.profiles.watch import ProfileWatch
from detectors.alerts.alert import Alert
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.conformance.streams import Chance
from detectors.profiles.profile import AMOUNT_SHIFT, Profile, default_profiles
from detectors.settings import Settings
from streams.explain.profile import ProfileExplanation, SoldDay
from tests.detectors.third_party.far_off import FarOff

SETTINGS = Settings(
    profiles={
        **default_profiles(),
        PatternName("far"): Profile(watches="own_sales", detector=FarOff(memory=0.05, far=3.0)),
    }
)
CHANGE = 100


def days() -> list[SoldDay]:
    """Return an agent who changes by six standard deviations."""
    chance = Chance(3)
    return [
        SoldDay(Day(day), 5, 0.2 * chance.normal() + (1.2 if day >= CHANGE else 0.0))
        for day in range(180)
        if day % 7
    ]


def alerts(name: str) -> list[Alert]:
    watch = ProfileWatch(PatternName(name), SETTINGS.profiles[PatternName(name)], "hash", 14.0, 1)
    values = {sold.day: sold.value for sold in days()}
    found = []
    for day in range(180):
        own = [values[Day(day)]] if day in values else []
        found += watch.judge(Day(day), [AgentId("anna")] * len(own), np.array(own), watch.shadow)
    return [alert for alert in found if alert.alert_id == found[0].alert_id]


NAMES = (AMOUNT_SHIFT, "far")


@pytest.mark.parametrize("name", NAMES)
def test_it_agrees_with_the_truth(name: str) -> None:
    told = alerts(name)
    assert told[-1].status == "resolved"
    for number in range(1, len(told) + 1):
        assert ProfileExplanation(SETTINGS, told[:number], days()).agrees()


@pytest.mark.parametrize("name", NAMES)
def test_it_agrees_with_nothing_else(name: str) -> None:
    told = alerts(name)
    (first, *rest) = told
    wrong = [
        [replace(first, summary=first.summary.replace("anna", "anne")), *rest],
        [replace(first, evidence=replace(first.evidence, observed=99)), *rest],
        [replace(first, evidence=replace(first.evidence, likely_start="1970-01-05")), *rest],
        rest,
    ]
    for revisions in wrong:
        assert not ProfileExplanation(SETTINGS, revisions, days()).agrees()
    assert not ProfileExplanation(SETTINGS, told, days()[:-80]).agrees()
    assert not ProfileExplanation(SETTINGS, told, []).agrees()


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_what_it_rests_on(name: str) -> None:
    shown = StringIO()
    console = Console(width=120, file=shown)
    ProfileExplanation(SETTINGS, alerts(name), days()).print(console)
    said = " ".join(shown.getvalue().split())
    assert f"by the detector `{SETTINGS.profiles[PatternName(name)].kind}`" in said
    assert "Median before: 1.0" in said
    assert "highest score" in said
