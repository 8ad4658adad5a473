"""The evidence against one agent, behind the contract of detectors."""

from typing import Annotated, Final

import numpy as np
from msgspec import Meta, Struct

from detectors.contract.claim import DAY, Chances, Claim
from detectors.contract.observation import Observation, Score
from detectors.contract.snapshots import seal, unseal
from detectors.evidence.prior import Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable

FORM: Final = "rate 1"
BAD: Final = 0.5
"""An outcome above it is bad, whatever its size."""

_ROW: Final = 0
_TRIAL: Final = 1
_LAST_DAY: Final = 1e12
"""Days further from 1970 than this are one day: they must fit an integer."""


class Rate(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="rate"
):
    """Bad outcomes against the rate of peers; one value an observation, above `BAD` is bad.

    Attributes
    ----------
    probability
        Of a bad outcome, among peers.
    between_agent_sd
        Spread of honest agents on the logit.
    threshold
        Evidence at which an outcome is found strange: about one false alarm in so many days.

    """

    probability: Annotated[float, Meta(ge=1e-6, le=0.5)] = 0.05
    between_agent_sd: Annotated[float, Meta(ge=0.05, le=1.5)] = 0.25
    threshold: Annotated[float, Meta(ge=1, le=1e9)] = 73_000.0

    def build(self, snapshot: bytes | None = None) -> "RateDetector":
        """Build it; see `detectors.contract.detector`."""
        return RateDetector(self, snapshot)

    def claim(self) -> Claim:
        """See eight times the odds of peers."""
        odds = 8.0 * self.probability / (1.0 - self.probability)
        return Claim(
            ordinary=Chances((self.probability,)),
            changed=Chances((odds / (1.0 + odds),)),
            ready_after=1,
            seen_within=round(20.0 / self.probability),
        )


class _State(Struct, frozen=True, array_like=True):
    row: bytes
    day: int | None


class RateDetector:
    """The hierarchical Shiryaev-Roberts e-detector of one agent; see `detectors.evidence`."""

    def __init__(self, config: Rate, snapshot: bytes | None) -> None:
        self._config: Final = config
        self._probability: Final = np.array([config.probability])
        self._table: Final = EvidenceTable(Prior(config.between_agent_sd), 2)
        self._table.add()
        self._table.add()
        self._day: int | None = None
        if snapshot is not None:
            state = unseal(snapshot, config, FORM, _State)
            self._table.load_row(_ROW, state.row)
            self._day = state.day

    def score_one(self, x: Observation) -> Score:
        """Score M / (M + threshold), with M the evidence after `x`."""
        self._table.assign(_TRIAL, self._table, _ROW)
        evidence = self._apply(_TRIAL, x)
        return Score(evidence / (evidence + self._config.threshold), self._day is not None)

    def learn_one(self, x: Observation) -> None:
        """Take an outcome in; a late one counts on the latest day."""
        self._apply(_ROW, x)
        self._day = self._day_of(x)

    def snapshot(self) -> bytes:
        """Give all of the state."""
        return seal(self._config, FORM, _State(self._table.row_state(_ROW), self._day))

    def _apply(self, row: int, x: Observation) -> float:
        (value,) = x.of_width(1)
        evidence = self._table.observe(
            np.array([row]),
            np.array([self._day_of(x)]),
            self._probability,
            np.array([value > BAD]),
        )
        return float(evidence[0])

    def _day_of(self, x: Observation) -> int:
        day = int(min(max(x.at // DAY, -_LAST_DAY), _LAST_DAY))
        return day if self._day is None else max(day, self._day)
