"""What stands in a report, in which order, and what its headline says."""

from datetime import timedelta
from itertools import permutations
from typing import Final

from msgspec.structs import replace

from streams.reports.contents import contents_of, whom_it_waits_for
from streams.reports.findings import Findings
from streams.reports.letter import subject
from streams.reports.unseen import Unseen
from tests.streams.reports.reported import (
    DAY,
    EVIDENCE,
    OPENED,
    about_account,
    about_agent,
    case_about,
    contents_with,
    growing,
)

FIRST: Final = ("c", "waits for another person than ann to approve or reject")
MIDDLE: Final = (("b", "waits for somebody to take it"), ("d", "waits for bob"))
LAST: Final = ("a", "is snoozed until 2025-06-01 by ann")


def test_the_subject_counts_and_names_nobody() -> None:
    contents = contents_with(
        about_agent("agent-1", severity="critical"),
        about_agent("agent-1", pattern="quick_cancellation_early"),
        about_agent("agent-2", severity="critical"),
        *(about_agent(f"agent-{number}") for number in (3, 4, 5)),
        unseen=Unseen(sources=("No cancellations were read.",)),
    )
    assert subject(contents) == "Aboveboard: 2 critical, 3 warnings, 1 source not seen"


def test_without_a_finding_the_subject_says_so_and_what_was_not_seen() -> None:
    lost = Unseen(lost=("3 records were refused.", "A file has no ending."))
    assert subject(contents_with()) == "Aboveboard: no open warning"
    assert subject(contents_with(unseen=lost)) == (
        "Aboveboard: no open warning, 2 gaps in what was read"
    )


def test_agents_stand_by_severity_then_by_strength_with_all_their_alerts() -> None:
    contents = contents_with(
        about_agent("weak"),
        about_agent("strong", evidence=replace(EVIDENCE, rate_ratio_low=1.9)),
        about_agent("critical", pattern="quick_cancellation_early"),
        about_agent("critical", severity="critical"),
        about_agent("changed", pattern="volume_shift", severity="info"),
        about_agent("ended", status="resolved"),
        about_agent("changed back", pattern="volume_shift", severity="info", status="resolved"),
    )
    assert [agent.subject.id for agent in contents.agents] == ["critical", "strong", "weak"]
    critical = contents.agents[0]
    assert [finding.alert.severity for finding in critical.findings] == ["critical", "warning"]
    assert len(critical.first_of_pattern()) == len(critical.repeated()) == 1
    assert [one.alert.subject.id for one in contents.changes] == ["changed"]
    assert [one.alert.subject.id for one in contents.ended] == ["ended"]
    assert contents.ended_changes == 1


def test_a_later_revision_takes_the_place_of_an_earlier_one_and_no_older_one_does() -> None:
    first, second = growing(about_agent(), 200_000.0, 300_000.0)
    for order in ((first, second), (first, second, first), (second, first)):
        (agent,) = contents_with(*order).agents
        assert agent.findings[0].alert == second


def test_new_is_what_was_told_first_since_then() -> None:
    first, second = growing(about_agent(), 200_000.0, 300_000.0)
    since = OPENED + 1.5 * DAY
    assert contents_with(first, second, since=since).new() == []
    assert len(contents_with(first, second, since=OPENED + DAY).new()) == 1
    # Its first revision was cleaned away: then the day on which it opened decides.
    assert contents_with(second, since=since).new() == []
    assert len(contents_with(second, since=OPENED).new()) == 1
    assert contents_with(first).new() == []


def test_what_ended_before_is_left_out() -> None:
    ended = about_agent("old", status="withdrawn", updated_at=OPENED)
    late = about_agent("late", status="resolved", updated_at=OPENED + 2 * DAY)
    shown = contents_with(ended, late, since=OPENED + DAY).ended
    assert [one.alert.subject.id for one in shown] == ["late"]


def test_accounts_are_counted_by_agent_the_most_first() -> None:
    contents = contents_with(
        *(about_account(f"a-{number}", "many") for number in range(7)),
        *(about_account(f"b-{number}", None) for number in range(2)),
        about_account("c", "few"),
        about_account("c", "few", status="withdrawn", revision=2),
        about_account("d", "few"),
    )
    assert [(one.agent_id, one.open) for one in contents.accounts] == [
        ("many", 7),
        (None, 2),
        ("few", 1),
    ]
    assert contents.open_accounts() == len(contents.newest_accounts) == 10
    assert contents.ended_accounts == (0, 1)


def test_what_was_deleted_stands_nowhere() -> None:
    findings = Findings()
    for alert in (about_agent(), about_account("a-1")):
        findings.add(alert, OPENED)
        findings.forget(alert.alert_id)
    contents = contents_of(findings, Unseen(), judged_until=None)
    assert (contents.agents, contents.accounts) == ((), ())


def test_cases_say_whom_they_wait_for_and_the_most_pressing_come_first() -> None:
    cases = (
        case_about("a", "snoozed", assignee="ann"),
        case_about("b", "open"),
        case_about("c", "proposed", proposed_by="ann"),
        case_about("d", "open", assignee="bob"),
        case_about("e", "closed"),
        case_about("f", "resolved"),
        case_about("g", "open", severity="info"),
    )
    waiting = contents_with(about_agent("c"), cases=cases).waiting
    assert [(case.subject.id, whom_it_waits_for(case)) for case in waiting] in (
        [FIRST, *middle, LAST] for middle in permutations(MIDDLE)
    )


def test_a_card_knows_its_case() -> None:
    (agent,) = contents_with(about_agent("c"), cases=(case_about("c", assignee="ann"),)).agents
    assert agent.case is not None
    assert whom_it_waits_for(agent.case) == "waits for ann"


def test_since_is_no_part_of_what_is_open() -> None:
    alert = about_agent()
    assert (
        contents_with(alert, since=OPENED + timedelta(days=99)).agents[0].findings[0].alert == alert
    )
