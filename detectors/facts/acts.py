"""Activities that patterns look at one by one: a denial, a change of contact keyed by an agent."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import Final, Literal

from msgspec import Struct

from detectors.basis.event_time import Seconds, day_of, start_of_day
from detectors.basis.identifiers import AgentId, interned
from detectors.basis.text_hash import contact_hash, customer_hash
from detectors.basis.words import as_word
from detectors.events.event import AccountActivity, ActivityKind
from detectors.facts.uses import DOUBTED

DENYING: Final[tuple[ActivityKind, ...]] = ("complaint", "survey", "verification")
"""Kinds of activity in which a customer may say that they never ordered."""

DENIALS: Final = frozenset(
    {"never_ordered", "not_ordered", "denied", "unauthorised", "unauthorized"}
)
"""The words of `result` that say so (docs/events.md)."""

VERIFYING: Final[tuple["ActKind", ...]] = ("confirmation", "refusal", "verification")
"""What a verification may say: the sale, not the sale, or (a denial) that it was never ordered."""

_SAID: Final[dict[str, "ActKind"]] = {
    **dict.fromkeys(DENIALS, "verification"),
    **dict.fromkeys(("confirmed", "verified", "passed"), "confirmation"),
    **dict.fromkeys(
        ("not_confirmed", "unconfirmed", "not_verified", "refused", "failed"), "refusal"
    ),
}
"""The words of `result` by which a verification says it (docs/events.md)."""

CHANGING: Final[tuple[ActivityKind, ...]] = ("contact_change",)

MOVING: Final[tuple[ActivityKind, ...]] = ("deposit", "withdrawal")

USING: Final[tuple[ActivityKind, ...]] = ("login", "usage", "payment")
"""What a customer does with an account who has it for more than to move money through it."""

MOST_A_DAY: Final = 16
"""Acts of one kind and UTC day that are remembered, the earliest: no sender fills a memory. By the
day, since what is forgotten is forgotten by whole days: which are the earliest must not depend on
that. Of `USING` one: that there was any is all that is asked."""


ActKind = ActivityKind | Literal["confirmation", "refusal"]
"""What was done: the kind of the activity, but of a verification what it said of the sale."""


class Act(Struct, frozen=True, array_like=True, gc=False):
    """An activity as it is remembered.

    ``agent_id`` is who keyed it, None for nobody; ``is_customers``: the customer initiated it, or
    nobody knows who did. ``party`` is a hash of the other account, and ``amount`` what was moved,
    without its sign: 0 and None where unknown. Of a change of contact ``party`` is what it became,
    and ``former`` what it was.
    """

    at: Seconds
    event_id: str
    kind: ActKind
    agent_id: AgentId | None = None
    is_customers: bool = False
    party: int = 0
    amount: float | None = None
    former: int = 0


Acts = tuple[Act, ...]
"""In the order of time."""


def act_of(event: AccountActivity, at: Seconds, kinds: Collection[ActKind]) -> Act | None:
    """Return what is remembered of an activity at a time, where somebody asks for these kinds.

    None if it says nothing: a complaint about something else, a customer's own change.
    """
    kind: ActKind = event.kind
    if kind == "verification":
        kind = _SAID.get(as_word(event.result or ""), kind)
    if kind not in kinds:
        return None
    if kind in DENYING and (event.result is None or as_word(event.result) not in DENIALS):
        return None
    if kind in CHANGING and event.agent_id is None and event.initiated_by != "agent":
        return None
    agent_id = None if event.agent_id is None else interned(event.agent_id)
    is_customers = event.initiated_by in ("customer", "unknown")
    if kind in USING:
        return Act(at, event.event_id, kind) if is_customers and agent_id is None else None
    return Act(at, event.event_id, kind, agent_id, is_customers, *_compared(event))


def _compared(event: AccountActivity) -> tuple[int, float | None, int]:
    """Return what an activity says that is compared with others: as the end of an `Act` has it."""
    if event.kind in CHANGING:
        before, became = event.former_contact_hash, event.contact_hash
        now, former = (
            0 if one is None else contact_hash(event.kind, one) for one in (became, before)
        )
        return now, None, former
    if event.kind not in MOVING:
        return 0, None, 0
    party, amount = event.counterparty_account_id, event.amount
    moved = None if amount is None else abs(amount)
    return 0 if party is None else customer_hash(party), moved, 0


def with_act(acts: Acts, act: Act) -> Acts | None:
    """Return acts with one more, None if that adds nothing: a union that is bounded by the day."""
    if act in acts:
        return None
    day = day_of(act.at)
    same = [one for one in acts if one.kind == act.kind and day_of(one.at) == day]
    same.append(act)
    if len(same) > (1 if act.kind in USING else MOST_A_DAY):
        latest = max(same, key=_order)
        if latest is act:
            return None
        acts = tuple(one for one in acts if one is not latest)
    return tuple(sorted((*acts, act), key=_order))


def acts_since(acts: Acts, since: Seconds) -> Acts:
    """Return the acts of the day of a time, and of later ones: all of a day or nothing."""
    begin = start_of_day(day_of(since))
    return acts[bisect_left([one.at for one in acts], begin) :]


def any_of(acts: Acts, kinds: Collection[ActKind]) -> bool:
    """Return whether one of some acts is of some kinds."""
    return any(one.kind in kinds for one in acts)


def acts_within(
    acts: Acts, kinds: Collection[ActKind], start: Seconds, end: Seconds
) -> Iterable[Act]:
    """Yield the acts of some kinds from `start` to `end` inclusive, the earliest first."""
    return (one for one in acts if one.kind in kinds and start <= one.at <= end)


def acts_behind(acts: Acts, kinds: Collection[ActKind], at: Seconds, end: Seconds) -> Sequence[Act]:
    """Return the acts of some kinds from a sale on until `end`; else the last one before it.

    That one is dated before the sale by another clock (`time.clock_tolerance`). What lies further
    before it than any use is looked for may be forgotten, and is none.
    """
    since = at - DOUBTED
    of_kind = [one for one in acts if one.kind in kinds and since <= one.at <= end]
    return [one for one in of_kind if one.at >= at] or of_kind[-1:]


def _order(act: Act) -> tuple[Seconds, str, str, str, bool, int, float, int]:
    amount = -1.0 if act.amount is None else act.amount
    said = (act.kind, act.agent_id or "", act.is_customers, act.party, amount, act.former)
    return (act.at, act.event_id, *said)
