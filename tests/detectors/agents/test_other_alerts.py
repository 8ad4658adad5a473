"""An alert names the other open ones about its subject; what they have in common counts once."""

from collections.abc import Callable, Iterable
from functools import cache

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.agents.alerting.other_alerts import with_other_alerts
from detectors.agents.closings import NO_TIERS, Closings
from detectors.agents.mature.tier import MatureTier
from detectors.agents.stage import Agents
from detectors.alerts.alert import Alert, OtherAlert
from detectors.alerts.wording import other_alerts_sentence
from detectors.basis.event_time import Day, Seconds, moment
from detectors.basis.identifiers import AgentId, PatternName
from detectors.cases.case import CaseAlert
from detectors.evidence.discoveries import discovery_threshold
from detectors.messages.outcomes import DayReport, Outcome
from detectors.messages.stake import Stake
from tests.detectors.agents.test_stage import PATTERN, QUICK, Stages, of_a_day
from tests.detectors.refutation import refuted

OTHER = PatternName("unused_account")
LAST_DAY = 20
BAD_DAYS = range(8, 14)


def staked(outcomes: Iterable[Outcome], pattern: PatternName) -> list[Outcome]:
    """Return outcomes as a pattern has them: of the same sales as every other."""
    return [
        msgspec.structs.replace(
            one, pattern=pattern, stakes=tuple(Stake(event_id) for event_id in one.event_ids)
        )
        for one in outcomes
    ]


def run(
    bad: dict[PatternName, range],
    crash_on: int = -1,
    agents: Callable[[], Agents] = lambda: Agents(QUICK),
) -> Stages:
    """Return stages in which the same sales go bad in two patterns, each on days of its own."""
    stages = Stages(QUICK)
    stages.agents = agents()
    for day in range(LAST_DAY):
        told = list[Outcome]()
        for pattern, days in bad.items():
            number = 6 if day in days else 0
            of_all = [(f"honest {each}", 1, 19) for each in range(8)] + [("anna", number, 12)]
            for agent, wrong, right in of_all:
                told += staked(of_a_day(day, agent, wrong, right - wrong), pattern)
        stages.receive(day + 1, told)
        if day == crash_on:
            saved, stages.agents = stages.agents.snapshot(), agents()
            stages.agents.restore(saved)
    return stages


@cache
def both() -> Stages:
    """Return the stages at the end, for whoever only looks."""
    return run({PATTERN: BAD_DAYS, OTHER: BAD_DAYS})


def test_alerts_of_one_day_name_each_other_with_the_sales_they_have_in_common() -> None:
    first, second = (alert for alert in both().alerts if alert.revision == 1)
    assert first.updated_at == second.updated_at
    assert {first.pattern, second.pattern} == {PATTERN, OTHER}
    for alert, other in ((first, second), (second, first)):
        assert alert.other_alerts == (
            OtherAlert(
                other.alert_id, other.pattern, other.severity, other.opened_at, len(alert.event_ids)
            ),
        )
        common = f"({other.severity}; {len(alert.event_ids)} sales in common)"
        assert f"Also open about them: {other.pattern} {common}." in alert.summary
        assert alert.prior_alerts is msgspec.UNSET


def test_an_alert_without_another_is_as_it_was() -> None:
    alone = run({PATTERN: BAD_DAYS}).alerts
    assert alone
    assert all(b"other_alerts" not in msgspec.json.encode(alert) for alert in alone)
    assert not any("Also open" in alert.summary for alert in alone)


def named_as_it_was(alerts: Iterable[Alert]) -> None:
    """Hold every revision against the log: the others that were open at the end of its day."""
    alerts = list(alerts)
    for alert in alerts:
        latest = {
            other.alert_id: other
            for other in alerts
            if other.updated_at <= alert.updated_at and other.subject == alert.subject
        }
        expected = {
            (other.alert_id, other.severity)
            for other in latest.values()
            if other.status == "open" and other.alert_id != alert.alert_id
        }
        named = alert.other_alerts or ()
        assert {(other.alert_id, other.severity) for other in named} == expected
        for other in named:
            assert (other.sales_in_common or 0) <= len(alert.event_ids)


class NamesThoseBefore(Closings):
    """Asks who is open before the revisions of the day are known."""

    def _tell(self, alerts: Iterable[Alert]) -> None:
        self._today = list(alerts)

    def told(self, *given: object) -> list[Alert]:
        named = super().told(*given)  # type: ignore[arg-type] # handed on as it came
        super()._tell(self._today)
        return named


class NamesWhatHasEnded(Closings):
    """Names every alert that there ever was as open."""

    def _tell(self, alerts: Iterable[Alert]) -> None:
        super()._tell([msgspec.structs.replace(alert, status="open") for alert in alerts])


class ForgetsOverRestarts(Closings):
    """Keeps what is open in memory alone."""

    def restore(self, _: object) -> None:
        super().restore({})


