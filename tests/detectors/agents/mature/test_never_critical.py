"""A pattern may warn and never accuse; then it takes nothing from the discoveries of others."""

from collections.abc import Sequence
from typing import ClassVar, Final

from msgspec import structs

from detectors.basis.identifiers import PatternName
from detectors.patterns import Patterns
from detectors.patterns.account.excluded_share import ExcludedShare
from detectors.patterns.judged import Severity
from tests.detectors.agents.test_stage import PATTERN, QUICK, Stages, honest, of_a_day

DAYS: Final = 48
EXCUSED: Final = ExcludedShare.name


class Accusing(ExcludedShare, frozen=True, kw_only=True):
    """Broken on purpose: reasons that nobody has looked at accuse."""

    severest: ClassVar[Severity] = "critical"


def told(pattern: ExcludedShare, both: frozenset[PatternName], bad_days: int = 12) -> Stages:
    """Return the stages after an agent who goes bad by some patterns, for so many days."""
    stages = Stages(structs.replace(QUICK, patterns=Patterns(excluded_share=pattern)))
    for day in range(DAYS):
        bad = 6 if 20 <= day < 20 + bad_days else 0
        anna = of_a_day(day, "anna", bad, 12 - bad)
        calm = of_a_day(day, "anna", 0, 12)
        outcomes = [
            structs.replace(one, pattern=name)
            for name in (PATTERN, EXCUSED)
            for one in [*honest(day), *(anna if name in both else calm)]
        ]
        stages.receive(day + 1, outcomes)
    return stages


def severities(stages: Stages, name: PatternName) -> set[str]:
    return {alert.severity for alert in stages.alerts if alert.pattern == name}


def thresholds(stages: Stages) -> Sequence[float]:
    return [review.discovery_threshold for review in stages.reviews]


def test_it_warns_and_accuses_nobody() -> None:
    stages = told(ExcludedShare(enabled=True), frozenset({EXCUSED}))
    assert severities(stages, EXCUSED) == {"warning"}
    assert severities(told(Accusing(enabled=True), frozenset({EXCUSED})), EXCUSED) == {
        "warning",
        "critical",
    }


def test_who_is_accused_by_others_is_the_same_with_it() -> None:
    both = frozenset({PATTERN, EXCUSED})
    own = frozenset({PATTERN})
    alone = told(ExcludedShare(enabled=True), own)
    beside = told(ExcludedShare(enabled=True), both)
    assert severities(beside, PATTERN) == severities(alone, PATTERN) == {"warning", "critical"}
    assert severities(beside, EXCUSED) == {"warning"}
    assert thresholds(beside) == thresholds(alone)
    assert any(
        thresholds(told(Accusing(enabled=True), own, days))
        != thresholds(told(ExcludedShare(enabled=True), own, days))
        for days in range(1, 12)
    )
