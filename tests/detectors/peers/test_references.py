"""Rates that are known from elsewhere: they judge where peers are few, or nobody."""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any

import pytest

from detectors.alerts.alert import Alert
from detectors.alerts.evidence import RateEvidence
from detectors.basis.errors import InvalidSettings
from detectors.basis.event_time import Day, seconds_at
from detectors.basis.identifiers import Cell, PatternName
from detectors.events.event import AnyEvent
from detectors.messages.outcomes import DayReport, DayReview
from detectors.peers.stage import Peers
from detectors.pipeline import Pipeline
from detectors.settings import Settings, read_settings
from tests.detectors.peers.columns import by_cell, day_totals
from tests.detectors.worlds import at, cancellation, sale

PATTERN = PatternName("quick_cancellation")
SURVEY = "Survey of the trade, 2024"
KNOWN = {"pattern": PATTERN, "product": "card", "rate": 0.05, "outcomes": 2_000, "source": SURVEY}

DAYS = 150
A_DAY = 2


def settings_with(*references: dict[str, Any], **peers: Any) -> Settings:  # noqa: ANN401 - any key
    return read_settings(
        {
            "peers": {"reference": list(references), **peers},
            "patterns": {"unused_account": {"enabled": False}},
        }
    )


@cache
def sales_of_a_lone_seller(bad_share: float) -> Sequence[AnyEvent]:
    """Return the sales of an agent who has no peers, and the share of them that is cancelled."""
    chance = Random(1)  # noqa: S311 - the same in every run
    events: list[AnyEvent] = []
    for number in range(DAYS * A_DAY):
        hours, name = 24 * number // A_DAY, f"{number}"
        events.append(sale(hours, name, name))
        if chance.random() < bad_share:
            events.append(cancellation(hours + 24 * chance.randint(1, 8), name, name))
    return sorted(events, key=lambda event: event.occurred_at)


def told(bad_share: float, settings: Settings) -> list[Alert]:
    """Return the warnings about the lone seller."""
    pipeline = Pipeline(settings)
    for event in sales_of_a_lone_seller(bad_share):
        pipeline.apply(event)
    pipeline.advance(seconds_at(at(24 * (DAYS + 30))))
    return [alert for alert in pipeline.alerts() if alert.severity != "info"]


def test_a_lone_seller_is_judged_by_a_rate_from_elsewhere_alone() -> None:
    assert told(0.4, settings_with()) == []
    warnings = told(0.4, settings_with(KNOWN))
    assert {alert.agent_id for alert in warnings} == {"anna"}


def test_an_honest_lone_seller_is_not_accused() -> None:
    assert told(0.05, settings_with(KNOWN)) == []


def test_the_alert_names_the_rate_its_weight_and_its_source() -> None:
    first = told(0.4, settings_with(KNOWN))[0]
    assert isinstance(first.evidence, RateEvidence)
    assert first.evidence.peers == (
        "all other sellers, by product and channel, and beside them by rates known from "
        f'elsewhere: 0.05 of "card", worth 2,000 outcomes ({SURVEY})'
    )


def test_an_alert_names_three_rates_and_counts_the_others() -> None:
    many = [{**KNOWN, "product": f"card {number}"} for number in range(5)]
    words = settings_with(*many).peers.beside(PATTERN)
    assert words.count(SURVEY) == 3
    assert words.endswith("; and 2 more")


def first_review(peers: Peers) -> DayReview:
    totals = {PATTERN: day_totals({Cell("card/phone"): (10, 1)})}
    (review,) = peers.receive(DayReport(0, Day(1), totals))
    return review


def test_it_counts_as_outcomes_of_nobody_in_its_cell() -> None:
    everywhere = {**KNOWN, "rate": 0.1, "outcomes": 100}
    del everywhere["product"]
    known = first_review(Peers(settings_with(KNOWN, everywhere))).known[PATTERN]
    for table in (known.of_peers(), known.of_everybody()):
        cells = {cell: totals[:2] for cell, totals in by_cell(table).items()}
        assert cells == {"": (100, 10), "card": (2_000, 100), "card/phone": (10, 1)}


def test_groups_are_compared_with_groups_alone() -> None:
    known = first_review(Peers(settings_with(KNOWN), of_groups=True)).known[PATTERN]
    assert list(by_cell(known.of_peers())) == ["card/phone"]


def test_it_is_counted_once_however_often_peers_begin_again() -> None:
    peers, again = (Peers(settings_with(KNOWN)) for _ in range(2))
    first_review(peers)
    again.restore(peers.snapshot())
    for one in (peers, again):
        (review,) = one.receive(DayReport(0, Day(2), {}))
        assert by_cell(review.known[PATTERN].of_peers())[Cell("card")][:2] == (2_000, 100)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"pattern": "burst"}, "is of the pattern 'burst'"),
        ({"rate": 0.001, "outcomes": 400}, "give at least 1,000 `outcomes`"),
        ({"rate": 1.0}, "`peers.reference[0].rate`"),
        ({"wait": 1}, "wait"),
    ],
)
def test_what_cannot_be_obeyed_is_refused(changed: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        settings_with({**KNOWN, **changed})
    assert "`peers.reference[0]" in str(caught.value)
    assert fault in str(caught.value)


def test_a_product_needs_cells_that_begin_with_it() -> None:
    with pytest.raises(InvalidSettings, match="begins with 'channel'"):
        settings_with(KNOWN, cell=["channel", "product"])


def test_one_rate_a_pattern_and_product() -> None:
    with pytest.raises(InvalidSettings, match="is the second one of quick_cancellation and card"):
        settings_with(KNOWN, {**KNOWN, "rate": 0.06})


def test_by_default_settings_have_the_hash_that_they_had() -> None:
    assert "reference" not in Settings().effective()["peers"]
