"""No act of an insider frames a colleague or clears the guilty, and each is counted."""

from collections.abc import Sequence
from random import Random

import pytest

from detectors.alerts.alert import Alert
from detectors.basis.event_time import seconds_at
from detectors.events.event import AnyEvent
from detectors.ledger.matches import MatchCounts
from detectors.patterns import Patterns
from detectors.patterns.key.shared_payer import SharedPayer
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from tests.detectors.channels import AlertLog
from tests.detectors.insider.acts import ACTS, DAYS, FRAMED, GUILTY, TRACES, honest_log, with_act
from tests.detectors.insider.logs import LOG_TRACES, LOGS, TOO_MANY
from tests.detectors.insider.verdicts import accused, said_of
from tests.detectors.installation import Installation
from tests.detectors.worlds import at

SETTINGS = Settings()
ACROSS = Settings(patterns=Patterns(shared_payer=SharedPayer(enabled=True)))
"""All stages there are."""
UNTIL = seconds_at(at(24 * (DAYS + 12)))


def judged(
    events: Sequence[AnyEvent], settings: Settings = SETTINGS
) -> tuple[list[Alert], MatchCounts]:
    pipeline = Pipeline(settings)
    for event in events:
        pipeline.apply(event)
    pipeline.advance(UNTIL)
    return pipeline.alerts(), pipeline.matches()


def trace(counts: MatchCounts, of: str) -> int:
    alone = {"cancelled_by_seller": counts.cancelled_by_seller, "merged": counts.merged}
    return alone[of] if of in alone else counts.contested.get(of, 0)


def test_without_an_act_the_guilty_is_found_and_nothing_is_counted() -> None:
    alerts, counts = judged(with_act(None, honest_log()))
    assert accused(alerts) == {GUILTY}
    assert counts.contested == {}
    assert counts.cancelled_by_seller == 0
    assert not any(alert.data_quality for alert in alerts)


@pytest.mark.parametrize("act", ACTS)
def test_the_guilty_is_found_nobody_is_framed_and_the_act_is_counted(act: str) -> None:
    alerts, counts = judged(with_act(ACTS[act], honest_log()))
    assert accused(alerts) == {GUILTY}
    assert trace(counts, TRACES[act]) > 50


def test_whoever_reads_the_alert_is_told_that_sales_are_contested() -> None:
    alerts, _ = judged(with_act(ACTS["claimed for a colleague, soon"], honest_log()))
    told = [alert for alert in alerts if alert.subject.type == "agent"]
    assert told
    for alert in told:
        [sentence] = alert.data_quality or ()
        assert sentence.startswith("In the last 100 days claims contradicted each other about ")


@pytest.mark.parametrize("act", LOG_TRACES)
def test_of_other_acts_nobody_is_framed_either_and_each_is_counted(act: str) -> None:
    log = LOGS[act]()
    said = said_of(log.events, SETTINGS, seconds_at(at(24 * (log.days + 32))))
    assert bool(accused(said.alerts) & log.guilty) is (act != TOO_MANY)
    assert accused(said.alerts) <= log.guilty
    assert said.traces[LOG_TRACES[act]] > 0


@pytest.mark.parametrize("partitions", [3])
def test_partitions_and_crashes_change_nothing_of_that(partitions: int) -> None:
    """In any interleaving: the first claim to arrive is the first one of its partition."""
    events = with_act(ACTS["claimed for a colleague, soon"], honest_log())
    installation = Installation(events, partitions, settings=ACROSS)
    installation.run(Random(partitions), crashes=True, until=UNTIL)  # noqa: S311 - nothing secret
    log = AlertLog()
    alerts, _ = judged(events, ACROSS)
    log.emit(alerts)
    assert installation.alerts == log
    assert FRAMED not in accused(alerts)
