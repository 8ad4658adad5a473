"""The hierarchical Shiryaev-Roberts e-detector over a table of agents.

`docs/statistics.md`, section 4; Shin, Ramdas and Rinaldo, E-detectors, NEJSDS 2024. For honest
agents, taken together, evidence minus agent-days is a martingale: a threshold c raises at most one
false alarm in c agent-days on average, and evidence divided by a fixed number of agent-days that it
never exceeds is an e-value whenever it is looked at.
"""

from typing import Final

import numpy as np

from detectors.evidence.arguments import check_form, check_rows, exponents_of_all, plain, within
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.journal import Applied
from detectors.evidence.prior import RATIO_WEIGHTS
from detectors.evidence.recursion import WHOLE, OutcomeBatch, apply_outcomes
from detectors.evidence.row_format import Kind
from detectors.evidence.rows import EvidenceRows

LEAST_PROBABILITY: Final = 1e-12
"""Expectations are refused nearer than this to 0 and to 1: one outcome would decide everything."""


class EvidenceTable(EvidenceRows):
    """Evidence from outcomes that are good or bad, each with its own probability among peers."""

    kind = Kind.MATURE
    ratio_weights = RATIO_WEIGHTS

    def observe(
        self,
        rows: Integers,
        days: Integers,
        probabilities: Reals,
        outcomes: Booleans,
        evidence_out: Reals | None = None,
        *,
        exponents: Integers | int = WHOLE,
        spreads: int | None = None,
    ) -> Reals:
        """Apply outcomes one after the other; return each row's evidence right after each.

        Outcome i (True is the bad one) belongs to agent `rows[i]` and event day `days[i]`; peers
        would have had it with probability `probabilities[i]`. A row takes in a new possible start
        on every outcome whose day is not the day of its last one. All arguments are arrays of one
        length; results do not depend on how the outcomes are cut into calls.

        `evidence_out`, if given, is filled and returned: it spares the caller an allocation.

        Likelihoods are raised to the power of `exponents`, in sixteenths, one for all or one each
        (`docs/statistics.md`, section 8): below 16, an outcome counts as less than an independent
        one; with exponent 0 it is not applied at all, nor does its day begin. Against an agent of
        known level such a bet loses on average; for the mixture over levels that is measured, not
        proved.

        The rows have followed so many `spreads` of honest agents before, by default all. They never
        go back.

        Raises
        ------
        ValueError
            If an argument has the wrong shape or element type, a row does not exist, `exponents`
            are none, or a probability is not within `LEAST_PROBABILITY` and 1 -
            `LEAST_PROBABILITY`. The message names the argument; no outcome has been applied.

        """
        size = rows.size
        if evidence_out is None:
            evidence_out = np.empty(size)
        elif not (evidence_out.flags.c_contiguous and evidence_out.flags.writeable):
            raise ValueError("evidence_out must be contiguous and writeable")
        check_form("rows", rows, np.int64, size)
        check_form("days", days, np.int64, size)
        check_form("probabilities", probabilities, np.float64, size)
        check_form("outcomes", outcomes, np.bool_, size)
        check_form("evidence_out", evidence_out, np.float64, size)
        exponents = exponents_of_all(exponents, size)
        if size == 0:
            return evidence_out
        rows, days = plain(rows), plain(days)
        probabilities, outcomes = plain(probabilities), plain(outcomes)
        check_rows(rows, len(self))
        if not within(probabilities, LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY):
            raise ValueError(
                f"probabilities must lie within {LEAST_PROBABILITY:g} and "
                f"1 - {LEAST_PROBABILITY:g}, and be numbers",
            )
        self._apply(
            Applied(
                rows,
                days,
                probabilities,
                outcomes.astype(np.int64),
                exponents,
                np.full(size, self.spreads if spreads is None else spreads),
            ),
            evidence_out,
        )
        return evidence_out

    def _run_from(self, first: int, applied: Applied, evidence: Reals) -> int:
        batch = OutcomeBatch(*applied, evidence)
        return apply_outcomes(self._store.state, self._model, self._spreads.weights, batch, first)
