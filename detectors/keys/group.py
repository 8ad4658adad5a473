"""The sales under one value, such as all that one payer paid for."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

from msgspec import Struct, structs

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account, SaleRecord
from detectors.facts.contact import joined
from detectors.facts.mention import Mention
from detectors.facts.questions import MOST_SHARING
from detectors.facts.sales import Sold

Identity = tuple[Seconds, str, str, str, str]
"""What outcomes of a sale are told by: its time, account, id, agent and cell."""

_NOBODY: Final = Account()


class Shared(Struct, array_like=True):
    """A sale under a value; its verdicts are those of the patterns that look across accounts.

    ``void``: the events whose claims about it were taken back, for good. ``stands``: another claim
    about it holds.
    """

    account_id: AccountId
    sale: SaleRecord
    stands: bool
    void: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        """What outcomes of it are told by."""
        return identity_of(self.account_id, self.sale)


class Change(NamedTuple):
    """A sale of which something became known, perhaps all of it."""

    shared: Shared
    is_new: bool


def identity_of(account_id: AccountId, sale: SaleRecord) -> Identity:
    """Return what outcomes of a sale are told by."""
    return (sale.at, account_id, sale.sale_id, sale.agent_id or "", sale.cell)


class Group:
    """The sales under one value, in the order of time."""

    def __init__(self, shared: Iterable[Shared] = ()) -> None:
        self._all: Final = {one.identity: one for one in shared}
        self._standing: Final = sorted(one.identity for one in self._all.values() if one.stands)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Shared]:
        return iter(self._all.values())

    def get(self, identity: Identity) -> Shared | None:
        """Return a sale, whether it stands or not."""
        return self._all.get(identity)

    def apply(self, mentions: Iterable[Mention]) -> list[Change]:
        """Apply what became known at one moment, in any order; return what that changed.

        Claims are a set, in which void ones win: what was applied before changes nothing.
        """
        told: dict[tuple[Identity, str], Mention] = {}
        voided: dict[tuple[Identity, str], Mention] = {}
        for one in mentions:
            claim = (identity_of(one.account_id, one.sale), one.sale.event_id)
            if one.void:
                voided[claim] = one
            else:
                told[claim] = _both(told[claim], one) if claim in told else one
        changes = [self._take_back(voided[claim]) for claim in sorted(voided)]
        changes += [self._add(told[claim]) for claim in sorted(told)]
        return [change for change in changes if change is not None]

    def forget(self, identity: Identity) -> None:
        """Drop a sale that nothing can change any more, and that can change nothing."""
        known = self._all.pop(identity, None)
        if known is not None and known.stands:
            del self._standing[bisect_left(self._standing, identity)]

    def around(self, moments: Collection[Seconds], window: float) -> list[Shared]:
        """Return the sales that what happened at some moments may change."""
        near = [
            one
            for one in self._all.values()
            if any(abs(one.sale.at - at) <= window for at in moments)
        ]
        return sorted(near, key=lambda one: one.identity)

    def row(self, shared: Shared, window: float) -> Sold:
        """Return a sale for a pattern to judge, with those that stand within its window.

        If they are too many, only the nearest.
        """
        at, standing = shared.sale.at, self._standing
        begin = bisect_left(standing, (Seconds(at - window),))
        end = bisect_right(standing, at + window, key=lambda identity: identity[0])
        if end - begin > MOST_SHARING:
            here = bisect_left(standing, shared.identity)
            begin = max(begin, min(here - MOST_SHARING // 2, end - MOST_SHARING))
            end = begin + MOST_SHARING
        sharing = tuple([self._all[identity].sale for identity in standing[begin:end]])
        return Sold(shared.sale, shared.account_id, _NOBODY, sharing)

    def _add(self, mention: Mention) -> Change | None:
        fresh = structs.replace(mention.sale)
        fresh.share_names()
        identity = identity_of(mention.account_id, fresh)
        known = self._all.get(identity)
        if known is None:
            known = self._all[identity] = Shared(mention.account_id, fresh, stands=True)
            insort(self._standing, identity)
            return Change(known, is_new=True)
        if fresh.event_id in known.void:
            return None
        if known.stands:
            if known.sale.event_id < fresh.event_id:
                return None
            if known.sale.event_id == fresh.event_id:
                fresh.contact = joined(known.sale.contact, fresh.contact)
                if fresh.contact == known.sale.contact:
                    return None
        else:
            known.stands = True
            insort(self._standing, identity)
        fresh.verdicts = known.sale.verdicts
        known.sale = fresh
        return Change(known, is_new=False)

    def _take_back(self, mention: Mention) -> Change | None:
        event_id, identity = mention.sale.event_id, identity_of(mention.account_id, mention.sale)
        known = self._all.get(identity)
        if known is None:
            plain = structs.replace(mention.sale)
            known = Shared(mention.account_id, plain, stands=False, void=(event_id,))
            self._all[identity] = known
            return Change(known, is_new=True)
        if event_id in known.void:
            return None
        known.void = (*known.void, event_id)
        if not known.stands or known.sale.event_id != event_id:
            return None
        known.stands = False
        del self._standing[bisect_left(self._standing, identity)]
        return Change(known, is_new=False)


def _both(one: Mention, other: Mention) -> Mention:
    """Return two mentions of one claim as one."""
    contact = joined(one.sale.contact, other.sale.contact)
    return structs.replace(one, sale=structs.replace(one.sale, contact=contact))
