"""What people find of an agent reaches the evidence: once, from its day on, and by two of them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.agents.closings import MOST_PRIOR, Closings
from detectors.agents.stage import Agents
from detectors.alerts.alert import Alert, PriorAlert, evidence_of
from detectors.alerts.evidence import RateEvidence
from detectors.basis.event_time import Day, day_name, day_of, seconds_at
from detectors.basis.identifiers import AgentId, PatternName
from detectors.cases.book import CaseBook
from detectors.cases.case import case_id_of
from detectors.events.decision import Decision
from detectors.messages.outcomes import DayReview, Outcome
from detectors.settings import CaseSettings, Settings
from tests.detectors.agents.test_stage import PATTERN, QUICK, Stages, honest, of_a_day
from tests.detectors.cases.people import closing, decide, hours_of
from tests.detectors.peers.columns import by_cell

ANNA = AgentId("anna")
BAD_DAYS = range(12, 18)
LAST_DAY = 34


class Decided(Stages):
    """The stages of `test_stage`, with people who close a case when its first alert is told."""

    def __init__(self, outcome: str, *, approver: str = "bob.ray@bank.example") -> None:
        super().__init__(QUICK)
        self.outcome = outcome
        self.approver = approver
        self.decisions: list[Decision] = []

    def work(self, bad_days: range = BAD_DAYS, last_day: int = LAST_DAY) -> "Decided":
        for day in range(last_day):
            bad = 6 if day in bad_days else 0
            self.day(day, of_a_day(day, "anna", bad, 12 - bad))
        return self

    def day(self, day: int, of_anna: Sequence[Outcome]) -> None:
        told = self.receive(day + 1, [*honest(day), *of_anna])
        opened = [alert for alert in told if alert.agent_id == ANNA and alert.revision == 1]
        if opened and self.outcome and not self.decisions:
            self.close(opened[0])

    def close(self, alert: Alert) -> None:
        self.decisions = closing(alert, self.outcome, self.approver)
        for decision in self.decisions:
            self.peers.decide(decision)

    @property
    def about_anna(self) -> list[Alert]:
        return [alert for alert in self.alerts if alert.agent_id == ANNA]


@cache
def decided(outcome: str) -> Decided:
    """Return the stages at the end, for whoever only looks."""
    return Decided(outcome).work()


def matured_among_peers(review: DayReview) -> int:
    table = by_cell(review.known[PATTERN].of_peers())
    return sum(totals.matured for totals in table.values())


def day_after(alert: Alert) -> Day:
    return day_of(seconds_at(alert.updated_at))


def test_an_honest_closing_resolves_the_alert_on_its_day_and_evidence_begins_anew() -> None:
    stages = Decided("honest")
    for day in range(LAST_DAY):
        bad = 6 if day in BAD_DAYS or day >= LAST_DAY - 6 else 0
        stages.day(day, of_a_day(day, "anna", bad, 12 - bad))
    opened, resolved, *later = stages.about_anna
    assert (opened.status, resolved.status) == ("open", "resolved")
    assert day_of(seconds_at(resolved.updated_at)) == day_after(opened) + 1
    # They begin again, and are told of again: by what came after the closing alone.
    again = later[0]
    assert again.alert_id != opened.alert_id
    started = evidence_of(again, RateEvidence).likely_start
    assert started > day_name(day_after(opened))
    assert again.prior_alerts == (
        PriorAlert(opened.alert_id, PATTERN, "warning", "resolved", opened.opened_at, "honest"),
    )


def test_an_honest_closing_lets_the_agent_back_into_the_baseline() -> None:
    def left_out(outcome: str) -> list[frozenset[AgentId]]:
        stages = Decided(outcome)
        sets = []
        for day in range(28):
            bad = 6 if day in range(12, 15) else 0
            stages.day(day, of_a_day(day, "anna", bad, 12 - bad))
            state = msgspec.msgpack.decode(stages.agents.snapshot())
            sets.append(frozenset(AgentId(name) for name in state["left_out"]))
        return sets

    assert ANNA in left_out("")[-1]  # the evidence has not been low for long enough
    assert ANNA not in left_out("honest")[-1]


def test_a_confirmed_agent_stays_out_of_the_baseline_after_the_alert_is_resolved() -> None:
    stages, undecided = Decided("confirmed").work(last_day=70), Decided("").work(last_day=70)
    assert stages.about_anna[-1].status == undecided.about_anna[-1].status == "resolved"
    matured = {}
    for name, run in {"confirmed": stages, "undecided": undecided}.items():
        matured[name] = matured_among_peers(run.reviews[-1])
        assert matured[name] < 70 * (8 * 20 + 12)
    assert matured["confirmed"] == 70 * 8 * 20  # nothing of hers, since ever
    assert matured["undecided"] > matured["confirmed"]


def test_a_confirmed_agent_whose_case_is_opened_again_comes_back() -> None:
    stages = Decided("confirmed").work(last_day=60)
    latest = stages.about_anna[-1]
    assert latest.status == "resolved"
    about: dict[str, Any] = {
        "case_id": case_id_of(latest.subject),
        "seen": {latest.alert_id: latest.revision},
    }
    stages.peers.decide(decide("reopen", hours_of(latest) + 1, **about, words="A mistake."))
    for day in range(60, 72):
        stages.day(day, of_a_day(day, "anna", 0, 12))
    assert stages.agents.open_alerts()[PATTERN, "warning"] == 0
    assert matured_among_peers(stages.reviews[-1]) > 72 * 8 * 20


@pytest.mark.parametrize("approver", ["ann.lee@bank.example", "BANK\\ann.lee", "Ann.Lee+2@other"])
@pytest.mark.parametrize("outcome", ["honest", "confirmed"])
def test_one_person_alone_changes_nothing(outcome: str, approver: str) -> None:
    alone, undecided = Decided(outcome, approver=approver).work(), decided("")
    assert alone.decisions
    assert alone.alerts == undecided.alerts
    assert [r.known for r in alone.reviews] == [r.known for r in undecided.reviews]


def test_an_unclear_closing_changes_nothing_but_what_later_alerts_say() -> None:
    unclear, undecided = decided("unclear"), decided("")
    assert [alert.evidence for alert in unclear.alerts] == [a.evidence for a in undecided.alerts]


def run_with(decisions: Sequence[Decision], given_on: Sequence[int], crash_on: int) -> list[Alert]:
    """Return the alerts if decisions are known on some days, and the processes die on one."""
    stages = Stages(QUICK)
    coming = sorted(zip(given_on, range(len(decisions)), strict=True))
    for day in range(LAST_DAY):
        for when, number in coming:
            if when == day:
                stages.peers.decide(decisions[number])
        bad = 6 if day in BAD_DAYS else 0
        stages.receive(day + 1, [*honest(day), *of_a_day(day, "anna", bad, 12 - bad)])
        if day == crash_on:
            agents, peers = stages.agents.snapshot(), stages.peers.snapshot()
            reborn = Stages(QUICK)
            reborn.agents.restore(agents)
            reborn.peers.restore(peers)
            stages.agents, stages.peers = reborn.agents, reborn.peers
    return stages.alerts


@settings(max_examples=8)
@given(data=st.data())
def test_it_does_not_matter_when_before_its_day_a_decision_is_known(data: st.DataObject) -> None:
    outcome = data.draw(st.sampled_from(["honest", "confirmed"]))
    expected = decided(outcome)
    day = day_after(expected.about_anna[0])
    first = data.draw(st.integers(0, day))
    known = [first, data.draw(st.integers(first, day))]  # the log keeps their order
    crash_on = data.draw(st.integers(0, LAST_DAY))
    assert run_with(expected.decisions, known, crash_on) == expected.alerts


def test_a_decision_that_is_known_too_late_counts_from_the_next_day_on() -> None:
    expected = decided("honest")
    day = day_after(expected.about_anna[0])
    late = run_with(expected.decisions, [day + 1, day + 1], crash_on=0)
    resolved = next(alert for alert in late if alert.status == "resolved")
    assert day_of(seconds_at(resolved.updated_at)) == day + 2


def test_decisions_sent_twice_count_once() -> None:
    expected = decided("honest")
    twice = [one for decision in expected.decisions for one in (decision, decision)]
    day = day_after(expected.about_anna[0])
    assert run_with(twice, [day] * 4, crash_on=0) == expected.alerts


@pytest.mark.parametrize("outcome", ["honest", "confirmed", "unclear"])
def test_people_see_the_case_that_the_evidence_follows(outcome: str) -> None:
    stages = decided(outcome)
    book = CaseBook(QUICK.cases)
    for alert in stages.alerts:
        book.add_alert(alert)
    for decision in stages.decisions:
        book.add_decision(decision)
    (case,) = book.cases()
    closings = Closings(QUICK.cases)
    closings.told([a for a in stages.alerts if a.updated_at <= stages.decisions[0].occurred_at])
    closings.decide(stages.decisions)
    closings.told([a for a in stages.alerts if a.updated_at > stages.decisions[0].occurred_at])
    assert closings.confirmed == ({ANNA} if outcome == "confirmed" else frozenset())
    ended = case.closing is not None and case.closing.outcome == outcome
    assert ended or any(entry.woke for entry in case.history)


def test_what_people_found_of_a_pattern_holds_for_its_early_tier_as_well() -> None:
    early, mature = PatternName("quick_cancellation_early"), PATTERN
    for told in (early, mature):
        stages = decided("honest")
        alert = msgspec.structs.replace(stages.about_anna[0], pattern=told)
        closings = Closings(QUICK.cases, QUICK.patterns.early_tiers())
        closings.told([alert])
        honest_of = closings.decide(closing(alert, "honest"))
        assert honest_of == {early: {ANNA}, mature: {ANNA}}


def test_an_alert_names_the_latest_of_those_before_it() -> None:
    stages = decided("")
    first = stages.about_anna[0]
    closings = Closings(QUICK.cases)
    for number in range(MOST_PRIOR + 3):
        alert = msgspec.structs.replace(
            first, alert_id=f"{number:02}", opened_at=first.opened_at + timedelta(days=number)
        )
        (named,) = closings.told([alert])
        prior = named.prior_alerts or ()
        expected = [f"{before:02}" for before in range(number)][-MOST_PRIOR:]
        assert [one.alert_id for one in prior] == expected


def test_a_closing_that_was_taken_back_is_no_outcome_any_more() -> None:
    stages = decided("")
    alert = stages.about_anna[0]
    closings = Closings(QUICK.cases)
    closings.told([alert])
    decisions = closing(alert, "honest")
    closings.decide(decisions)
    other = msgspec.structs.replace(alert, alert_id="other", pattern=PatternName("burst"))
    after = msgspec.structs.replace(other, updated_at=alert.updated_at + timedelta(days=1))
    (named,) = closings.told([after])
    assert [one.outcome for one in named.prior_alerts or ()] == ["honest"]
    # The new alert has opened the case again; a person says that the closing was wrong.
    seen = {alert.alert_id: alert.revision, "other": 1}
    about: dict[str, Any] = {"case_id": decisions[0].case_id, "seen": seen}
    hours = hours_of(after)
    found = {"outcome": "confirmed", "words": "Denied."}
    proposal = decide("propose", hours + 1, **about, **found)
    approval = decide(
        "approve", hours + 2, "bob.ray@bank.example", **about, proposal=proposal.decision_id
    )
    closings.decide([proposal, approval])
    assert closings.confirmed == {ANNA}
    closings.decide([decide("reopen", hours + 3, **about, words="A mistake.")])
    assert closings.confirmed == frozenset()
    (named,) = closings.told([msgspec.structs.replace(after, alert_id="third")])
    assert [one.outcome for one in named.prior_alerts or ()] == [msgspec.UNSET, msgspec.UNSET]


class EndsWithoutAsking(Closings):
    """Follows the newest approval, whoever gave it."""

    def decide(self, decisions: Iterable[Decision]) -> dict[PatternName, frozenset[AgentId]]:
        decisions = list(decisions)
        honest_of = super().decide(decisions)
        kinds = {type(decision).__name__ for decision in decisions}
        return {PATTERN: frozenset({ANNA})} if "Approve" in kinds else honest_of


class Careless(Agents):
    """Follows approvals that were refused."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._closings = EndsWithoutAsking(settings.cases)  # type: ignore[misc] # broken on purpose


