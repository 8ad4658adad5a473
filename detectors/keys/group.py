"""The sales under one value, such as all that one payer paid for."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import Struct, structs

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account, SaleRecord
from detectors.facts.cancelling import MOST_CANCELLATIONS, CancellationRecord, in_order
from detectors.facts.contact import joined
from detectors.facts.mention import Mention
from detectors.facts.questions import MOST_SHARING
from detectors.facts.sales import Sold
from detectors.facts.staff.staff import Staff
from detectors.facts.traffic.touches import Touches
from detectors.facts.uses import Times

Identity = tuple[Seconds, str, str, str, str]
"""What outcomes of a sale are told by: its time, account, id, agent and cell."""

MOST_MERGES: Final = 64
"""Times at which its account was merged that are remembered of a sale."""

_NOBODY: Final = Account()

ROUNDING: Final = 1.0
"""Seconds: whatever is looked at once more than needed keeps its verdict."""


class Shared(Struct, array_like=True):
    """A sale under a value; its verdicts are those of the patterns that look across accounts.

    ``void``: the events whose claims about it were taken back, for good. ``stands``: another claim
    about it holds. ``cancellations`` are those of it that were told, in their order, ``merges``
    is when its account became part of another one.
    """

    account_id: AccountId
    sale: SaleRecord
    stands: bool
    void: tuple[str, ...] = ()
    cancellations: tuple[CancellationRecord, ...] = ()
    merges: Times = ()

    @property
    def identity(self) -> Identity:
        """What outcomes of it are told by."""
        return identity_of(self.account_id, self.sale)

    def sold(
        self,
        sharing: Sequence[Sold] = (),
        touches: Touches | None = None,
        staff: Staff | None = None,
    ) -> Sold:
        """Return it for a pattern to judge, with those that share the value, and who sold it."""
        known = _NOBODY
        if self.cancellations or self.merges:
            known = Account(cancellations=self.cancellations, merges=self.merges)
        return Sold(self.sale, self.account_id, known, sharing, touches, staff)


Span = tuple[Seconds, Seconds]
"""From when to when something happened that became known."""


class Change(NamedTuple):
    """A sale of which something became known, perhaps all of it, and when that happened."""

    shared: Shared
    happened_at: Seconds
    is_new: bool = False

    @property
    def span(self) -> Span:
        """From when it happened to the sale, which others have near them."""
        return (self.happened_at, self.shared.sale.at)


def identity_of(account_id: AccountId, sale: SaleRecord) -> Identity:
    """Return what outcomes of a sale are told by."""
    return (sale.at, account_id, sale.sale_id, sale.agent_id or "", sale.cell)


class Group:
    """The sales under one value, in the order of time.

    Attributes
    ----------
    touches, staff
        Where the value is an agent: what they had to do with customers, and what else is known.
    """

    def __init__(
        self,
        shared: Iterable[Shared] = (),
        touches: Touches | None = None,
        staff: Staff | None = None,
    ) -> None:
        self.touches: Final = Touches() if touches is None else touches
        self.staff: Final = Staff() if staff is None else staff
        self._all: Final = {one.identity: one for one in shared}
        self._in_order: Final = sorted(self._all)
        self._standing: Final = [one for one in self._in_order if self._all[one].stands]
        # The same sales as patterns see them: made once, and not for every sale they stand near.
        self._seen: Final = [self._all[one].sold() for one in self._standing]

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
        if known is not None:
            del self._in_order[bisect_left(self._in_order, identity)]
        if known is not None and known.stands:
            self._fall(identity)

    def affected(self, spans: Iterable[Span], window: float, looks_back: float) -> list[Shared]:
        """Return the sales that what is new may affect, in the order of time.

        A pattern looks as far back from each, and until its window ends.
        """
        found: set[Identity] = set()
        for since, until in spans:
            first = Seconds(since - window - ROUNDING)
            last = Seconds(until + looks_back + ROUNDING)
            begin = bisect_left(self._in_order, (first,))
            found.update(self._in_order[begin : bisect_right(self._in_order, last, key=_time)])
        return [self._all[identity] for identity in sorted(found)]

    def row(self, shared: Shared, window: float, looks_back: float | None) -> Sold:
        """Return a sale for a pattern to judge, with those that stand near it.

        From so long before it as the pattern looks back, until its window ends. If they are too
        many, only the nearest; where it looks at no others, none.
        """
        if looks_back is None:
            return shared.sold((), self.touches, self.staff)
        at, standing = shared.sale.at, self._standing
        if len(standing) == 1:  # nearly always: it stands near itself
            return shared.sold(self._seen[:], self.touches, self.staff)
        begin = bisect_left(standing, (Seconds(at - looks_back),))
        end = bisect_right(standing, at + window, key=_time)
        if end - begin > MOST_SHARING:
            here = bisect_left(standing, shared.identity)
            begin = max(begin, min(here - MOST_SHARING // 2, end - MOST_SHARING))
            end = begin + MOST_SHARING
        return shared.sold(self._seen[begin:end], self.touches, self.staff)

    def _add(self, mention: Mention) -> Change | None:
        fresh = structs.replace(mention.sale)
        fresh.share_names()
        identity = identity_of(mention.account_id, fresh)
        known = self._all.get(identity)
        if known is None:
            known = Shared(
                mention.account_id,
                fresh,
                stands=True,
                cancellations=mention.cancellations,
                merges=mention.merges,
            )
            self._keep(identity, known)
            self._stand(identity, known)
            return Change(known, fresh.at, is_new=True)
        # They name the sale, whichever claim about it holds.
        cancellations = _united(known.cancellations, mention.cancellations)
        merges = _joined_times(known.merges, mention.merges)
        is_news = cancellations != known.cancellations or merges != known.merges
        known.cancellations, known.merges = cancellations, merges
        holds = self._hold(known, fresh)
        if not (holds or is_news):
            return None
        if known.stands:
            self._stand(identity, known)
        return Change(known, fresh.at if holds else mention.happened_at)

    def _hold(self, known: Shared, fresh: SaleRecord) -> bool:
        """Let a claim hold, if it does; return whether that changed anything."""
        if fresh.event_id in known.void:
            return False
        if known.stands:
            if known.sale.event_id < fresh.event_id:
                return False
            if known.sale.event_id == fresh.event_id:
                fresh.contact = joined(known.sale.contact, fresh.contact)
                if fresh.contact == known.sale.contact:
                    return False
        known.stands = True
        fresh.verdicts = known.sale.verdicts
        known.sale = fresh
        return True

    def _keep(self, identity: Identity, shared: Shared) -> None:
        self._all[identity] = shared
        insort(self._in_order, identity)

    def _take_back(self, mention: Mention) -> Change | None:
        event_id, identity = mention.sale.event_id, identity_of(mention.account_id, mention.sale)
        known = self._all.get(identity)
        if known is None:
            plain = structs.replace(mention.sale)
            known = Shared(mention.account_id, plain, stands=False, void=(event_id,))
            self._keep(identity, known)
            return Change(known, plain.at, is_new=True)
        if event_id in known.void:
            return None
        known.void = (*known.void, event_id)
        if not known.stands or known.sale.event_id != event_id:
            return None
        known.stands = False
        self._fall(identity)
        return Change(known, known.sale.at)

    def _stand(self, identity: Identity, shared: Shared) -> None:
        """Let patterns see a sale that stands, as it is now."""
        place = bisect_left(self._standing, identity)
        if place < len(self._standing) and self._standing[place] == identity:
            self._seen[place] = shared.sold()
        else:
            self._standing.insert(place, identity)
            self._seen.insert(place, shared.sold())

    def _fall(self, identity: Identity) -> None:
        """Let patterns see a sale no more."""
        place = bisect_left(self._standing, identity)
        del self._standing[place], self._seen[place]


def _both(one: Mention, other: Mention) -> Mention:
    """Return two mentions of one claim as one."""
    contact = joined(one.sale.contact, other.sale.contact)
    return structs.replace(
        one,
        sale=structs.replace(one.sale, contact=contact),
        cancellations=_united(one.cancellations, other.cancellations),
        merges=_joined_times(one.merges, other.merges),
    )


def _united(
    some: tuple[CancellationRecord, ...], others: tuple[CancellationRecord, ...]
) -> tuple[CancellationRecord, ...]:
    """Return the cancellations of both: commutative, associative and idempotent."""
    if not others or some == others:
        return some
    return tuple(sorted({*some, *others}, key=in_order)[:MOST_CANCELLATIONS])


def _joined_times(some: Times, others: Times) -> Times:
    """Return the times of both, the earliest and the latest if they are many: a set."""
    if not others or some == others:
        return some
    both = sorted({*some, *others})
    return tuple(both if len(both) <= MOST_MERGES else [*both[: MOST_MERGES - 1], both[-1]])


def _time(identity: Identity) -> Seconds:
    return identity[0]
