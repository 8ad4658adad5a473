"""What the commission of a sale rests on: two questions that the ledger answers as a pattern's.

They are no patterns: nobody is judged by them, and no evidence comes of them. But when a window
ends, what late events change, and what is excluded, the ledger knows of patterns alone.
"""

from typing import ClassVar

from detectors.basis.durations import Duration
from detectors.basis.identifiers import PatternName
from detectors.events.event import CancellationReason
from detectors.facts.questions import CANCELLATIONS, AnyQuestion, SaleNumber, Sharing
from detectors.facts.sales import Sales
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose, nothing

COMMISSION = SaleNumber("commission")


class CommissionMade(SalePattern, frozen=True, kw_only=True):
    """That a sale was made, so that its commission may be held from then on."""

    name: ClassVar[PatternName] = PatternName("commission_made")
    window: ClassVar[str] = "0s"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (COMMISSION,)

    @property
    def needed(self) -> tuple[SaleNumber | Sharing, ...]:
        """Nothing: a sale that names no commission is told of as well."""
        return ()

    def verdicts(self, sales: Sales) -> Verdicts:
        """Find every sale good."""
        return choose(nothing(sales), ~nothing(sales))


class CommissionDue(SalePattern, frozen=True, kw_only=True):
    """Whether the product came back within the window of its commission.

    ``kept_reasons``: a cancellation for one of them leaves the commission as it is, unless who
    sold it keyed it. ``smallest_refund_share``: as for `QuickCancellation`.
    """

    name: ClassVar[PatternName] = PatternName("commission_due")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CANCELLATIONS, COMMISSION)
    good_by_absence: ClassVar[bool] = True

    window: Duration
    kept_reasons: tuple[CancellationReason, ...] = ()
    smallest_refund_share: float = 0.5

    @property
    def needed(self) -> tuple[SaleNumber | Sharing, ...]:
        """Nothing, as above."""
        return ()

    def verdicts(self, sales: Sales) -> Verdicts:
        """Find bad what came back, whoever sent it; exclude what a refund leaves in doubt."""
        stands, doubtful = sales[CANCELLATIONS].kept(self.smallest_refund_share, self.kept_reasons)
        return choose(doubtful, stands)