def with_closings(kind: type[Closings]) -> Callable[[], Agents]:
    def agents() -> Agents:
        made = Agents(QUICK)
        made._closings = kind(QUICK.cases, QUICK.patterns.early_tiers())  # type: ignore[misc] # noqa: SLF001 - broken on purpose
        return made

    return agents


def law_of_naming(kind: type[Closings], data: st.DataObject) -> None:
    days = st.tuples(st.integers(4, 10), st.integers(2, 6)).map(lambda d: range(d[0], sum(d)))
    bad = {PATTERN: data.draw(days), OTHER: data.draw(days)}
    crash_on = data.draw(st.integers(0, LAST_DAY))
    alerts = run(bad, crash_on, with_closings(kind)).alerts
    assert alerts == run(bad).alerts
    named_as_it_was(alerts)


@settings(max_examples=3)
@given(data=st.data())
def test_each_revision_names_what_was_open_then_over_restarts(data: st.DataObject) -> None:
    law_of_naming(Closings, data)


@pytest.mark.parametrize("broken", [NamesThoseBefore, NamesWhatHasEnded, ForgetsOverRestarts])
def test_that_law_catches(broken: type[Closings]) -> None:
    assert refuted(law_of_naming, broken, examples=10)


def test_of_many_the_most_severe_are_said_and_all_are_named() -> None:
    at = moment(Seconds(0.0))
    known = [
        CaseAlert(
            alert_id=f"{number}",
            pattern=PatternName(f"pattern_{number}"),
            revision=1,
            status="open",
            severity="critical" if number == 6 else "info",
            opened_at=at,
            updated_at=at,
            observed=1,
            summary="",
        )
        for number in range(7)
    ]
    alert = with_other_alerts(both().alerts[0], known, NO_TIERS)
    others = alert.other_alerts or ()
    assert [one.alert_id for one in others] == ["6", "0", "1", "2", "3", "4", "5"]
    said = other_alerts_sentence(others)
    assert said.startswith("Also open about them: pattern_6 (critical), pattern_0 (info), ")
    assert said.endswith(" pattern_3 (info), 2 more.")


class CountsPairs(Agents):
    """Reports an agent once for each pattern, as if each had sales of its own."""

    def _after_review(self, report: DayReport) -> DayReport:
        told = super()._after_review(report)
        tiers = self._mature.values()
        pairs = [value for tier in tiers for _, value in tier.strong(self._least_e_value)]
        return msgspec.structs.replace(told, evidence=tuple(sorted(pairs, reverse=True)))


def one_discovery(kind: type[Agents]) -> None:
    """Hold the evidence reported for the discoveries against what each pattern has of anna."""
    bad = {PATTERN: range(8, LAST_DAY), OTHER: range(9, LAST_DAY)}
    agents = run(bad, agents=lambda: kind(QUICK)).agents
    tiers = [tier for tier in agents.tiers if isinstance(tier, MatureTier)]
    strongest = {tier.name: tier.e_values().max() for tier in tiers}
    least = 1.0 / QUICK.evidence.false_discovery_rate
    assert min(strongest[PATTERN], strongest[OTHER]) > least
    report = agents._after_review(DayReport(0, Day(0), {}))  # noqa: SLF001 - what it reports
    assert report.evidence == (max(strongest.values()),)
    assert report.hypotheses == sum(map(len, tiers))


def test_what_two_patterns_hold_against_one_agent_is_one_discovery() -> None:
    one_discovery(Agents)


def test_that_law_catches_a_stage_that_counts_pairs() -> None:
    with pytest.raises(AssertionError):
        one_discovery(CountsPairs)


def honest_share(once: bool) -> float:  # noqa: FBT001 - the two ways to count
    """Return the mean share of honest agents among those accused, where some are surely guilty.

    The guilty ones are seen by five patterns, from the same sales. An honest agent has a rare large
    e-value in one of them now and then, of mean 1 and just as large as the threshold asks.
    """
    agents, patterns, guilty, rate = 400, 5, 20, 0.1
    random, pairs = np.random.default_rng(7), agents * patterns
    counted = guilty if once else guilty * patterns
    large = pairs / (rate * counted)
    shares = []
    for _ in range(200):
        values = np.where(random.random((agents, patterns)) < 1.0 / large, large, 0.0)
        values[:guilty] = 1e9
        candidates = values.max(axis=1) if once else values.ravel()
        accused = values.max(axis=1) >= discovery_threshold(candidates, pairs, rate)
        shares.append(accused[guilty:].sum() / accused.sum())
    return float(np.mean(shares))


def test_the_share_of_honest_agents_is_kept_only_where_each_counts_once() -> None:
    assert honest_share(once=True) <= 0.1
    assert honest_share(once=False) > 0.2


def test_somebody_who_is_no_agent_of_a_tier_has_no_bad_sales_there() -> None:
    tier = both().agents.tiers[0]
    assert isinstance(tier, MatureTier)
    assert tier.bad_sales(AgentId("nobody")) == frozenset()
