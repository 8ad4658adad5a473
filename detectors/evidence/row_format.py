"""One row of evidence as bytes: exact, and the same on every machine.

Little-endian: `_HEADER`; the posterior; the mixture; shares of the largest terms; the distinct
starts of those terms (days, outcomes, observed, expected); and for each term the index of its
start. Few starts are alive at a time, so naming each once keeps a row below 2 kB.
"""

from enum import Enum
from struct import Struct
from typing import Final
from zlib import crc32

import numpy as np

from detectors.basis.errors import IncompatibleSnapshot
from detectors.evidence.prior import LEVELS, ODDS_RATIOS
from detectors.evidence.recursion import EvidenceState


class Kind(Enum):
    """Which table a row belongs to."""

    MATURE = b"abSR"
    EARLY = b"abSE"


_VERSION: Final = 2
"""Also of the honest levels and their weights: change it with them."""

_OPENING: Final = Struct("<4sBI")
"""Kind, version, CRC-32 of all that follows."""
_HEADER: Final = Struct("<ddqqqqddB")
"""Spread of the prior, evidence, agent_days, last_day, outcomes, observed, expected, variance,
number of starts."""

_REAL: Final = np.dtype("<f8")
_INTEGER: Final = np.dtype("<i8")
_GRID: Final = (len(ODDS_RATIOS), LEVELS)
_CELLS: Final = len(ODDS_RATIOS) * LEVELS


def pack(state: EvidenceState, row: int, between_agent_sd: float, kind: Kind) -> bytes:
    """Return all of `row`, which has a place and rests on a spread of honest agents, as bytes."""
    place = state.place[row]
    # No two start days follow the same number of outcomes: that number orders them. Where they
    # stand in the table depends on how it was filled.
    starts = np.flatnonzero(state.references[place])
    starts = starts[np.argsort(state.start_outcomes[place, starts])]
    index = np.zeros(state.references.shape[1], np.uint8)
    index[starts] = np.arange(starts.size)
    body = b"".join(
        (
            _HEADER.pack(
                between_agent_sd,
                state.evidence[row],
                state.agent_days[row],
                state.last_day[row],
                state.outcomes[row],
                state.observed[row],
                state.expected[row],
                state.variance[row],
                starts.size,
            ),
            state.belief[place].astype(_REAL).tobytes(),
            state.mixture[place].astype(_REAL).tobytes(),
            state.best_share[place].astype(_REAL).tobytes(),
            state.start_day[place, starts].astype(_INTEGER).tobytes(),
            state.start_outcomes[place, starts].astype(_INTEGER).tobytes(),
            state.start_observed[place, starts].astype(_INTEGER).tobytes(),
            state.start_expected[place, starts].astype(_REAL).tobytes(),
            index[state.best_start[place]].tobytes(),
        )
    )
    return _OPENING.pack(kind.value, _VERSION, crc32(body)) + body


def starts_of(snapshot: bytes) -> int:
    """Return how many starts a row has; of bytes that `unpack` refuses, any number below 256."""
    last = _OPENING.size + _HEADER.size - 1
    return snapshot[last] if len(snapshot) > last else 0


def unpack(
    snapshot: bytes, state: EvidenceState, row: int, between_agent_sd: float, kind: Kind
) -> None:
    """Restore `row`, which has a place, from the bytes that `pack` returned.

    Raises
    ------
    IncompatibleSnapshot
        If `snapshot` is of another kind or version, damaged, or rests on another spread of honest
        agents; `row` is unchanged.

    """
    if len(snapshot) < _OPENING.size + _HEADER.size:
        raise IncompatibleSnapshot("not a row of evidence: too short")
    found, version, checksum = _OPENING.unpack_from(snapshot)
    if found != kind.value:
        raise IncompatibleSnapshot(f"not a row of {kind.name.lower()} evidence")
    if version != _VERSION:
        raise IncompatibleSnapshot(f"a row of evidence of version {version}, not {_VERSION}")
    body = memoryview(snapshot)[_OPENING.size :]
    if crc32(body) != checksum:
        raise IncompatibleSnapshot("a damaged row of evidence")
    deviation, evidence, agent_days, last_day, outcomes, observed, expected, variance, starts = (
        _HEADER.unpack_from(body)
    )
    if deviation != between_agent_sd:
        raise IncompatibleSnapshot(
            f"a row of evidence that rests on a spread of {deviation}, not {between_agent_sd}"
        )
    place = state.place[row]
    reals = LEVELS + 2 * _CELLS
    terms = np.frombuffer(body, _REAL, reals, _HEADER.size)
    offset = _HEADER.size + terms.nbytes
    integers = np.frombuffer(body, _INTEGER, 3 * starts, offset).reshape(3, starts)
    offset += integers.nbytes
    best_expected = np.frombuffer(body, _REAL, starts, offset)
    index = np.frombuffer(body, np.uint8, _CELLS, offset + best_expected.nbytes).reshape(_GRID)

    state.belief[place] = terms[:LEVELS]
    state.mixture[place] = terms[LEVELS : LEVELS + _CELLS].reshape(_GRID)
    state.best_share[place] = terms[LEVELS + _CELLS :].reshape(_GRID)
    state.best_start[place] = index
    state.references[place] = np.bincount(index.ravel(), minlength=state.references.shape[1])
    state.start_day[place, :starts] = integers[0]
    state.start_outcomes[place, :starts] = integers[1]
    state.start_observed[place, :starts] = integers[2]
    state.start_expected[place, :starts] = best_expected
    state.evidence[row] = evidence
    state.agent_days[row] = agent_days
    state.last_day[row] = last_day
    state.outcomes[row] = outcomes
    state.observed[row] = observed
    state.expected[row] = expected
    state.variance[row] = variance
