"""Feeds that stop: for a while or for good, whole or in part, everywhere or at one site."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Final

from msgspec import structs

from bench.edges.fault import (
    Draw,
    Fault,
    Planted,
    Scope,
    changed,
    days_since,
    of_kind,
    some,
)
from bench.edges.world import DAY, Arrival, Kind

SHORTEST, LONGEST = 2, 35
"""Days without a feed."""

HOURS_TO_CATCH_UP: Final = 6.0


def _catches_up(kind: Kind, scope: Scope) -> Callable[[Sequence[Arrival], Draw], Planted]:
    def plant(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
        since = draw.moment()
        days = draw.random.randint(SHORTEST, LONGEST)
        until = since + days * DAY
        chosen, words = of_kind(draw, kind, scope, since, until)

        def held(one: Arrival) -> Arrival:
            passed = (one.happened - since) / (until - since)
            return structs.replace(one, at=until + passed * HOURS_TO_CATCH_UP * 3_600)

        begun = days_since(draw.world, since)
        return Planted(
            changed(arrivals, chosen, held), f"{words} from day {begun}, {days} days late"
        )

    return plant


def _lost(
    kind: Kind, scope: Scope, *, for_good: bool, in_part: bool = False
) -> Callable[[Sequence[Arrival], Draw], Planted]:
    def plant(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
        since = draw.moment()
        days = draw.random.randint(SHORTEST, LONGEST)
        until = inf if for_good else since + days * DAY
        chosen, words = of_kind(draw, kind, scope, since, until)
        share = round(draw.random.uniform(0.3, 0.8), 2) if in_part else 1.0
        hit = some(draw, share)
        left = [one for one in arrivals if not (chosen(one) and hit(one.account))]
        begun = days_since(draw.world, since)
        for_days = "for good" if for_good else f"for {days} days"
        return Planted(left, f"{share:.0%} of {words} lost from day {begun} {for_days}")

    return plant


_TOLD: Final = ("unseen", "too_late", "late")

OF_A_SITE: Final = (
    "An account that another site sold more than 37 days before its sale is taken for a new one, "
    "whose use the feed of its own site tells."
)

SHORT: Final = (
    "A loss that lasts shorter than `sight.silent_after`, three days, or is of fewer than twenty "
    "events is not seen: accounts whose only use was lost are told as unused."
)

PARTLY: Final = (
    "A loss is found only where there are enough sales: of less than a seventh never, of a third "
    "at a site with one sale a day after two months."
)

FEEDS: Final = (
    Fault("use stops, catches up", _catches_up("account_activity", "everywhere"), _TOLD),
    Fault(
        "use of a site stops, catches up",
        _catches_up("account_activity", "site"),
        _TOLD,
        gap=OF_A_SITE,
    ),
    Fault("cancellations stop, catch up", _catches_up("cancellation", "everywhere"), _TOLD),
    Fault("sales stop, catch up", _catches_up("sale", "everywhere"), _TOLD),
    Fault(
        "use lost for a while",
        _lost("account_activity", "everywhere", for_good=False),
        ("unseen",),
        gap=SHORT,
    ),
    Fault(
        "use of a site lost for a while",
        _lost("account_activity", "site", for_good=False),
        ("unseen",),
        gap=OF_A_SITE,
    ),
    Fault("use lost for good", _lost("account_activity", "everywhere", for_good=True), ("unseen",)),
    Fault(
        "use of a site lost for good",
        _lost("account_activity", "site", for_good=True),
        ("unseen",),
        gap=OF_A_SITE,
    ),
    Fault(
        "cancellations lost for a while",
        _lost("cancellation", "everywhere", for_good=False),
        ("unseen",),
        gap=SHORT,
    ),
    Fault(
        "a part of all use lost",
        _lost("account_activity", "everywhere", for_good=False, in_part=True),
        ("unseen",),
        gap=PARTLY,
    ),
    Fault(
        "a part of the use of a site lost",
        _lost("account_activity", "site", for_good=True, in_part=True),
        ("unseen", "group_warned"),
        gap=PARTLY,
    ),
)
