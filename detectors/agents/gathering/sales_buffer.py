"""Sales made and sales ended, on their way from the ledgers to the day on which they count."""

from collections.abc import Mapping

from msgspec import Struct, field

from detectors.basis.event_time import start_of_day
from detectors.messages.outcomes import PatternName, SaleEnded, SaleMade, SalesDay


class ReceivedSales(Struct, array_like=True):
    """What one ledger has told of one day so far, each sale under its mark."""

    made: dict[int, SaleMade] = field(default_factory=dict)
    ended: dict[PatternName, dict[int, SaleEnded]] = field(default_factory=dict)


SalesBufferState = dict[int, dict[int, ReceivedSales]]
"""By day and ledger partition."""


class SalesBuffer:
    """Takes in what several ledgers tell of days, in pieces and more than once; gives whole days.

    A ledger may tell a day in several bundles, of which the last moves the watermark over it. What
    it tells after that, it tells again; what it tells twice before, counts once.
    """

    def __init__(self) -> None:
        self.state: SalesBufferState = {}

    def receive(self, days: Mapping[int, SalesDay], ledger: int, watermark: float) -> None:
        """Take in days told by a ledger whose watermark was `watermark` (seconds) before."""
        for day, told in days.items():
            if start_of_day(day + 1) <= watermark:
                continue
            known = self.state.setdefault(day, {}).setdefault(ledger, ReceivedSales())
            for made in told.made:
                known.made.setdefault(made.sale_hash, made)
            for name, sales in told.ended.items():
                ended = known.ended.setdefault(name, {})
                for sale in sales:
                    ended.setdefault(sale.sale_hash, sale)

    def first_day(self) -> int | None:
        """Give the first day that was told and not taken; None if there is none."""
        return min(self.state, default=None)

    def pop(self, day: int) -> dict[int, SalesDay]:
        """Give what all ledgers told of a complete day, once, and of days before it if any are."""
        taken: dict[int, SalesDay] = {}
        for known in sorted(known for known in self.state if known <= day):
            whole = taken[known] = SalesDay()
            for told in self.state.pop(known).values():
                whole.made.extend(told.made.values())
                for name, ended in told.ended.items():
                    whole.ended.setdefault(name, []).extend(ended.values())
        return taken
