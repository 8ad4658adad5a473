"""Pictures show what the sentences say, and stay inside their frame."""

import re

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.reports.figures import figures_of
from streams.reports.findings import Findings
from streams.reports.pictures import comparison, course
from tests.streams.reports.reported import EVIDENCE, OPENED, SHIFT, about_agent, early, growing


def course_of(*values: float) -> str | None:
    findings = Findings()
    for alert in growing(about_agent(), *values):
        findings.add(alert, OPENED)
    return course(findings.about_agents()[0])


def numbers(name: str, drawing: str) -> list[float]:
    return [float(number) for number in re.findall(rf' {name}="(-?[\d.]+)"', drawing)]


def test_bars_are_as_long_as_the_figures_are_large() -> None:
    drawing = comparison(figures_of(about_agent()))
    assert drawing is not None
    counted, estimate, peers = numbers("width", drawing)
    assert round(counted / peers, 1) == 4.0
    assert round(estimate / peers, 1) == 3.2
    for label in ("As counted: 20 % (12 of 60)", "Best estimate: 16 % (8.0 % to 25 %)"):
        assert f">{label}<" in drawing
    assert ">Peers: 5.0 %<" in drawing


def test_without_expectation_there_is_no_bar() -> None:
    assert comparison(figures_of(about_agent(evidence=SHIFT))) is None


def test_one_revision_is_no_course() -> None:
    assert course_of(200_000.0) is None
    drawing = course_of(200_000.0, 2_000_000.0)
    assert drawing is not None
    assert drawing.count("<circle") == 2
    assert drawing.count("a warning begins here") == 1
    low, high = numbers("cy", drawing)
    assert high < low  # the page counts from above


@given(st.lists(st.floats(0.001, 1e9), min_size=2, max_size=9))
def test_a_course_stays_in_its_frame_and_has_few_lines(values: list[float]) -> None:
    drawing = course_of(*values)
    assert drawing is not None
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawing)
    assert box is not None
    assert all(0 <= x <= float(box[1]) for x in numbers("cx", drawing))
    assert all(0 <= y <= float(box[2]) for y in numbers("cy", drawing))
    assert drawing.count("<line") <= 14
    assert drawing.count('class="threshold"') == 1


@given(
    observed=st.integers(0, 500),
    expected=st.floats(0.001, 500.0),
    is_early=st.booleans(),
)
def test_bars_stay_in_their_frame(observed: int, expected: float, *, is_early: bool) -> None:
    mature = replace(EVIDENCE, observed=observed, expected=expected, matured=500)
    evidence = early(mature) if is_early else mature
    drawing = comparison(figures_of(about_agent(evidence=evidence)))
    assert drawing is not None
    assert all(0 < width <= 360 for width in numbers("width", drawing))


def test_evidence_of_zero_is_left_out_of_a_course_whose_scale_has_no_zero() -> None:
    assert course_of(0.0, 0.0) is None
    drawing = course_of(200_000.0, 0.0, 400_000.0)
    assert drawing is not None
    assert drawing.count("<circle") == 2
