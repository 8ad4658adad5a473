"""A picture shows the days around an alert, and what was told on them."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import Day, day_name
from streams.explain.chart import LEAST_MARGIN, day_number
from streams.explain.course import Course
from tests.streams.explain.agent_course import FIRST, RULES, change, chart_of, open_chart, revision


def test_an_open_alert_is_shown_from_before_its_start_to_the_last_day_without_gaps() -> None:
    chart = open_chart()
    shown = [point.day for point in chart.points]
    assert shown == list(range(FIRST + 60 - LEAST_MARGIN, FIRST + 100))
    assert chart.likely_start == FIRST + 60


def test_points_carry_the_recomputed_evidence_and_add_up_what_was_observed_and_expected() -> None:
    outcomes, chart = change(60, 100), open_chart()
    course = {
        day.day: day.evidence for day in Course(outcomes, [], RULES, Day(FIRST + 99), ()).days
    }
    assert [point.evidence for point in chart.points] == [course[p.day] for p in chart.points]
    counted = [outcome for outcome in outcomes if outcome.day >= chart.points[0].day]
    assert chart.points[-1].bad == sum(outcome.bad for outcome in counted)
    assert round(chart.points[-1].expected, 6) == round(0.1 * len(counted), 6)
    assert chart.points[0].bad == sum(o.bad for o in counted if o.day == chart.points[0].day)


def test_marks_say_what_was_new_about_each_revision() -> None:
    told = [
        revision(1, 70, "warning", "open", 60),
        revision(2, 74, "warning", "open", 61),
        revision(3, 75, "critical", "open", 61),
        revision(4, 90, "critical", "resolved", 61),
    ]
    marks = chart_of(change(60, 200), told, 200).marks
    assert [(mark.day - FIRST, mark.revision, mark.news) for mark in marks] == [
        (70, 1, "opened"),
        (74, 2, "updated"),
        (75, 3, "critical"),
        (90, 4, "resolved"),
    ]


def test_what_opens_as_critical_says_both() -> None:
    (mark,) = chart_of(change(1, 20), [revision(1, 15, "critical", "open", 1)], 20).marks
    assert mark.news == "opened, critical"


def test_a_resolved_alert_ends_the_picture_soon_after() -> None:
    told = [revision(1, 70, "warning", "open", 60), revision(2, 90, "warning", "resolved", 60)]
    points = chart_of(change(60, 300, until=70), told, 300).points
    assert points[-1].day == FIRST + 90 + LEAST_MARGIN


def test_the_opening_is_shown_even_if_the_start_is_now_seen_later() -> None:
    told = [revision(1, 30, "warning", "open", 28), revision(2, 90, "warning", "open", 80)]
    points = chart_of(change(20, 100), told, 100).points
    assert points[0].day < FIRST + 30


def test_without_outcomes_there_is_no_point() -> None:
    chart = chart_of([], [revision(1, 30, "warning", "open", 28)], 40)
    assert chart.points == ()


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_the_number_of_a_day_is_the_inverse_of_its_name(day: date) -> None:
    assert day_name(day_number(day.isoformat())) == day.isoformat()
