from typing import NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.mature.correctable_evidence import (
    CorrectableEvidence,
    CorrectableEvidenceState,
)
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, SaleId
from detectors.evidence.prior import Prior

KEPT = 4
LOW = 0.5
AGENTS = ("anna", "boris", "chen")


class Judged(NamedTuple):
    day: int
    agent: str
    sale_id: SaleId
    probability: float
    bad: bool
    exponent: int = 16


Correction = tuple[int, bool | None]

SPREADS = (0.25, 0.25, 0.4, 1.0)
"""Another one every other day."""

EXPONENTS = (16, 14, 9, 0)


@st.composite
def histories(draw: st.DrawFn) -> list[list[Judged]]:
    """Draw the outcomes of some days in a row."""
    outcomes = st.lists(
        st.tuples(
            st.sampled_from(AGENTS), st.floats(0.01, 0.9), st.booleans(), st.sampled_from(EXPONENTS)
        ),
        max_size=5,
    )
    return [
        [
            Judged(day, agent, SaleId(f"sale {day}.{number}"), probability, bad, exponent)
            for number, (agent, probability, bad, exponent) in enumerate(draw(outcomes))
        ]
        for day in range(draw(st.integers(1, 3 * KEPT)))
    ]


def evidence_after(
    days: list[list[Judged]],
    restarts: frozenset[int] = frozenset(),
    lowered: frozenset[int] = frozenset(),
) -> CorrectableEvidence:
    evidence = CorrectableEvidence(Prior(0.25), KEPT)
    for agent in AGENTS:
        evidence.row(AgentId(agent))
    for day, judged in enumerate(days):
        judge(evidence, day, judged)
        if day in restarts:
            evidence.restart(0)
        if day in lowered:
            evidence.lower(0, LOW)
    return evidence


