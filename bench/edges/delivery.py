"""Records that come twice, in another order, late, or into the wrong partition."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import structs

from bench.edges.fault import Draw, Fault, Planted, changed, of_kind, some
from bench.edges.world import DAY, HOUR, Arrival, Kind

WITHIN_LATENESS: Final = 0.9 * HOUR


def twice(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let records come again, some after days."""
    share = round(draw.random.uniform(0.1, 1.0), 2)
    again = [
        structs.replace(one, at=one.at + draw.random.choice((0.0, HOUR, 2 * DAY, 40 * DAY)))
        for one in arrivals
        if draw.random.random() < share
    ]
    return Planted([*arrivals, *again], f"{share:.0%} of all records come again")


def out_of_order(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let records come in another order, within the allowed lateness."""

    def delayed(one: Arrival) -> Arrival:
        return structs.replace(one, at=one.at + draw.random.uniform(0.0, WITHIN_LATENESS))

    return Planted([delayed(one) for one in arrivals], "all records come out of order")


def _delayed(least: float, most: float) -> Callable[[Sequence[Arrival], Draw], Planted]:
    def plant(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
        kind: Kind = draw.random.choice(("account_activity", "account_activity", "cancellation"))
        share = round(draw.random.uniform(0.05, 0.4), 2)
        hit = some(draw, share)
        chosen, words = of_kind(draw, kind, "everywhere", draw.world.begins, draw.world.ends)

        def chance(one: Arrival) -> bool:
            return chosen(one) and hit(one.record["event_id"])

        def delayed(one: Arrival) -> Arrival:
            return structs.replace(one, at=one.at + draw.random.uniform(least, most))

        told = f"{share:.0%} of {words} {least / DAY:.1f} to {most / DAY:.1f} days late"
        return Planted(changed(arrivals, chance, delayed), told)

    return plant


def misplaced(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let a source use another partitioner from some day on."""
    kind: Kind = draw.random.choice(("account_activity", "account_activity", "sale"))
    share = draw.random.choice((0.002, 0.05, 0.5, 1.0))
    hit = some(draw, share)
    chosen, words = of_kind(draw, kind, "everywhere", draw.moment(), draw.world.ends)

    def chance(one: Arrival) -> bool:
        return chosen(one) and hit(one.account)

    def elsewhere(one: Arrival) -> Arrival:
        return structs.replace(one, misplaced=True)

    return Planted(changed(arrivals, chance, elsewhere), f"{share:.1%} of {words} misplaced")


DELIVERY: Final = (
    Fault("records come twice", twice, ()),
    Fault("records out of order within the lateness", out_of_order, ()),
    Fault("records late, but not too late", _delayed(2 * HOUR, 6 * DAY), ("late",)),
    Fault(
        "records too late",
        _delayed(9 * DAY, 25 * DAY),
        ("too_late",),
        gap="A use that comes later than `time.corrections_for` after the window of its sale is "
        "refused: what was told of the account stands.",
    ),
    Fault(
        "records in the wrong partition",
        misplaced,
        ("misplaced",),
        gap="At most ten of a thousand misplaced records of a topic end no trust in it.",
    ),
)
