"""Clocks and dates that are wrong."""

from collections.abc import Callable, Sequence
from typing import Final

from bench.edges.fault import Draw, Fault, Planted, changed, of_kind, some, with_fields
from bench.edges.world import DAY, HOUR, Arrival, Kind, stamp

PLACEHOLDERS: Final = (
    "1900-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "2000-01-01T00:00:00Z",
    "2099-12-31T00:00:00Z",
    "9999-12-31T00:00:00Z",
)


def _skewed(least: float, most: float) -> Callable[[Sequence[Arrival], Draw], Planted]:
    def plant(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
        kind: Kind = draw.random.choice(("account_activity", "sale", "cancellation"))
        since = draw.random.choice((draw.world.begins, draw.moment()))
        by = draw.random.choice((-1, 1)) * draw.random.uniform(least, most)
        chosen, words = of_kind(draw, kind, "everywhere", since, draw.world.ends)

        def skewed(one: Arrival) -> Arrival:
            return with_fields(one, occurred_at=stamp(one.happened + by))

        return Planted(changed(arrivals, chosen, skewed), f"{words} {by / HOUR:+.2f} h")

    return plant


def without_offset(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let a source send local times without their offset, two hours ahead of UTC."""
    kind: Kind = draw.random.choice(("account_activity", "cancellation"))
    chosen, words = of_kind(draw, kind, "site", draw.moment(), draw.world.ends)

    def local(one: Arrival) -> Arrival:
        return with_fields(one, occurred_at=stamp(one.happened + 2 * HOUR).removesuffix("Z"))

    return Planted(changed(arrivals, chosen, local), f"{words} without an offset")


def dates_only(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let a source send dates: its events are up to a day early."""
    kind: Kind = draw.random.choice(("account_activity", "cancellation"))
    since = draw.random.choice((draw.world.begins, draw.moment()))
    chosen, words = of_kind(draw, kind, "everywhere", since, draw.world.ends)

    def dated(one: Arrival) -> Arrival:
        return with_fields(one, occurred_at=stamp(one.happened - one.happened % DAY)[:10])

    return Planted(changed(arrivals, chosen, dated), f"{words} as dates")


def placeholders(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let a source put a placeholder where it knows no time."""
    kind: Kind = draw.random.choice(("account_activity", "sale", "cancellation"))
    value = draw.random.choice(PLACEHOLDERS)
    share = round(draw.random.choice((0.002, 0.02, 0.2)), 3)
    chosen, words = of_kind(draw, kind, "everywhere", draw.world.begins, draw.world.ends)
    hit = some(draw, share)

    def chance(one: Arrival) -> bool:
        return chosen(one) and hit(one.record["event_id"])

    def without_time(one: Arrival) -> Arrival:
        return with_fields(one, occurred_at=value)

    return Planted(changed(arrivals, chance, without_time), f"{share:.1%} of {words} dated {value}")


CLOCKS: Final = (
    Fault("a clock off by up to an hour", _skewed(30, 0.95 * HOUR), ()),
    Fault(
        "a clock off by hours",
        _skewed(2 * HOUR, 20 * HOUR),
        ("late", "leap"),
    ),
    Fault(
        "local times without an offset",
        without_offset,
        ("unreadable_occurred_at",),
        gap="They are refused. That names an account, and says not when: its sale may have been "
        "forgotten by then.",
    ),
    Fault(
        "dates without a time of day",
        dates_only,
        ("late",),
    ),
    Fault(
        "placeholder dates",
        placeholders,
        ("impossible_time", "too_late", "leap"),
        gap="A use dated in another century that is not refused looks like no use. In a small "
        "world a few sales of the future move time, and true ones are refused.",
    ),
)
