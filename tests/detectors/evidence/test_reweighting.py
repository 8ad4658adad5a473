"""Another spread of honest agents on the way: belief as if from the start, evidence kept."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.evidence.held_rows import FINITE_EVIDENCE
from detectors.evidence.prior import Prior, honest_factors
from detectors.evidence.recursion import LEAST_BELIEF
from detectors.evidence.shiryaev_roberts import EvidenceTable
from tests.detectors.evidence.definition import Outcome
from tests.detectors.evidence.histories import ROWS, feed, histories, random_history, table_for

SPREADS = st.sampled_from([0.05, 0.25, 0.4, 1.0, 1.5])


@settings(max_examples=40, deadline=None)
@given(histories(), SPREADS, SPREADS)
def test_the_belief_is_that_of_a_table_with_the_new_prior_from_the_start(
    history: list[Outcome], before: float, after: float
) -> None:
    changed, straight = table_for(before), table_for(after)
    feed(changed, history)
    feed(straight, history)
    changed.reweight(after)
    for row in range(ROWS):
        assert changed.belief(row) == pytest.approx(
            straight.belief(row), rel=1e-9, abs=LEAST_BELIEF
        )


@settings(max_examples=40, deadline=None)
@given(histories(), SPREADS)
def test_the_evidence_and_its_days_are_kept(history: list[Outcome], after: float) -> None:
    table = table_for()
    feed(table, history)
    before, starts = table.evidence(), [table.explanation(row).start for row in range(ROWS)]
    table.reweight(after)
    assert table.evidence().tobytes() == before.tobytes()
    for row in range(ROWS):
        assert table.mixture(row).sum() == pytest.approx(before[row], rel=1e-12)
        assert (table.explanation(row).start is None) == (starts[row] is None)


def test_the_terms_are_shared_out_as_by_a_table_with_the_new_prior() -> None:
    history = random_history(4, 80, rows=1, lift=2.0)
    changed, straight = table_for(0.25, rows=1), table_for(0.6, rows=1)
    feed(changed, history)
    feed(straight, history)
    changed.reweight(0.6)
    shares = [table.mixture(0) / table.evidence()[0] for table in (changed, straight)]
    assert shares[0] == pytest.approx(shares[1], rel=1e-9)
    assert changed.explanation(0).start == straight.explanation(0).start


def test_new_rows_follow_the_table() -> None:
    table = table_for()
    feed(table, random_history(5, 60))
    table.reweight(0.4)
    assert table.belief(table.add()).tobytes() == Prior(0.4).weights().tobytes()


def test_a_row_without_outcomes_forgets_by_which_way_its_prior_came() -> None:
    table, fresh = table_for(0.25, rows=1), table_for(0.4, rows=1)
    for spread in (1.5, 0.05, 0.4):
        table.reweight(spread)
    assert table.row_state(0) == fresh.row_state(0)


@pytest.mark.parametrize("wrong", [0.0, 0.01, 2.0, float("nan")])
def test_a_spread_out_of_range_is_refused(wrong: float) -> None:
    table = table_for()
    with pytest.raises(ValueError, match="between_agent_sd"):
        table.reweight(wrong)
    assert table.prior == Prior(0.25)


class RecomputesEvidence(EvidenceTable):
    """Recomputes M as if the new prior had held all along."""

    def reweight(self, between_agent_sd: float) -> None:
        before, belief, mixture = self.prior.weights(), self.belief(0), self.mixture(0)
        change = Prior(between_agent_sd).weights() / before
        evidence = (mixture * change).sum() / (belief @ change)
        super().reweight(between_agent_sd)
        terms = self.mixture(0)
        if evidence > 0.0:
            state, place = self._store.state, self._store.state.place[0]
            state.mixture[place] *= evidence / terms.sum()
            state.evidence[0] = evidence


def excess_of_evidence(kind: type[EvidenceTable]) -> list[float]:
    """Return mean evidence less agent-days after every outcome, over every history of 8 outcomes.

    Before each day the spread is chosen by looking at all that came out before: the one of three
    that makes most of a bad beginning. The odds of each day are those that the table then believes.
    """
    days = (0, 0, 1, 2, 2, 3, 4, 4)
    probabilities = (0.03, 0.3, 0.08, 0.5, 0.06, 0.2, 0.7, 0.1)
    worlds = list(product((False, True), repeat=len(days)))
    tables = [kind(Prior(0.25), 1, FINITE_EVIDENCE) for _ in worlds]
    for table in tables:
        table.add()
    chances = np.ones(len(worlds))
    found = []
    for position, (day, probability) in enumerate(zip(days, probabilities, strict=True)):
        odds = probability / (1 - probability) * honest_factors()
        for number, (table, world) in enumerate(zip(tables, worlds, strict=True)):
            known = world[: days.index(day)]
            table.reweight(0.1 if sum(known) >= 2 else 0.8 if any(known) else 0.4)
            bad = float(table.belief(0) @ (odds / (1 + odds)))
            chances[number] *= bad if world[position] else 1 - bad
            feed(table, [Outcome(0, day, probability, world[position])])
        weights = chances / 2 ** (len(days) - position - 1)
        assert weights.sum() == pytest.approx(1.0, abs=1e-12)
        evidence = np.array([table.evidence()[0] for table in tables])
        found.append(float(weights @ evidence) - len(set(days[: position + 1])))
    return found


def test_evidence_minus_agent_days_stays_a_martingale_however_the_spread_is_chosen() -> None:
    assert excess_of_evidence(EvidenceTable) == pytest.approx([0.0] * 8, abs=1e-9)


def test_evidence_recomputed_under_the_new_prior_would_not_be_one() -> None:
    assert max(excess_of_evidence(RecomputesEvidence)) > 0.05
