"""Sales made and sales ended, on their way from the ledgers to the day on which they count."""

from collections.abc import Mapping

from msgspec import Struct, field

from detectors.basis.event_time import Day, Seconds, end_of_day
from detectors.basis.identifiers import GroupKind, PatternName
from detectors.messages.outcomes import SaleEnded, SaleMade, SalesDay


class ReceivedSales(Struct, array_like=True):
    """What one ledger has sent about one day so far, each sale under its hash."""

    made: dict[int, SaleMade] = field(default_factory=dict)
    ended: dict[PatternName, dict[int, SaleEnded]] = field(default_factory=dict)
    groups: dict[GroupKind, dict[str, int]] = field(default_factory=dict)


SalesBufferState = dict[Day, dict[int, ReceivedSales]]
"""By day and ledger partition."""


class SalesBuffer:
    """Receives days of several ledgers in pieces, some of them twice, and returns whole days.

    A ledger may send a day in several bundles, of which the last moves the watermark over it. What
    it sends after that was sent before; what it sends twice before that, counts once.
    """

    def __init__(self) -> None:
        self.state: SalesBufferState = {}

    def receive(self, days: Mapping[Day, SalesDay], ledger: int, watermark: Seconds) -> None:
        """Receive days of a ledger whose watermark was `watermark` (seconds) before."""
        for day, sales_day in days.items():
            if end_of_day(day) <= watermark:
                continue
            known = self.state.setdefault(day, {}).setdefault(ledger, ReceivedSales())
            for made in sales_day.made:
                known.made.setdefault(made.sale_hash, made)
            for name, sales in sales_day.ended.items():
                ended = known.ended.setdefault(name, {})
                for sale in sales:
                    ended.setdefault(sale.sale_hash, sale)
            for kind, counts in sales_day.groups.items():
                known.groups.setdefault(kind, {}).update(counts)  # a day is counted once

    def first_day(self, other: Day) -> Day:
        """Return the first day that was received and not popped, or another one if it is first."""
        return min([*self.state, other])

    def pop(self, day: Day) -> dict[Day, SalesDay]:
        """Return what all ledgers sent about a complete day, once, and about any days before it."""
        days: dict[Day, SalesDay] = {}
        for known in sorted(known for known in self.state if known <= day):
            whole = days[known] = SalesDay()
            for received in self.state.pop(known).values():
                whole.made.extend(received.made.values())
                for name, ended in received.ended.items():
                    whole.ended.setdefault(name, []).extend(ended.values())
                for kind, counts in received.groups.items():
                    summed = whole.groups.setdefault(kind, {})
                    for group, count in counts.items():
                        summed[group] = summed.get(group, 0) + count
        return days
