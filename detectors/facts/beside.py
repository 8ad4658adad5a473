"""A sale and those beside it, under one value: what patterns see that look across accounts."""

from collections.abc import Iterator
from typing import NamedTuple

from detectors.basis.event_time import Seconds
from detectors.facts.account import SaleRecord
from detectors.facts.sales import Sold


class Beside(NamedTuple):
    """A sale, and the others that share a value with it.

    ``others`` are in the order of time, ``end`` is the end of the sale's window (seconds), and
    ``forgiven`` how far the clock of another source may be behind. ``is_whole``: all of them were
    looked at. Else nothing can be told from what is not among them.
    """

    sold: Sold
    others: tuple[Sold, ...]
    end: Seconds
    forgiven: float
    is_whole: bool

    @property
    def reached(self) -> Seconds:
        """The latest time (seconds) of another source that may be before the sale."""
        return min(self.end, Seconds(self.sale.at + self.forgiven))

    @property
    def sale(self) -> SaleRecord:
        """The sale."""
        return self.sold.sale

    def all(self) -> Iterator[Sold]:
        """Yield the sale, then the others."""
        yield self.sold
        yield from self.others

    def earlier(self) -> Iterator[Sold]:
        """Yield the others that were made before the sale."""
        return (other for other in self.others if other.sale.at < self.sale.at)