def judge(evidence: CorrectableEvidence, day: int, judged: list[Judged]) -> None:
    evidence.judge(
        Day(day),
        np.array([evidence.row(AgentId(outcome.agent)) for outcome in judged], np.int64),
        np.array([outcome.probability for outcome in judged], np.float64),
        np.array([outcome.exponent for outcome in judged], np.int64),
        np.array([outcome.bad for outcome in judged], np.bool_),
        [outcome.sale_id for outcome in judged],
        SPREADS[day // 2 % len(SPREADS)],
    )


def give_back(evidence: CorrectableEvidence) -> None:
    """Let young rows be their outcomes alone, as in a flood of agents."""
    for table in evidence._tables():  # noqa: SLF001 - only many agents make it happen
        table.give_back()


some_days = st.frozensets(st.integers(0, 3 * KEPT))


@given(histories(), some_days, some_days, st.data())
def test_a_correction_leads_where_the_truth_would_have_led(
    days: list[list[Judged]],
    restarts: frozenset[int],
    lowered: frozenset[int],
    data: st.DataObject,
) -> None:
    everything = [outcome for judged in days for outcome in judged]
    chosen = data.draw(
        st.dictionaries(
            st.integers(0, max(0, len(everything) - 1)), st.sampled_from((True, False, None))
        )
    )
    last_day = len(days) - 1
    restarts &= frozenset(range(len(days)))
    lowered &= frozenset(range(len(days)))
    evidence = evidence_after(days, restarts, lowered)
    give_back(evidence)
    truth: dict[str, bool | None] = {outcome.sale_id: outcome.bad for outcome in everything}
    for number, bad in chosen.items():
        if number < len(everything):
            outcome = everything[number]
            judged_on = evidence.correct(
                evidence.row(AgentId(outcome.agent)), SaleId(outcome.sale_id), bad=bad
            )
            give_back(evidence)
            assert judged_on == (outcome.day if outcome.day >= last_day - KEPT else None)
            if judged_on is not None:
                truth[outcome.sale_id] = bad
    known = [
        [o._replace(bad=bad) for o in judged if (bad := truth[o.sale_id]) is not None]
        for judged in days
    ]
    straight = evidence_after(known, restarts, lowered)
    assert evidence.snapshot().tables[1:] == straight.snapshot().tables[1:]
    for found, expected in zip(evidence.residuals(), straight.residuals(), strict=True):
        assert found.tolist() == expected.tolist()
    judge(evidence, last_day + 1, [])
    later = evidence_after([*known, []], restarts, lowered)
    assert msgspec.msgpack.encode(evidence.snapshot()) == msgspec.msgpack.encode(later.snapshot())


def test_a_sale_that_was_never_judged_corrects_nothing() -> None:
    evidence = evidence_after([[Judged(0, "anna", SaleId("a sale"), 0.1, bad=True)]])
    before = evidence.evidence().tolist()
    assert evidence.correct(evidence.row(AgentId("boris")), SaleId("a sale"), bad=False) is None
    assert (
        evidence.correct(evidence.row(AgentId("anna")), SaleId("another sale"), bad=False) is None
    )
    assert evidence.evidence().tolist() == before


@given(histories(), some_days, st.integers(0, 3 * KEPT))
def test_a_restored_book_goes_on_as_if_nothing_had_happened(
    days: list[list[Judged]], lowered: frozenset[int], cut: int
) -> None:
    evidence = evidence_after(days[:cut], lowered=lowered)
    again = CorrectableEvidence(Prior(0.25), KEPT)
    saved = msgspec.msgpack.encode(evidence.snapshot())
    again.restore(msgspec.msgpack.decode(saved, type=CorrectableEvidenceState))
    for day, judged in enumerate(days[cut:], start=min(cut, len(days))):
        judge(evidence, day, judged)
        judge(again, day, judged)
    for judged in days:
        for outcome in judged[:1]:
            assert evidence.correct(0, SaleId(outcome.sale_id), bad=None) == again.correct(
                0, SaleId(outcome.sale_id), bad=None
            )
    assert msgspec.msgpack.encode(evidence.snapshot()) == msgspec.msgpack.encode(again.snapshot())


def test_residuals_are_of_all_that_was_ever_judged() -> None:
    days = [
        [Judged(day, "boris", SaleId(f"sale {day}"), 0.2, bad=day % 3 == 0)] for day in range(10)
    ]
    evidence = evidence_after(days, restarts=frozenset({4}))
    observed, expected, variance = evidence.residuals()
    assert observed.tolist() == [0, 4, 0]
    assert expected.tolist() == pytest.approx([0.0, 2.0, 0.0])
    assert variance.tolist() == pytest.approx([0.0, 1.6, 0.0])


class ForgetsRestarts(CorrectableEvidence):
    def restart(self, row: int) -> None:
        self._present.restart(row)


class ForgetsWhatWasLowered(CorrectableEvidence):
    def lower(self, row: int, evidence: float) -> None:
        self._present.lower(row, evidence)


class ForgetsTheSpread(CorrectableEvidence):
    """Replays every day with the spread of the last one."""

    def _replay(self, row: int, day: int) -> None:
        for judged in self._since_newer:
            judged.spreads = self._since_newer[-1].spreads
        super()._replay(row, Day(day))


@pytest.mark.parametrize(
    ("broken", "lowered"),
    [(ForgetsRestarts, ()), (ForgetsWhatWasLowered, (3,)), (ForgetsTheSpread, ())],
)
def test_the_law_of_corrections_catches_a_book_that_forgets(
    broken: type[CorrectableEvidence], lowered: tuple[int, ...]
) -> None:
    bad = [[Judged(day, "anna", SaleId(f"sale {day}"), 0.1, bad=True)] for day in range(5)]
    good = [[outcome._replace(bad=False) for outcome in bad[1]]]
    results = []
    for kind in (CorrectableEvidence, broken):
        evidence = kind(Prior(0.25), KEPT)
        for day, judged in enumerate(bad):
            judge(evidence, day, judged)
            if day == 2:
                evidence.restart(0)
            if day in lowered:
                evidence.lower(0, LOW)
        evidence.correct(0, SaleId("sale 1"), bad=False)
        results.append(float(evidence.evidence()[0]))
    truth = [bad[0], *good, *bad[2:]]
    right = float(evidence_after(truth, frozenset({2}), frozenset(lowered)).evidence()[0])
    assert results[0] == right
    assert results[1] != pytest.approx(right)
