"""A day that was reported and waits for its review."""

from typing import Final

import numpy as np
from msgspec import Struct

from detectors.agents.early.at_risk import DayExposure
from detectors.agents.gathering.gathering import DayBatch
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, Cell, PatternName
from detectors.evidence.arrays import Integers

_INTEGER: Final = np.dtype("<i8")


class ReportedDay(Struct, frozen=True):
    """What is to be judged of a day.

    ``random_keys`` are those of the trials; ``left_out`` are the agents whose outcomes of the day
    are in nobody's baseline.
    """

    batches: dict[PatternName, DayBatch]
    random_keys: dict[PatternName, Integers]
    exposures: dict[PatternName, DayExposure]
    left_out: frozenset[AgentId]


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
    random_keys: dict[PatternName, bytes]
    exposures: dict[PatternName, ExposureState]
    left_out: list[AgentId]


def saved(reported: ReportedDay) -> ReportedDayState:
    """Return the state of a reported day; it shares records with the day: encode it at once."""
    return ReportedDayState(
        reported.batches,
        {name: _bytes(random_keys) for name, random_keys in reported.random_keys.items()},
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


def restored(state: ReportedDayState) -> ReportedDay:
    """Return the reported day of which `saved` made the state."""
    return ReportedDay(
        state.batches,
        {name: _integers(random_keys) for name, random_keys in state.random_keys.items()},
        {
            name: DayExposure(
                exposure.day,
                exposure.agent_names,
                _integers(exposure.agents),
                exposure.cell_names,
                _integers(exposure.cells),
                _integers(exposure.at_risk),
                _integers(exposure.ended),
            )
            for name, exposure in state.exposures.items()
        },
        frozenset(state.left_out),
    )


def _bytes(numbers: Integers) -> bytes:
    return numbers.astype(_INTEGER).tobytes()


def _integers(held: bytes) -> Integers:
    return np.frombuffer(held, _INTEGER).astype(np.int64)
