"""Endings that the shadow null deals, compiled, against their definition."""

from zlib import crc32

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.early.at_risk import DayExposure
from detectors.agents.early.random_endings import RandomEndings
from detectors.agents.null.random_keys import draw_keys
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, Cell
from detectors.evidence.arrays import Integers

_DAY = 0xD6E8FEB86659FD93
_NUMBER = 0xA0761D6478BD642F
_NAMES = (AgentId("anna"), AgentId("boris"))
_CELLS = (Cell("0/card"), Cell("1/card"), Cell("1/line"))

GROUPS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(1, 6)), min_size=1, max_size=12
)
LIMITS = st.dictionaries(
    st.sampled_from(_CELLS), st.integers(-1, 2**63 - 1) | st.just(2**63 - 1), max_size=3
)


def exposure_of(day: int, groups: list[tuple[int, int, int]]) -> DayExposure:
    agents, cells, at_risk = np.array(groups, np.int64).T.copy()
    return DayExposure(Day(day), _NAMES, agents, _CELLS, cells, at_risk, np.zeros_like(at_risk))


def all_of(exposure: DayExposure) -> Integers:
    return np.arange(exposure.agents.size)


def of_groups(exposure: DayExposure, limits: dict[Cell, int]) -> Integers:
    by_cell = np.array([limits.get(cell, -1) for cell in _CELLS], np.int64)
    return by_cell[exposure.cells]


def by_definition(
    exposure: DayExposure, limits: dict[Cell, int], seed: int, *, numbered: bool = True
) -> list[int]:
    """Deal endings sale by sale."""
    dealt = []
    for agent, cell, at_risk in zip(
        exposure.agents.tolist(), exposure.cells.tolist(), exposure.at_risk.tolist(), strict=True
    ):
        group = crc32(_NAMES[agent].encode()) << 32 | crc32(_CELLS[cell].encode())
        identities = [
            (group + _DAY * exposure.day + _NUMBER * number * numbered) % 2**64
            for number in range(at_risk)
        ]
        random_keys = draw_keys(np.array(identities, np.uint64), seed).tolist()
        dealt.append(sum(cutoff <= limits.get(_CELLS[cell], -1) for cutoff in random_keys))
    return dealt


@given(st.integers(0, 30_000), GROUPS, LIMITS, st.integers(0, 2**32 - 1))
def test_endings_are_dealt_as_they_are_by_definition(
    day: int, groups: list[tuple[int, int, int]], limits: dict[Cell, int], seed: int
) -> None:
    exposure = exposure_of(day, groups)
    endings = RandomEndings(seed)
    for _ in range(2):  # the second time it knows the names
        definition = by_definition(exposure, limits, seed)
        for chosen in (all_of(exposure), all_of(exposure)[::2].copy()):
            dealt = endings.of(exposure, chosen, of_groups(exposure, limits)[chosen]).tolist()
            assert dealt == [definition[group] for group in chosen.tolist()]


def test_sales_alike_have_random_keys_of_their_own() -> None:
    exposure = exposure_of(20_000, [(0, 0, 1_000)])
    half = {Cell("0/card"): 2**62}
    assert by_definition(exposure, half, 1, numbered=False) in ([0], [1_000])
    assert 400 < RandomEndings(1).of(exposure, all_of(exposure), of_groups(exposure, half))[0] < 600


def test_the_names_of_another_day_are_looked_at_anew() -> None:
    endings, half = RandomEndings(1), np.full(2, 2**62)
    whole = exposure_of(5, [(0, 1, 50), (1, 2, 50)])
    other = DayExposure(
        Day(5), _NAMES[::-1], 1 - whole.agents, _CELLS, whole.cells, whole.at_risk, whole.ended
    )
    dealt = endings.of(whole, all_of(whole), half)
    assert dealt.tolist() == endings.of(other, all_of(other), half).tolist()
