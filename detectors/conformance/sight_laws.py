"""Laws of sight: what a detector claims to see, it sees, and little else."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from detectors.conformance.law import law
from detectors.conformance.streams import changed, hostile, ordinary
from detectors.contract.claim import Claim
from detectors.contract.detector import Detector, DetectorConfig
from detectors.contract.observation import STRANGE, Observation

AFTER: Final = 50
"""Ordinary observations between readiness and what a law plants."""

WATCHED: Final = 400
STRANGE_SHARE: Final = 0.05
"""Of `WATCHED` ordinary observations, how many may be found strange."""

SEEDS: Final = 5
SEEN: Final = 4
"""Of `SEEDS` planted changes, how many must be found strange."""

EARLY: Final = 5
"""Where a law puts poison into what a detector warms up on."""

POISONS: Final = ((1e12,), (1e12, -1e12), (1e300,), (-1e300, 1e300, 1e300))


@law("be ready after a number of observations, whatever they are, and never go back")
def becomes_ready_and_stays_ready(config: DetectorConfig) -> Iterator[str]:
    """Be ready when the claim says so, and from then on always."""
    claim = config.claim()
    detector = config.build()
    stream = [
        *ordinary(claim, claim.ready_after + AFTER),
        *changed(claim, AFTER),
        *hostile(claim, AFTER),
        *ordinary(claim, AFTER),
    ]
    was_ready = False
    for place, x in enumerate(stream):
        ready = detector.score_one(x).ready
        if was_ready and not ready:
            yield f"it was ready, and is not at observation {place}"
        if not ready and place >= claim.ready_after:
            yield f"it is not ready after {place} observations, and claims {claim.ready_after}"
        was_ready = ready
        detector.learn_one(x)


@law("score on the scale of the contract: from STRANGE on, you would alert")
def ordinary_is_not_strange(config: DetectorConfig) -> Iterator[str]:
    """Find at most one in twenty ordinary observations strange."""
    claim = config.claim()
    detector = _warm(config, seed=11)
    strange = 0
    for x in ordinary(claim, WATCHED, seed=12, first=claim.ready_after + AFTER):
        strange += detector.score_one(x).value >= STRANGE
        detector.learn_one(x)
    if strange > STRANGE_SHARE * WATCHED:
        yield f"{strange} of {WATCHED} ordinary observations were found strange"


@law("claim less, or see more")
def sees_what_it_claims(config: DetectorConfig) -> Iterator[str]:
    """Find the change that it claims to see strange, as soon as it claims."""
    claim = config.claim()
    best = [_best_of_change(_warm(config, seed), claim, seed) for seed in range(SEEDS)]
    if sum(value >= STRANGE for value in best) < SEEN:
        yield f"the highest scores in {claim.seen_within} changed observations were {best}"


@law("limit how far one observation can move the state, and recompute what is un-added")
def sees_again_after_any_value(config: DetectorConfig) -> Iterator[str]:
    """See at least half as well as a twin that was spared a few huge values."""
    claim = config.claim()
    for poison, place in product(POISONS, (EARLY, claim.ready_after + AFTER)):
        left = _sight_after(config, poison, place)
        sight = _sight_after(config, None, place)
        if left < sight / 2.0:
            yield f"after {poison} at {place} a change scores {left}, with a spared twin {sight}"


def _sight_after(config: DetectorConfig, poison: tuple[float, ...] | None, place: int) -> float:
    """Return the best score of a change after a stream with `poison` in it at `place`."""
    claim = config.claim()
    detector = config.build()
    stream = ordinary(claim, claim.ready_after + 2 * AFTER, seed=21)
    for offset, value in enumerate(poison or ()):
        x = stream[place + offset]
        stream[place + offset] = Observation(x.at, (value,) * len(x.values))
    for x in stream:
        detector.learn_one(x)
    return _best_of_change(detector, claim, seed=24)


def _warm(config: DetectorConfig, seed: int) -> Detector:
    claim = config.claim()
    detector = config.build()
    for x in ordinary(claim, claim.ready_after + AFTER, seed):
        detector.learn_one(x)
    return detector


def _best_of_change(detector: Detector, claim: Claim, seed: int) -> float:
    best = 0.0
    for x in changed(claim, claim.seen_within, seed, first=claim.ready_after + 3 * AFTER):
        best = max(best, detector.score_one(x).value)
        detector.learn_one(x)
    return best
