"""What an alert about an agent says of the sales it names is what their events say."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest

from detectors.agents.mature.bad_outcomes import BadOutcomes
from detectors.alerts.alert import Alert
from detectors.alerts.at_stake import at_stake
from detectors.basis.event_time import Day
from detectors.events.event import AnyEvent
from detectors.messages.stake import Stake
from detectors.pipeline import Pipeline
from tests.detectors.ledger.test_stakes import stakes_by_definition
from tests.detectors.patterns.across import ACROSS
from tests.detectors.worlds import END, SETTINGS, crowd


def alerts_of(events: Sequence[AnyEvent]) -> list[Alert]:
    pipeline = Pipeline(SETTINGS)
    for event in events:
        pipeline.apply(event)
    pipeline.advance(END)
    return [one for one in pipeline.alerts() if one.subject.type == "agent"]


def says_what_its_events_say(alert: Alert, events: Sequence[AnyEvent]) -> bool:
    stakes = {one.event_id: one for one in stakes_by_definition(events).values()}
    named = [stakes[name] for name in dict.fromkeys(alert.event_ids) if name in stakes]
    sites = Counter(one.site for one in named if one.site is not None)
    site = min(sites, key=lambda name: (-sites[name], name), default=None)
    in_all = at_stake(named)
    if alert.pattern in ACROSS:  # it names the sales beside the bad ones, too
        bad = 0 if alert.at_stake is None else alert.at_stake.sales
        return bad <= alert.evidence.observed and (in_all is None or bad <= in_all.sales)
    return alert.at_stake == in_all and alert.site == site


@pytest.fixture(scope="module")
def events() -> list[AnyEvent]:
    return crowd(Random(3), 240)  # noqa: S311 - a crowd that is the same every time


def test_an_alert_about_an_agent_says_what_the_events_say_that_it_names(
    events: list[AnyEvent],
) -> None:
    alerts = alerts_of(events)
    assert all(says_what_its_events_say(alert, events) for alert in alerts)
    kinds = {(type(one.evidence).__name__, one.at_stake is None) for one in alerts}
    assert {("RateEvidence", False), ("EarlyRateEvidence", True)} <= kinds


def test_one_that_tells_of_sales_it_does_not_name_is_seen(
    events: list[AnyEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    since_the_episode = BadOutcomes.stakes

    def every_stake(bad: BadOutcomes, row: int, since: Day) -> tuple[Stake, ...]:
        return since_the_episode(bad, row, Day(since - 10_000))

    monkeypatch.setattr(BadOutcomes, "stakes", every_stake)
    alerts = alerts_of(events)
    assert not all(says_what_its_events_say(alert, events) for alert in alerts)
