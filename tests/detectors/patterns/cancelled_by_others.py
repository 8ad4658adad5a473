"""A pattern that no release has: hard evidence beside that of unused accounts, and an early tier.

It is here so that what holds for the patterns of the registry is known to hold for the next one.
"""

from typing import ClassVar

import numpy as np

from detectors.basis.durations import Duration, in_words
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Account, SaleRecord
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.questions import CANCELLATIONS, AnyQuestion
from detectors.facts.sales import Sales
from detectors.patterns import SaleEnding, SalePattern
from detectors.patterns.verdicts import Verdicts, choose


class CancelledByOthers(SalePattern, frozen=True, kw_only=True):
    """Sales that somebody else cancels than their customer."""

    name: ClassVar[PatternName] = PatternName("cancelled_by_others")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CANCELLATIONS,)
    alerts_on_account: ClassVar[bool] = True

    window: Duration = "3d"
    early: bool = True

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"cancelled by somebody else within {in_words(self.window)}"

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by whether anybody else cancelled; if only the customer did, it was their will."""
        rows = zip(sales.rows, sales.end.tolist(), strict=True)
        others = [_first_by_others(row.account, row.sale, end) is not None for row, end in rows]
        by_others = np.array(others, dtype=np.bool_)
        by_customer = sales[CANCELLATIONS].by_customer()
        return choose(by_customer & ~by_others, ~by_others)

    def ending(self, account: Account, sale: SaleRecord, end: float) -> SaleEnding | None:
        """Return the time of the first cancellation by somebody else."""
        first = _first_by_others(account, sale, end)
        return None if first is None else SaleEnding(max(first.at, sale.at), bad=True)

    def evidence_events(self, account: Account, sale: SaleRecord, end: float) -> tuple[str, ...]:
        """Return the sale and that cancellation."""
        first = _first_by_others(account, sale, end)
        return (sale.event_id,) if first is None else (sale.event_id, first.event_id)


def _first_by_others(account: Account, sale: SaleRecord, end: float) -> CancellationRecord | None:
    begin = 2.0 * sale.at - end
    return next(
        (
            record
            for record in account.cancellations
            if record.sale_id == sale.sale_id
            and record.initiated_by != "customer"
            and begin <= record.at <= end
        ),
        None,
    )
