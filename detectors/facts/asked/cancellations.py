"""What patterns may ask of the cancellations of a sale."""

from collections.abc import Callable, Collection, Iterable
from math import inf
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.events.event import CancellationReason
from detectors.facts.account import Account, SaleRecord
from detectors.facts.asked.undoing import charged, is_keyed_by_seller, is_replaced, undoing
from detectors.facts.asked.unnamed import cancelled_unnamed
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.sales import Flags, Reals, Sales


class Undone(NamedTuple):
    """How sales were undone within their windows, as columns.

    ``at`` is when (seconds; infinite where a sale stands), by what nothing excuses if that alone
    undid it. ``excused``: it did not. ``doubtful``: it stands, but a refund that nobody could
    read may have undone it.
    """

    at: Reals
    excused: Flags
    doubtful: Flags

    @property
    def stands(self) -> Flags:
        """Which sales were not undone, as far as is known."""
        stands: Flags = np.isinf(self.at)
        return stands


class CancellationsKnown:
    """The answer to `Cancellations`."""

    def __init__(self, sales: Sales) -> None:
        self._sales: Final = sales

    def undone(self, smallest_share: float, excluded: Collection[CancellationReason]) -> Undone:
        """Return how the sales were undone; refunds below a share of the amount undo nothing.

        A cancellation that is dated before its sale, by no more than the window, counts. It is
        excused for one of the `excluded` reasons, or by another sale in the place of this one;
        and the sale with it, unless it was undone by others alone (see `undoing`).
        """
        size = len(self._sales)
        at = np.full(size, inf)
        excused, doubtful = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
        for row, sale, account, start, end in self._cancelled():
            undone = undoing(account, sale, start, end, smallest_share)
            doubtful[row] = undone.is_doubtful
            if undone.by:
                against = charged(account, sale, start, end, smallest_share, excluded, end)
                excused[row] = not against.by
                at[row] = (against.by or undone.by)[-1].at
        return Undone(at, excused, doubtful)

    def kept(
        self, smallest_share: float, excluded: Collection[CancellationReason]
    ) -> tuple[Flags, Flags]:
        """Return which sales nothing undid, whoever did it, and of which a refund is unreadable.

        As `undone`, but only the `excluded` reasons excuse: what is replaced came back as well.
        """
        stands = np.ones(len(self._sales), dtype=np.bool_)
        doubtful = np.zeros(len(self._sales), dtype=np.bool_)
        for row, sale, account, start, end in self._cancelled():

            def excused(one: CancellationRecord, sale: SaleRecord = sale) -> bool:
                return one.reason in excluded and not is_keyed_by_seller(sale, one)

            undone = undoing(account, sale, start, end, smallest_share, excused)
            stands[row], doubtful[row] = not undone.by, undone.is_doubtful
        return stands, doubtful

    def by_customer(self) -> Flags:
        """Return which sales the customer, or nobody knows who, cancelled within the window."""
        found = np.zeros(len(self._sales), dtype=np.bool_)
        for row, sale, account, start, end in self._cancelled():
            found[row] = account.cancelled_by_customer(sale.sale_id, start, end)
        return found

    def unnamed(self) -> Flags:
        """Return on which accounts they cancelled what is none of its sales, within the window."""
        found = np.zeros(len(self._sales), dtype=np.bool_)
        for row, sale, account, _, end in self._cancelled():
            found[row] = cancelled_unnamed(account, sale, end)
        return found

    def said_at(self, reasons: Collection[CancellationReason]) -> Reals:
        """Return when somebody cancelled each sale within the window for one of some reasons.

        The first time, not before the sale; infinite where nobody did.
        """
        return self._first(lambda one: one.reason in reasons)

    def charged_at(self) -> Reals:
        """Return when a customer was charged a fee as a sale was cancelled, likewise."""
        return self._first(lambda one: one.charged)

    def _first(self, is_meant: Callable[[CancellationRecord], bool]) -> Reals:
        found = np.full(len(self._sales), inf)
        for row, sale, account, start, end in self._cancelled():
            known = account.cancellations_of(sale.sale_id, start, end)
            first = next((one.at for one in known if is_meant(one)), inf)
            found[row] = max(first, sale.at)
        return found

    def by_seller(self) -> tuple[Flags, Flags]:
        """Return which sales their seller cancelled, and of which that cannot be told.

        Of their own accord: what the customer asked for, or another sale took the place of, says
        nothing of that, nor does what an agent keyed of whom nobody knows who they are.
        """
        found, unclear = (np.zeros(len(self._sales), dtype=np.bool_) for _ in range(2))
        for row, sale, account, start, end in self._cancelled():
            known = list(account.cancellations_of(sale.sale_id, start, end))
            own = [one for one in known if is_keyed_by_seller(sale, one)]
            found[row] = bool(own)
            unclear[row] = any(
                one.initiated_by in ("customer", "unknown")
                or (one.agent_id is None and one.initiated_by == "agent")
                or is_replaced(account, sale, one, end)
                for one in known
            )
        return found, unclear

    def by_nobody(self) -> Flags:
        """Return which sales an agent cancelled, of whom nobody knows who they are."""
        found = np.zeros(len(self._sales), dtype=np.bool_)
        for row, sale, account, start, end in self._cancelled():
            known = account.cancellations_of(sale.sale_id, start, end)
            found[row] = any(one.agent_id is None and one.initiated_by == "agent" for one in known)
        return found

    def _cancelled(self) -> Iterable[tuple[int, SaleRecord, Account, Seconds, Seconds]]:
        """Yield the few sales of accounts with a cancellation, each with its time."""
        for row, sold in self._sales.cancelled():
            sale, end = sold.sale, Seconds(float(self._sales.end[row]))
            yield row, sale, sold.account, Seconds(sale.at - (end - sale.at)), end


class Cancellations(Struct, frozen=True):
    """The cancellations of the sale: when, by whom, why, and of how much."""

    def answer(self, sales: Sales) -> CancellationsKnown:
        """Return what is known of them."""
        return CancellationsKnown(sales)