def test_the_law_of_four_eyes_catches_a_stage_that_follows_any_approval() -> None:
    alone, undecided = Decided("honest", approver="ann.lee@bank.example"), decided("")
    alone.agents = Careless(QUICK)
    assert alone.work().alerts != undecided.alerts


def test_sales_that_people_have_looked_at_are_not_told_again_when_they_mature() -> None:
    """The window is ten days: what was sold before the closing matures for ten days after it."""
    stages, undecided = Decided("honest"), Decided("")
    for day in range(LAST_DAY):  # the case is closed on the day after the third of these
        bad = 6 if day in range(BAD_DAYS.start, BAD_DAYS.start + 12) else 0
        for run in (stages, undecided):
            run.day(day, of_a_day(day, "anna", bad, 12 - bad))
    assert len({alert.alert_id for alert in stages.about_anna}) == 1
    assert stages.about_anna[-1].status == "resolved"
    assert undecided.about_anna[-1].revision > stages.about_anna[-1].revision
    matured = [matured_among_peers(review) for review in stages.reviews[-5:]]
    assert np.diff(matured).tolist() == [8 * 20 + 12] * 4  # they count for the others


def test_a_flood_of_decisions_is_not_kept_and_changes_nothing() -> None:
    settings = CaseSettings(most_decisions=5)
    alert = decided("").about_anna[0]
    about: dict[str, Any] = {"case_id": case_id_of(alert.subject), "seen": {alert.alert_id: 1}}
    hours = hours_of(alert)
    flood = [
        decide("note", hours, **about, words=f"{n}", decision_id=f"{n % 9}") for n in range(99)
    ]
    closings, book = Closings(settings), CaseBook(settings)
    closings.told([alert])
    book.add_alert(alert)
    for decision in [*flood, *closing(alert, "honest")]:
        closings.decide([decision])
        book.add_decision(decision)
    assert len(closings.state[ANNA].decisions) == 5
    (case,) = book.cases()
    assert case.closing is closings.state[ANNA].closing is None
