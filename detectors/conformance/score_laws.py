"""Laws of a single score, and of what a detector may be shown."""

from collections.abc import Iterator
from math import isfinite
from typing import Final

from detectors.basis.errors import InvalidObservation
from detectors.conformance.law import law
from detectors.conformance.streams import changed, hostile, moment, ordinary
from detectors.contract.claim import Claim
from detectors.contract.detector import Detector, DetectorConfig, Explaining
from detectors.contract.observation import Observation

SOME: Final = 40
"""Observations of each kind that a law shows."""


@law("answer Score(0.0, ready=False) until something has been learned")
def scores_before_it_has_learned(config: DetectorConfig) -> Iterator[str]:
    """Score the first observation of all, and say that it is not ready."""
    claim = config.claim()
    for x in (*ordinary(claim, 1), *changed(claim, 1), *hostile(claim, SOME)):
        score = config.build().score_one(x)
        if score.ready:
            yield f"it is ready before it has learned anything, at {x}"
        if not _within_range(score.value):
            yield f"it gives {score} before it has learned anything, at {x}"


@law("let score_one, and explain_one, work on a copy of what they would change")
def scoring_changes_nothing(config: DetectorConfig) -> Iterator[str]:
    """Change nothing by scoring or explaining: neither the snapshot nor a later score."""
    claim = config.claim()
    questioned, left_alone = config.build(), config.build()
    stream = _all_kinds(claim)
    questions = (*ordinary(claim, 2, seed=5), *changed(claim, 2), *hostile(claim, 6))
    for place, x in enumerate(stream):
        questioned.learn_one(x)
        left_alone.learn_one(x)
        if place % SOME == 0:
            before = questioned.snapshot()
            for question in questions:
                questioned.score_one(question)
                if isinstance(questioned, Explaining):
                    questioned.explain_one(question)
            if questioned.snapshot() != before:
                yield f"scoring changed the snapshot after observation {place}"
    for question in questions:
        if questioned.score_one(question) != left_alone.score_one(question):
            yield f"one that was asked often scores {question} otherwise than one that was not"


@law("hold values before arithmetic that can overflow, and scale the result into [0, 1]")
def scores_stay_within_range(config: DetectorConfig) -> Iterator[str]:
    """Score within [0, 1] whatever finite numbers come, in the values and in the time."""
    claim = config.claim()
    detector = config.build()
    stream = [
        *hostile(claim, SOME, seed=3),
        *_all_kinds(claim),
        *hostile(claim, SOME, seed=4),
        *(
            Observation(at, x.values)
            for at, x in zip((1e300, -1e300, 0.0), hostile(claim, 3), strict=True)
        ),
        *ordinary(claim, SOME),
    ]
    yield from _faults(detector, stream)


@law("take seeds from the config and time from the observation, nothing from the machine")
def same_stream_same_scores(config: DetectorConfig) -> Iterator[str]:
    """Return equal scores for equal streams."""
    stream = _all_kinds(config.claim())
    first, second = config.build(), config.build()
    once = [_taken(first, x) for x in stream]
    again = [_taken(second, x) for x in stream]
    for place, (left, right) in enumerate(zip(once, again, strict=True)):
        if left != right:
            yield f"observation {place} of one stream scored {left}, then {right}"


@law("read the values through Observation.of_width, in both verbs")
def refuses_another_width(config: DetectorConfig) -> Iterator[str]:
    """Refuse more values than the config says, and learn nothing of them."""
    claim = config.claim()
    detector = config.build()
    for x in ordinary(claim, SOME):
        detector.learn_one(x)
    before = detector.snapshot()
    wider = Observation(x.at, (*x.values, 1.0))
    for verb in (detector.score_one, detector.learn_one):
        try:
            verb(wider)
        except InvalidObservation:
            continue
        yield f"{verb.__name__} took {len(wider.values)} values for {len(x.values)}"
    if detector.snapshot() != before:
        yield "what was refused changed the snapshot"


@law("expect no time between observations: never divide by it")
def time_may_stand_still(config: DetectorConfig) -> Iterator[str]:
    """Bear observations of one moment, and the same observation twice."""
    claim = config.claim()
    detector = config.build()
    stream = [Observation(moment(claim, 0), x.values) for x in _all_kinds(claim)]
    yield from _faults(detector, stream)
    yield from _faults(detector, [x for x in _all_kinds(claim) for _ in range(2)])


@law("treat an earlier time as late news: use the latest time seen, or leave time alone")
def time_may_go_back(config: DetectorConfig) -> Iterator[str]:
    """Bear observations that come late, one by one and all backwards."""
    claim = config.claim()
    stream = _all_kinds(claim)
    late = [stream[place ^ 1] for place in range(len(stream) // 2 * 2)]
    yield from _faults(config.build(), late)
    yield from _faults(config.build(), stream[::-1])


def _all_kinds(claim: Claim) -> list[Observation]:
    """Return a stream that warms a detector up, shows it a change, and what nobody expects."""
    warm = claim.ready_after + SOME
    return [
        *ordinary(claim, warm),
        *changed(claim, SOME, first=warm),
        *hostile(claim, SOME, first=warm + SOME),
        *ordinary(claim, SOME, seed=2, first=warm + 2 * SOME),
    ]


def _taken(detector: Detector, x: Observation) -> tuple[float, bool]:
    score = detector.score_one(x)
    detector.learn_one(x)
    return score.value, score.ready


def _faults(detector: Detector, stream: list[Observation]) -> Iterator[str]:
    for place, x in enumerate(stream):
        value, _ = _taken(detector, x)
        if not _within_range(value):
            yield f"observation {place}, {x}, scored {value}"


def _within_range(value: float) -> bool:
    return isfinite(value) and 0.0 <= value <= 1.0
