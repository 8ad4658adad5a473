"""Agents and peers together: from outcomes to alerts."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from detectors.agents.alerting.judgement import Judgement
from detectors.agents.alerting.open_alerts import PERIOD
from detectors.agents.stage import Agents
from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import RateEvidence
from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import DAY, Day, Seconds, start_of_day
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.messages.outcomes import DayReview, Outcome, OutcomeBundle
from detectors.peers.stage import Peers
from detectors.settings import EvidenceSettings, Settings
from tests.detectors.definition import facts
from tests.detectors.installation import Installation
from tests.detectors.patterns.examples import ON_SALES
from tests.detectors.peers.columns import added_by_cell, by_cell
from tests.detectors.worlds import END, SETTINGS, crowd, late_orders

PATTERN = PatternName("quick_cancellation")


class Stages:
    """One agents partition and its peers stage."""

    def __init__(self, chosen: Settings) -> None:
        self.seen = list[Judgement]()
        self.agents = Agents(chosen, seen=self.seen)
        self.peers = Peers(chosen)
        self.reviews: list[DayReview] = []
        self.alerts: list[Alert] = []

    def receive(self, until: float, outcomes: Sequence[Outcome] = ()) -> list[Alert]:
        """Receive what matured before so many days; return the alerts that follow."""
        self.agents.receive(OutcomeBundle(0, Seconds(until * DAY), list(outcomes)))
        told: list[Alert] = []
        output = self.agents.drain()
        while output.reports or output.alerts:
            told += output.alerts
            for report in output.reports:
                for review in self.peers.receive(report):
                    self.reviews.append(review)
                    self.agents.review(review)
            output = self.agents.drain()
        self.alerts += told
        return told


def of_a_day(day: int, agent: str, bad: int, good: int, start: str = "") -> list[Outcome]:
    return [
        Outcome(
            PATTERN,
            SaleId(f"{agent} {start}{day} {number}"),
            AgentId(agent),
            Cell("card"),
            start_of_day(Day(day)) + DAY / 2 + number,
            start_of_day(Day(day)) + DAY / 2 + number,
            Verdict.BAD if number < bad else Verdict.GOOD,
            (f"event {agent} {day} {number}",) if number < bad else (),
        )
        for number in range(bad + good)
    ]


def honest(day: int) -> list[Outcome]:
    return [told for number in range(8) for told in of_a_day(day, f"honest {number}", 1, 19)]


QUICK = Settings(
    evidence=EvidenceSettings(
        review_every="5d",
        resolve_after="10d",
        false_alarms_per_1000_agent_years=20,
        tempering=1.0,
    )
)


def tried(bad_days: range, last_day: int, more_bad: frozenset[int] = frozenset()) -> Stages:
    """Return the stages after an agent whose sales are bad on some days."""
    stages = Stages(QUICK)
    for day in range(last_day):
        bad = 6 if day in bad_days or day in more_bad else 0
        stages.receive(day + 1, [*honest(day), *of_a_day(day, "anna", bad, 12 - bad)])
    return stages


def test_the_life_of_an_alert() -> None:
    stages = tried(range(20, 24), 120)
    assert {alert.subject.id for alert in stages.alerts} == {"anna"}
    assert len({alert.alert_id for alert in stages.alerts}) == 1
    assert [alert.revision for alert in stages.alerts] == list(range(1, len(stages.alerts) + 1))
    assert [alert.status for alert in stages.alerts][-1] == "resolved"
    assert {alert.status for alert in stages.alerts[:-1]} == {"open"}
    assert stages.agents.open_alerts()[PATTERN, "critical"] == 0
    opened, *_, resolved = stages.alerts
    assert opened.updated_at == opened.opened_at == resolved.opened_at
    *_, quiet, resolved = stages.alerts
    assert quiet.quiet_since is not UNSET
    assert resolved.ending == "evidence_fell"
    strong = [alert for alert in stages.alerts[:-1] if alert.quiet_since is UNSET]
    observed = [alert.evidence.observed for alert in strong]
    assert observed == sorted(observed)


def test_a_new_episode_is_a_new_alert() -> None:
    stages = tried(range(20, 23), 200, more_bad=frozenset(range(150, 153)))
    opened = [alert for alert in stages.alerts if alert.revision == 1]
    resolved = [alert for alert in stages.alerts if alert.status == "resolved"]
    assert len(opened) == 2
    assert len({alert.alert_id for alert in opened}) == 2
    assert opened[0].opened_at < resolved[0].updated_at < opened[1].opened_at


def test_an_alert_becomes_critical_only_after_a_review_day() -> None:
    begun = set()
    for begin in range(20, 29, 2):
        stages = tried(range(begin, begin + 8), begin + 20)
        first = next(alert for alert in stages.alerts if alert.severity == "critical")
        day = int(first.updated_at.timestamp() // DAY) - 1
        assert (day - 1) % 5 == 0
        thresholds = {r.day: r.discovery_threshold for r in stages.reviews}
        assert thresholds[Day(day)] < float("inf")
        assert all(thresholds[day] == float("inf") for day in thresholds if (day - 1) % 5)
        assert evidence_of(first, RateEvidence).rate_ratio_low > QUICK.evidence.smallest_rate_ratio
        begun.add(day)
    assert len(begun) > 1


def test_evidence_begins_anew_after_a_period_of_honesty() -> None:
    stages = Stages(QUICK)
    for day in range(PERIOD + 20):
        stages.receive(day + 1, [*honest(day), *of_a_day(day, "anna", 0, 3)])
    levels = [j.evidence for j in stages.seen if j.agent_id == "anna"]
    days = [j.day for j in stages.seen if j.agent_id == "anna"]
    assert stages.alerts == []
    last_before = levels[days.index(Day(PERIOD)) - 1]
    first_after = levels[days.index(Day(PERIOD))]
    assert first_after < 1.2 < last_before


def test_a_correction_takes_the_evidence_back_and_the_alert_is_withdrawn() -> None:
    stages = Stages(QUICK)
    bad = [told for day in (20, 21) for told in of_a_day(day, "anna", 12, 0)]
    for day in range(20):
        stages.receive(day + 1, honest(day))
    stages.receive(22, bad)
    assert {alert.status for alert in stages.alerts} == {"open"}
    taken_back = [
        msgspec.structs.replace(
            told, known_at=22.5 * DAY, verdict=Verdict.EXCLUDED, before=Verdict.BAD, event_ids=()
        )
        for told in bad
    ]
    [withdrawn] = stages.receive(23, taken_back)
    assert (withdrawn.status, withdrawn.alert_id) == ("withdrawn", stages.alerts[0].alert_id)
    assert "24 were taken back (24 do not count any more, by later records)" in withdrawn.summary
    said = evidence_of(withdrawn, RateEvidence)
    assert (said.matured, said.observed, said.expected, said.value) == (0, 0, 0.0, 0.0)
    assert withdrawn.event_ids == ()
    assert [told for day in range(24, 40) for told in stages.receive(day)] == []


def test_an_outcome_that_was_corrected_to_bad_is_among_the_events_of_the_alert() -> None:
    stages = Stages(QUICK)
    for day in range(20):
        stages.receive(day + 1, honest(day))
    good = of_a_day(20, "anna", 0, 1, "corrected ")
    stages.receive(21, good)
    corrected = msgspec.structs.replace(
        good[0],
        known_at=21.4 * DAY,
        verdict=Verdict.BAD,
        before=Verdict.GOOD,
        event_ids=("the late event",),
    )
    [alert] = stages.receive(22, [corrected, *of_a_day(21, "anna", 9, 0)])
    assert alert.evidence.observed == 10
    assert alert.event_ids[0] == "the late event"
    assert len(alert.event_ids) == 10


def totals_in_the_end(stages: Installation) -> dict[PatternName, dict[Cell, list[int]]]:
    """Return matured and bad outcomes by pattern and cell."""
    merged: dict[PatternName, dict[Cell, list[int]]] = {}
    for report in (report for channel in stages.peers.reports for report in channel):
        for pattern in map(PatternName, ON_SALES):
            if pattern in report.totals:
                known = merged.setdefault(pattern, {})
                for cell, (matured, bad) in added_by_cell(report.totals[pattern]).items():
                    total = known.setdefault(cell, [0, 0])
                    total[0] += matured
                    total[1] += bad
    return {
        pattern: {cell: total for cell, total in cells.items() if total[0]}
        for pattern, cells in merged.items()
    }


@given(data=st.data())
def test_late_events_lead_to_the_totals_that_events_in_time_lead_to(data: st.DataObject) -> None:
    randoms = st.randoms(use_true_random=True)
    events = data.draw(randoms.map(lambda random: crowd(random, 40, alike=False)))
    random = data.draw(st.randoms(use_true_random=True))
    late = Installation(data.draw(late_orders(events)), 1)
    late.run(random, until=END)
    expected: dict[PatternName, dict[Cell, list[int]]] = {}
    for fact in facts(events, END):
        total = expected.setdefault(PatternName(fact.pattern), {}).setdefault(
            Cell(fact.cell), [0, 0]
        )
        total[0] += 1
        total[1] += fact.verdict is Verdict.BAD
    assert totals_in_the_end(late) == expected, "late events were counted otherwise"


def test_the_size_of_a_snapshot_stops_growing() -> None:
    sizes = []
    stages = Stages(QUICK)
    for day in range(400):
        stages.receive(day + 1, [*honest(day), *of_a_day(day, "anna", day % 2, 3)])
        sizes.append(len(stages.agents.snapshot()))
    assert max(sizes[300:]) <= 1.1 * max(sizes[50:100])
    assert len(stages.peers.snapshot()) < 2_000


def test_a_snapshot_under_other_settings_is_refused() -> None:
    with pytest.raises(IncompatibleSnapshot, match="settings"):
        Agents(Settings()).restore(Agents(SETTINGS).snapshot())


@pytest.mark.parametrize("snapshot", [b"", b"\x80", b"nonsense"])
def test_what_is_no_snapshot_is_refused(snapshot: bytes) -> None:
    with pytest.raises(IncompatibleSnapshot, match="not a snapshot"):
        Agents(SETTINGS).restore(snapshot)


def test_sales_without_an_agent_count_for_the_others_expectation_alone() -> None:
    stages = Stages(QUICK)
    nobody = [msgspec.structs.replace(told, agent_id=None) for told in of_a_day(0, "x", 5, 5)]
    stages.receive(1, nobody)
    known = by_cell(stages.reviews[-1].known[PATTERN].of_peers())[Cell("card")]
    assert (known.matured, known.bad) == (10, 5)
    assert stages.seen == []
    assert stages.agents.judged_until == 1 * DAY
