"""A pattern that no release has: hard evidence beside that of unused accounts, and an early tier.

It is here so that what holds for the patterns of the registry is known to hold for the next one.
"""

from typing import ClassVar

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Account, CancellationRecord, SaleRecord, Verdict
from detectors.patterns import Fact, SaleEnding, SalePattern


class CancelledByOthers(SalePattern, frozen=True, kw_only=True):
    """Sales that somebody else cancels than their customer."""

    name: ClassVar[PatternName] = PatternName("cancelled_by_others")
    reads: ClassVar[tuple[Fact, ...]] = ("cancellations",)
    alerts_on_account: ClassVar[bool] = True

    window: Duration = "3d"
    early: bool = True

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"cancelled by somebody else within {in_words(self.window)}"

    def verdict(self, account: Account, sale: SaleRecord, since: float, end: float) -> Verdict:
        """Judge by whether anybody else cancelled; if only the customer did, it was their will."""
        del since
        if _first_by_others(account, sale, end) is not None:
            return Verdict.BAD
        begin = 2.0 * sale.at - end
        by_the_customer = account.cancelled_by_customer(sale.sale_id, Seconds(begin), Seconds(end))
        return Verdict.EXCLUDED if by_the_customer else Verdict.GOOD

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
