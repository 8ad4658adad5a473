"""Outcomes to feed a table: made at random, or by Hypothesis."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.held_rows import FINITE_EVIDENCE
from detectors.evidence.prior import Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable
from tests.detectors.evidence.definition import Outcome

ROWS = 3


def table_for(sd: float = 0.25, rows: int = ROWS, capacity: int = 64) -> EvidenceTable:
    table = EvidenceTable(Prior(sd), capacity, FINITE_EVIDENCE)
    for _ in range(rows):
        table.add()
    return table


def feed(table: EvidenceTable, history: Sequence[Outcome], tempering: float = 1.0) -> Reals:
    return table.observe(*columns(history), exponents=round(16 * tempering))


def columns(history: Sequence[Outcome]) -> tuple[Integers, Integers, Reals, Booleans]:
    return (
        np.array([outcome.row for outcome in history], np.int64),
        np.array([outcome.day for outcome in history], np.int64),
        np.array([outcome.probability for outcome in history], np.float64),
        np.array([outcome.bad for outcome in history], np.bool_),
    )


def of_row(history: Sequence[Outcome], row: int) -> list[Outcome]:
    return [outcome for outcome in history if outcome.row == row]


def random_history(seed: int, size: int, rows: int = ROWS, lift: float = 1.0) -> list[Outcome]:
    """Several outcomes a day, agents interleaved, bad ones `lift` times as likely as expected."""
    random = np.random.default_rng(seed)
    days = np.cumsum(random.random(size) < 0.3)
    probabilities = np.exp(random.uniform(np.log(0.002), np.log(0.6), size))
    return [
        Outcome(int(row), int(day), float(probability), bool(draw < lift * probability))
        for row, day, probability, draw in zip(
            random.integers(0, rows, size), days, probabilities, random.random(size), strict=True
        )
    ]


@st.composite
def histories(draw: st.DrawFn, largest: int = 24) -> list[Outcome]:
    pieces = draw(
        st.lists(
            st.tuples(
                st.integers(0, ROWS - 1),
                st.integers(0, 2),
                st.floats(1e-6, 0.999),
                st.booleans(),
            ),
            max_size=largest,
        )
    )
    day = draw(st.integers(-10, 20_000))
    history = []
    for row, step, probability, bad in pieces:
        day += step
        history.append(Outcome(row, day, probability, bad))
    return history
