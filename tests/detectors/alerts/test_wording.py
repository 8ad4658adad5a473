"""What was counted and the best estimate never contradict each other in the sentence."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from detectors.alerts.alert import Subject
from detectors.alerts.wording import early_sentence, subject_sentence
from detectors.basis.identifiers import AgentId
from detectors.evidence.rate_ratio import RateRatio, shrunk_rate_ratio

Sentence = Callable[[int, float, RateRatio], str]

COUNTS: Final = st.integers(0, 5_000)
EXPECTED: Final = st.floats(0.001, 5_000.0)
SPREADS: Final = st.floats(0.25, 1.0)


def at_maturity(observed: int, expected: float, ratio: RateRatio) -> str:
    return subject_sentence(
        subject=Subject("agent", "anna"),
        unit_phrase="sales whose window ended",
        outcome_phrase="cancelled within 10 days",
        matured=10_000,
        observed=observed,
        expected=expected,
        ratio=ratio,
        likely_start="2025-03-01",
    )


def early(observed: int, expected: float, ratio: RateRatio) -> str:
    return early_sentence(
        agent_id=AgentId("anna"),
        outcome_phrase="ended within 10 days",
        observed=observed,
        expected=expected,
        ratio=ratio,
        likely_start="2025-03-01",
    )


def shrunk_as_if_counted(observed: int, expected: float, ratio: RateRatio) -> str:
    """Say what stood in the sentence once: of a shrunk figure that it is what the counts are."""
    return at_maturity(observed, expected, ratio).replace(
        f"that is {observed / expected:,.1f} times", f"that is {ratio.estimate:.1f} times"
    )


def coarse(observed: int, expected: float, ratio: RateRatio) -> str:
    """Round the expectation so far that a reader who divides finds another figure."""
    told = at_maturity(observed, expected, ratio)
    return re.sub(r"where [\d,.e+-]+ would", f"where {expected:.0f} would", told)


def without_reason(observed: int, expected: float, ratio: RateRatio) -> str:
    """Say what stood in the sentence once: an interval far from the counts, and not why."""
    return re.sub(r" The count lies .* chance\.", "", at_maturity(observed, expected, ratio))


def beyond_the_counts(observed: int, expected: float, ratio: RateRatio) -> str:
    """Tell the upper limit as the estimate."""
    return at_maturity(observed, expected, replace(ratio, estimate=ratio.upper))


def figures_agree(sentence: Sentence, observed: int, expected: float, spread: float) -> None:
    ratio = shrunk_rate_ratio(observed, expected, spread)
    told = sentence(observed, expected, ratio)
    found = re.search(
        r"where (\S+) would .*As counted, that is (\S+) times as often.*estimate is (\S+) times "
        r"\(90 % interval (\S+) to (\S+)\)\.( The count lies (above|below))?",
        told,
    )
    assert found, told
    figures = (float(number.replace(",", "")) for number in found.groups()[:5])
    divisor, counted, best, lower, upper = figures
    assert counted == pytest.approx(observed / divisor, rel=0.006, abs=0.051), told
    # The best estimate is what lies between the peers (1) and the counts, and within its interval.
    assert min(1.0, counted) <= best <= max(1.0, counted), told
    assert lower <= best <= upper, told
    # Whoever sees a count outside the interval reads why on the spot.
    if not lower <= counted <= upper:
        assert found[7] == ("above" if counted > upper else "below"), told
    elif lower < counted < upper:
        assert found[7] is None, told


@pytest.mark.parametrize("sentence", [at_maturity, early])
@given(observed=COUNTS, expected=EXPECTED, spread=SPREADS)
def test_who_divides_finds_what_is_told_and_the_estimate_lies_between(
    sentence: Sentence, observed: int, expected: float, spread: float
) -> None:
    figures_agree(sentence, observed, expected, spread)


@pytest.mark.parametrize(
    ("broken", "observed", "expected"),
    [
        (shrunk_as_if_counted, 26, 1.45),
        (coarse, 26, 1.45),
        (without_reason, 3, 0.1),
        (beyond_the_counts, 26, 1.45),
    ],
)
def test_the_law_catches_a_sentence_that_contradicts_itself(
    broken: Sentence, observed: int, expected: float
) -> None:
    with pytest.raises(AssertionError):
        figures_agree(broken, observed, expected, 0.25)


def test_what_many_outcomes_say_is_not_drawn_back_to_the_peers() -> None:
    told = at_maturity(20, 1.3, shrunk_rate_ratio(20, 1.3, 0.25))
    assert "that is 15.4 times as often as among peers" in told
    assert "best estimate is 13.3 times (90 % interval 8.8 to 18.1). A pattern" in told


def test_without_anything_expected_no_multiple_is_told_as_counted() -> None:
    told = at_maturity(0, 0.0, shrunk_rate_ratio(0, 0.0, 0.25))
    assert "As counted" not in told
    assert "where 0.0 would be expected" in told
