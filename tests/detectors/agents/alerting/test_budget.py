"""The budget of false alarms is the sum of what the patterns may use, whatever their weights."""

from collections.abc import Callable, Mapping
from math import isclose
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.alerting.budget import DAYS_PER_1000_AGENT_YEARS, thresholds
from detectors.basis.errors import InvalidSettings
from detectors.basis.identifiers import PatternName
from detectors.patterns.early import is_early
from detectors.settings import Settings, read_settings
from tests.detectors.refutation import refuted

Thresholds = Callable[[Settings], Mapping[PatternName, float]]

weights = st.floats(0.001, 1_000.0)
budgets = st.floats(0.1, 10_000.0)


@st.composite
def weighted(draw: st.DrawFn) -> Settings:
    return read_settings(
        {
            "evidence": {
                "false_alarms_per_1000_agent_years": draw(budgets),
                "early_false_alarms_per_1000_agent_years": draw(budgets),
            },
            "patterns": {
                name: {"weight": draw(weights)}
                for name in ("quick_cancellation", "unused_account", "burst")
            },
        }
    )


def law(give: Thresholds, settings: Settings) -> None:
    """Within a tier the false alarms add up to its budget, and are shared out by weight."""
    limits = give(settings)
    evidence, patterns = settings.evidence, settings.patterns
    for tiers, budget in (
        (patterns.enabled(), evidence.false_alarms_per_1000_agent_years),
        (patterns.early_tiers(), evidence.early_false_alarms_per_1000_agent_years),
    ):
        used = {tier.name: DAYS_PER_1000_AGENT_YEARS / limits[tier.name] for tier in tiers}
        assert isclose(sum(used.values()), budget, rel_tol=1e-9)
        total = sum(tier.weight for tier in tiers)
        for tier in tiers:
            assert isclose(used[tier.name], budget * tier.weight / total, rel_tol=1e-9)


@given(weighted())
def test_the_shares_add_up_to_the_budget(settings: Settings) -> None:
    law(thresholds, settings)


@pytest.mark.parametrize(
    ("periods", "days"),
    [
        ({}, 12),
        ({"periods": "quarter"}, 4),
        ({"begin_on": ["2025-01-01", "2025-03-01", "2025-02-01"]}, 365 / 28),
        ({"begin_on": ["2025-01-01"]}, 1),
    ],
)
def test_what_is_judged_on_few_days_a_year_needs_so_much_less_evidence(
    periods: dict[str, Any], days: float
) -> None:
    on = {"period_end": {"enabled": True} | periods}
    limits: Mapping[Any, float] = thresholds(read_settings({"patterns": on}))
    assert isclose(limits["period_end"], limits["quick_cancellation"] * days / 365)


def split_evenly(settings: Settings) -> Mapping[PatternName, float]:
    return thresholds(Settings(evidence=settings.evidence))


def not_shared(settings: Settings) -> Mapping[PatternName, float]:
    """Give each pattern what its weight says of the whole budget, whatever the others have."""
    return {
        tier.name: DAYS_PER_1000_AGENT_YEARS / tier.weight / budget
        for tiers, budget in (
            (settings.patterns.enabled(), settings.evidence.false_alarms_per_1000_agent_years),
            (
                settings.patterns.early_tiers(),
                settings.evidence.early_false_alarms_per_1000_agent_years,
            ),
        )
        for tier in tiers
    }


@pytest.mark.parametrize("broken", [split_evenly, not_shared])
def test_the_law_catches(broken: Thresholds) -> None:
    def check(give: Thresholds, data: st.DataObject) -> None:
        law(give, data.draw(weighted()))

    assert refuted(check, broken)


def test_equal_weights_share_evenly_to_the_last_bit() -> None:
    heavy = {name: {"weight": 8.0} for name in ("quick_cancellation", "unused_account", "burst")}
    assert thresholds(read_settings({"patterns": heavy})) == thresholds(Settings())


def test_a_pattern_that_is_off_takes_no_share() -> None:
    off = read_settings({"patterns": {"unused_account": {"enabled": False, "weight": 100.0}}})
    assert {limit for name, limit in thresholds(off).items() if not is_early(name)} == {73_000.0}
    assert (
        off.config_hash
        == read_settings({"patterns": {"unused_account": {"enabled": False}}}).config_hash
    )


@pytest.mark.parametrize("weight", [0.0, -1.0, 1e-4, 1e4, float("nan")])
def test_a_weight_that_starves_all_or_one_is_refused(weight: float) -> None:
    with pytest.raises(InvalidSettings, match="weight"):
        read_settings({"patterns": {"burst": {"weight": weight}}})
