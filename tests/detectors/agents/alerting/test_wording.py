"""What alerts say of peers, and of which way something has changed."""

import pytest

from detectors.agents.alerting.agent_alert import (
    BURST_PEERS,
    AgentAlerts,
    AlertContext,
    EvidenceSummary,
)
from detectors.agents.alerting.lifecycle import OpenAlert
from detectors.agents.alerting.tier_config import TierConfig
from detectors.agents.shifts.alert import AMOUNT_SHIFT, VOLUME_SHIFT, ShiftAlerts, ShiftCase
from detectors.evidence.explanation import Counts, LikelyStart
from detectors.evidence.rate_ratio import shrunk_rate_ratio
from detectors.messages.outcomes import Spread
from detectors.settings import Settings


def test_peers_of_a_burst_are_days_and_those_of_a_rate_are_sales() -> None:
    settings = Settings()
    start = LikelyStart(20_000, Counts(10, 5, 0.5), 1.0)
    summary = EvidenceSummary(20_010, 1e5, start, shrunk_rate_ratio(5, 0.5, 0.3), Spread(0.3, 1.0))
    said = {
        pattern.name: AgentAlerts(TierConfig(settings, "hash", pattern, 1e4))
        .revision("anna", OpenAlert("id", 0.0), "open", summary, AlertContext(0, (), None))
        .evidence.peers
        for pattern in settings.patterns.enabled()
    }
    assert said == {
        "quick_cancellation": "all other sellers, by product and channel",
        "unused_account": "all other sellers, by product and channel",
        "burst": BURST_PEERS,
    }


@pytest.mark.parametrize("name", [VOLUME_SHIFT, AMOUNT_SHIFT])
@pytest.mark.parametrize(
    ("ratio", "read", "way"),
    [
        (2.0, "2.00", {"more"}),
        (0.5, "0.50", {"less"}),
        (1.006, "1.01", {"more"}),
        (0.994, "0.99", {"less"}),
        (1.004, "1.00", set()),
        (0.996, "1.00", set()),
    ],
)
def test_the_way_of_a_shift_is_that_of_the_figure_that_is_read(
    name: str, ratio: float, read: str, way: set[str]
) -> None:
    alert = ShiftCase(20_000, 20_000, 19_990, 10, ratio)
    summary = ShiftAlerts(name, "hash").revision("anna", 20_000, alert, "open", None).summary
    assert f"about {read} times" in summary
    assert {word for word in ("more", "less") if f"{word}," in summary} == way
    assert ("may have begun on another day" in summary) == (not way)
