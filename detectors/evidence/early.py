"""The evidence of the early tier: sales that end badly, counted day by day while they are at risk.

`docs/statistics.md`, section 5, mode C; the time-to-event chart of Gandy et al., Biometrika 97
(2010) 375. On each day, of the sales an agent has at risk, peers would see Lambda end; C of the
agent's did. For an agent of honest level u the count is taken to be Poisson with mean ``e^u
Lambda``, and ``e^u rho Lambda`` for a dishonest one.

Each sale at risk ends or does not, so the count is a sum of such trials, less scattered than the
Poisson count. That makes the evidence smaller on average, not larger: for a given level, the mean
of the likelihood ratio is a product of ``(1 + x) e^-x``, with x = (rho - 1) e^u p for each sale,
and no factor of it exceeds 1. For the mixture over levels it is tested on small histories, every
one of them, and not proved.
"""

from typing import Final

import numpy as np

from detectors.evidence.arguments import check_form, check_rows, exponents_of_all, plain, within
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.early_recursion import AgentDayBatch, apply_days
from detectors.evidence.journal import Applied
from detectors.evidence.prior import EARLY_RATIO_WEIGHTS
from detectors.evidence.recursion import WHOLE
from detectors.evidence.row_format import Kind
from detectors.evidence.rows import EvidenceRows

_LARGEST: Final = float(np.finfo(np.float64).max)


class EarlyEvidenceTable(EvidenceRows):
    """Evidence from agent-days: in `Counts`, outcomes are days with a sale at risk."""

    kind = Kind.EARLY
    ratio_weights = EARLY_RATIO_WEIGHTS

    def observe(
        self,
        rows: Integers,
        days: Integers,
        expected: Reals,
        ended: Integers,
        *,
        exponents: Integers | int = WHOLE,
    ) -> Reals:
        """Apply agent-days one after the other; return each row's evidence right after each.

        On event day `days[i]`, agent `rows[i]` saw `ended[i]` of their sales at risk end badly, and
        peers would have seen `expected[i]`. All arguments are arrays of one length; results do not
        depend on how the days are cut into calls. Likelihoods are raised to the power of
        `exponents`, in sixteenths, one for all or one each; a day of exponent 0 is not applied.

        The exponential function is the machine's: another machine's may differ in the last bit.

        Raises
        ------
        ValueError
            If an argument has the wrong shape or element type, a row does not exist, `exponents`
            are none, `expected` is negative or not finite, `ended` is negative, or a sale ended
            where none was expected to. The message names the argument; no day has been applied.

        """
        size = rows.size
        check_form("rows", rows, np.int64, size)
        check_form("days", days, np.int64, size)
        check_form("expected", expected, np.float64, size)
        check_form("ended", ended, np.int64, size)
        exponents = exponents_of_all(exponents, size)
        evidence = np.empty(size)
        if size == 0:
            return evidence
        rows, days = plain(rows), plain(days)
        expected, ended = plain(expected), plain(ended)
        check_rows(rows, len(self))
        if not within(expected, 0.0, _LARGEST):
            raise ValueError("expected must be at least 0 and finite")
        if ended.min() < 0:
            raise ValueError("ended must be at least 0")
        if expected[ended > 0].min(initial=1.0) <= 0.0:
            raise ValueError("expected must be above 0 where a sale ended")
        spreads = np.full(size, self.spreads)
        self._apply(Applied(rows, days, expected, ended, exponents, spreads), evidence)
        return evidence

    def _run_from(self, first: int, applied: Applied, evidence: Reals) -> int:
        batch = AgentDayBatch(*applied, evidence)
        return apply_days(self._store.state, self._model, self._spreads.weights, batch, first)
