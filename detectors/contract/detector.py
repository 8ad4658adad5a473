"""The contract of detectors: two verbs, a snapshot, and a config that builds."""

from typing import Protocol, runtime_checkable

from detectors.contract.claim import Claim
from detectors.contract.observation import Observation, Score


class Detector(Protocol):
    """Learns what is ordinary from one stream of observations.

    The caller may show any observation of the right width, in any order of time, and may score what
    is never learned. `InvalidObservation` is the only error, for another width.
    """

    def score_one(self, x: Observation) -> Score:
        """Return how strange the stream looks with `x` as its next observation; change nothing."""
        ...

    def learn_one(self, x: Observation) -> None:
        """Take `x` in."""
        ...

    def snapshot(self) -> bytes:
        """Return all of the state; equal states give equal bytes."""
        ...


@runtime_checkable
class Explaining(Protocol):
    """What a detector may offer beside: words of its own about what it finds strange."""

    def explain_one(self, x: Observation) -> str:
        """Return in one clause what is strange about `x`; change nothing.

        Asked before `x` is learned, and only when its score is strange. People read it in the
        alert, after "the detector ... (score 0.83): ".
        """
        ...


class DetectorConfig(Protocol):
    """Data from which a detector is built: a frozen msgspec Struct with a ``tag``.

    Whatever a detector may need but may not ask for is in here: seeds, scales, thresholds.
    """

    def build(self, snapshot: bytes | None = None) -> Detector:
        """Build a detector that knows nothing, or the one that gave `snapshot`.

        Raises
        ------
        IncompatibleSnapshot
            If `snapshot` is of another kind, version or config, or damaged.

        """
        ...

    def claim(self) -> Claim:
        """Return what is seen how soon."""
        ...
