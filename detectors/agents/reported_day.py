"""A day that was reported and waits for its review."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.agents.early.at_risk import DayExposure
from detectors.agents.gathering.gathering import DayBatch
from detectors.agents.mature.tier import MatureTier
from detectors.agents.null.trial_columns import trial_columns
from detectors.agents.totals.trial_names import NO_TRIALS, TrialColumns
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, Cell, PatternName
from detectors.evidence.arrays import Integers

_INTEGER: Final = np.dtype("<i8")


class ReportedDay(Struct, frozen=True):
    """What is to be judged of a day.

    ``trials`` are those of the batches in columns; ``left_out`` are the agents whose outcomes of
    the day are in nobody's baseline.
    """

    batches: dict[PatternName, DayBatch]
    trials: dict[PatternName, TrialColumns]
    exposures: dict[PatternName, DayExposure]
    left_out: frozenset[AgentId]

    def of(self, pattern: PatternName) -> tuple[DayBatch, TrialColumns]:
        """Return what is to be judged by a mature tier."""
        return self.batches.get(pattern, DayBatch()), self.trials.get(pattern, NO_TRIALS)


class ExposureState(Struct, array_like=True):
    """A `DayExposure` in a snapshot: arrays as little-endian 64-bit integers."""

    day: Day
    agent_names: list[AgentId]
    agents: bytes
    cell_names: list[Cell]
    cells: bytes
    at_risk: bytes
    ended: bytes


class ReportedDayState(Struct, array_like=True):
    """A `ReportedDay` in a snapshot."""

    batches: dict[PatternName, DayBatch]
    exposures: dict[PatternName, ExposureState]
    left_out: list[AgentId]


def saved(reported: ReportedDay) -> ReportedDayState:
    """Return the state of a reported day; it shares records with the day: encode it at once."""
    return ReportedDayState(
        {
            name: DayBatch(list(batch.fresh), batch.corrections)
            for name, batch in reported.batches.items()
        },
        {
            name: ExposureState(
                exposure.day,
                list(exposure.agent_names),
                _bytes(exposure.agents),
                list(exposure.cell_names),
                _bytes(exposure.cells),
                _bytes(exposure.at_risk),
                _bytes(exposure.ended),
            )
            for name, exposure in reported.exposures.items()
        },
        sorted(reported.left_out),
    )


def restored(
    states: Mapping[Day, ReportedDayState],
    tiers: Mapping[PatternName, MatureTier],
    seed: int | None,
) -> dict[Day, ReportedDay]:
    """Return the reported days of which `saved` made the states.

    The names of the `tiers` and the `seed` of the shadow null make columns of the trials.
    """
    return {
        day: ReportedDay(
            state.batches,
            {
                name: trial_columns(batch.fresh, tiers[name].names, seed)
                for name, batch in state.batches.items()
            },
            {name: _exposure(exposure) for name, exposure in state.exposures.items()},
            frozenset(state.left_out),
        )
        for day, state in states.items()
    }


def _exposure(state: ExposureState) -> DayExposure:
    return DayExposure(
        state.day,
        state.agent_names,
        _integers(state.agents),
        state.cell_names,
        _integers(state.cells),
        _integers(state.at_risk),
        _integers(state.ended),
    )


def _bytes(numbers: Integers) -> bytes:
    return numbers.astype(_INTEGER).tobytes()


def _integers(held: bytes) -> Integers:
    return np.frombuffer(held, _INTEGER).astype(np.int64)
