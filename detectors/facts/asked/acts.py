"""What patterns may ask of activities that are looked at one by one."""

from collections.abc import Iterable, Sequence
from math import inf
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.facts.account import Account, SaleRecord
from detectors.facts.acts import MOVING, USING, Act, ActKind, acts_within, any_of
from detectors.facts.sales import Flags, Reals, Sales


class ActsKnown:
    """The answer to `Acts`."""

    def __init__(self, sales: Sales, kinds: tuple[ActKind, ...]) -> None:
        self._sales: Final = sales
        self._kinds: Final = kinds

    def any(self) -> Flags:
        """Return on whose accounts something of that kind was done within the window."""
        found = np.zeros(len(self._sales), dtype=np.bool_)
        for row, _, _, acts in self._done():
            found[row] = bool(acts)
        return found

    def settled_at(self) -> Reals:
        """Return when it was certain of one of them that it is about the sale; else infinite.

        An activity names no sale: of this one and a later one of another agent nobody can tell. So
        it is certain once no clock can have put such a sale before it. An earlier one may have been
        forgotten.
        """
        found = np.full(len(self._sales), inf)
        for row, sale, account, acts in self._done():
            before, end = float(self._sales.forgiven), float(self._sales.end[row])
            others = [
                other.at
                for other in account.sales
                if other.agent_id != sale.agent_id and sale.at <= other.at <= end
            ]
            first = min(others, default=inf)
            # The earliest is the one that the fewest sales of others can have preceded.
            if acts and acts[0].at + before < first:
                found[row] = min(max(acts[0].at + before, sale.at), end)
        return found

    def by_seller(self) -> tuple[Reals, Flags]:
        """Return when the seller keyed it unasked, and where they did at the customer's wish.

        The first time, not before the sale; infinite where they did not.
        """
        own, wished = np.full(len(self._sales), inf), np.zeros(len(self._sales), dtype=np.bool_)
        for row, sale, _, acts in self._done():
            keyed = [act for act in acts if act.agent_id == sale.agent_id is not None]
            unasked = [act.at for act in keyed if not act.is_customers]
            own[row] = max(min(unasked, default=inf), sale.at)
            wished[row] = any(act.is_customers for act in keyed)
        return own, wished

    def of_others(self) -> Flags:
        """Return where it may be about a sale of somebody else on the same account.

        An activity names no sale: of this one and a later one of another agent nobody can tell. An
        earlier one may have been forgotten.
        """
        found = np.zeros(len(self._sales), dtype=np.bool_)
        for row, sale, account, acts in self._done():
            before = float(self._sales.at[row] - self._sales.since[row])
            after = float(self._sales.end[row] - self._sales.at[row])
            found[row] = any(
                other.agent_id != sale.agent_id
                and 0.0 <= other.at - sale.at <= after
                and other.at <= act.at + before
                for act in acts
                for other in account.sales
            )
        return found

    def verified(self) -> tuple[Flags, Flags]:
        """Return which sales somebody other than the seller verified, and which not successfully.

        One answer that does not confirm the sale is not undone by another one that does.
        """
        done, failed = (np.zeros(len(self._sales), dtype=np.bool_) for _ in range(2))
        for row, sale, _, acts in self._done():
            kinds = {one.kind for one in acts if is_independent(one, sale)}
            done[row] = bool(kinds)
            failed[row] = bool(kinds - {"confirmation"})
        return done, failed

    def put_back_at(self) -> tuple[Reals, Flags]:
        """Return when the seller undid a change of theirs, both unasked; and where perhaps.

        The first time, not before the sale; infinite where they did not. Of changes that do not
        tell from what and to what they were nobody can tell.
        """
        found = np.full(len(self._sales), inf)
        unclear = np.zeros(len(self._sales), dtype=np.bool_)
        for row, sale, _, acts in self._done():
            own = [act for act in acts if act.agent_id == sale.agent_id is not None]
            own = [act for act in own if not act.is_customers]
            known = [act for act in own if act.party and act.former]
            back = [
                later.at
                for later in known
                if later.party != later.former
                and any(
                    (one.party, one.former) == (later.former, later.party) and one.at <= later.at
                    for one in known
                )
            ]
            found[row] = max(min(back, default=inf), sale.at)
            unclear[row] = len(own) > 1 and len(known) < len(own)
        return found, unclear

    def by_nobody(self) -> Flags:
        """Return where an agent did it, and nobody knows which."""
        found = np.zeros(len(self._sales), dtype=np.bool_)
        for row, _, _, acts in self._done():
            found[row] = any(act.agent_id is None and not act.is_customers for act in acts)
        return found

    def round_trips(self, smallest_share: float, within: float) -> tuple[Flags, Flags]:
        """Return where money came and went again, and nothing else was done; and where perhaps.

        It goes back to where it came from within so many seconds, at least that share of it. Of
        movements whose other side or amount is unknown nobody can tell.
        """
        found, unclear = (np.zeros(len(self._sales), dtype=np.bool_) for _ in range(2))
        for row, _, _, acts in self._done():
            if any(act.kind in USING for act in acts):
                continue
            known = [act for act in acts if act.party and act.amount is not None]
            trips = moved_back(known, smallest_share, within)
            found[row] = bool(trips) and len(trips) == len(acts)
            kinds = {act.kind for act in acts}
            unclear[row] = len(known) < len(acts) and kinds.issuperset(MOVING)
        return found, unclear

    def _done(self) -> Iterable[tuple[int, SaleRecord, Account, list[Act]]]:
        """Yield the few sales on whose account something of that kind was done, and what."""
        for row, sold in self._sales.acted_on():
            if any_of(sold.account.acts, self._kinds):
                since, end = float(self._sales.since[row]), float(self._sales.end[row])
                acts = acts_within(sold.account.acts, self._kinds, Seconds(since), Seconds(end))
                yield row, sold.sale, sold.account, list(acts)


def is_independent(act: Act, sale: SaleRecord) -> bool:
    """Return whether somebody other than the seller of a sale keyed an act."""
    return act.agent_id is None or act.agent_id != sale.agent_id


def moved_back(acts: Sequence[Act], smallest_share: float, within: float) -> list[Act]:
    """Return the deposits that were paid back to where they came from, and what paid them back."""
    back: list[Act] = []
    for came in acts:
        for went in acts:
            if (
                (came.kind, went.kind) == MOVING
                and came.party == went.party
                and 0.0 <= went.at - came.at <= within
                and (went.amount or 0.0) >= smallest_share * (came.amount or 0.0)
            ):
                back += [one for one in (came, went) if one not in back]
    return back


class Acts(Struct, frozen=True):
    """Activities of some kinds, one by one: as far as they say something (`detectors.facts.acts`).

    A complaint that denies the sale, a change of contact that an agent keyed.
    """

    kinds: tuple[ActKind, ...]

    def answer(self, sales: Sales) -> ActsKnown:
        """Return what is known of them."""
        return ActsKnown(sales, self.kinds)
