"""What truly happens, and is nobody's fault: outages, and bad months of a site or a team."""

from collections.abc import Sequence
from typing import Final

from bench.edges.fault import Draw, Fault, Planted, days_since, in_order, some
from bench.edges.world import DAY, HOUR, Arrival, Record, arrival_of, stamp

BAD_MONTH: Final = 30
QUICK_DAYS: Final = 9


def nobody_sells(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let a site sell nothing for some days."""
    since, site = draw.moment(), draw.site()
    days = draw.random.randint(1, 7)
    until = since + days * DAY
    gone = {
        one.account
        for one in arrivals
        if one.kind == "sale" and one.site == site and since <= one.happened < until
    }
    left = [one for one in arrivals if one.account not in gone]
    day = days_since(draw.world, since)
    return Planted(left, f"{site} sells nothing from day {day} for {days} days")


def many_cancel_on_a_day(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let many customers of the last days of a site cancel on one day."""
    day, site = draw.moment(), draw.site()
    share = round(draw.random.uniform(0.3, 0.9), 2)
    hit = some(draw, share)
    sales = [
        one
        for one in arrivals
        if one.kind == "sale"
        and one.site == site
        and day - QUICK_DAYS * DAY <= one.happened < day
        and hit(one.account)
    ]
    at = {one.account: day + draw.random.uniform(8, 20) * HOUR for one in sales}
    told = days_since(draw.world, day)
    return Planted(_cancelled(arrivals, sales, at), f"{share:.0%} of {site} cancel on day {told}")


def bad_month(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let the customers of a site or a team cancel more often for a month."""
    since = draw.moment()
    group = draw.random.choice((*draw.world.sites, *draw.world.teams))
    share = round(draw.random.uniform(0.15, 0.5), 2)
    hit = some(draw, share)
    sales = [
        one
        for one in arrivals
        if one.kind == "sale"
        and group in (one.site, one.team)
        and since <= one.happened < since + BAD_MONTH * DAY
        and hit(one.account)
    ]
    at = {
        one.account: one.happened + draw.random.uniform(1, 24 * QUICK_DAYS) * HOUR for one in sales
    }
    day = days_since(draw.world, since)
    return Planted(_cancelled(arrivals, sales, at), f"{share:.0%} of {group} cancel from day {day}")


def idle_month(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let many accounts that a site sells within a month never be used: a partner went out."""
    since, site = draw.moment(), draw.site()
    share = round(draw.random.uniform(0.2, 0.6), 2)
    hit = some(draw, share)
    idle = {
        one.account
        for one in arrivals
        if one.kind == "sale"
        and one.site == site
        and since <= one.happened < since + BAD_MONTH * DAY
        and hit(one.account)
    }
    left = [one for one in arrivals if one.kind != "account_activity" or one.account not in idle]
    day = days_since(draw.world, since)
    return Planted(left, f"{share:.0%} of {site} stay idle from day {day}")


def _cancelled(
    arrivals: Sequence[Arrival], sales: Sequence[Arrival], at: dict[str, float]
) -> list[Arrival]:
    """Cancel sales at these times, by account; nothing happens on the account after that."""
    left = [
        one
        for one in arrivals
        if one.account not in at or (one.happened < at[one.account] and one.kind != "cancellation")
    ]
    kept = {one.record["sale_id"] for one in left if one.kind == "sale"}
    ends = max((one.happened for one in arrivals), default=0.0)
    for number, sale in enumerate(sales):
        when = at[sale.account]
        if sale.record["sale_id"] not in kept or when >= ends:
            continue
        record: Record = {
            "type": "cancellation",
            "event_id": f"storm-{number}-{sale.record['sale_id']}",
            "account_id": sale.account,
            "occurred_at": stamp(when),
            "sale_id": sale.record["sale_id"],
            "reason": "customer_request",
            "initiated_by": "customer",
        }
        left.append(arrival_of(record, sale.record))
    return in_order(left)


HAPPENINGS: Final = (
    Fault("a site sells nothing for days", nobody_sells, (), happens=True),
    Fault("a day on which a site cancels", many_cancel_on_a_day, ("group",), happens=True),
    Fault("a bad month of a site or team", bad_month, ("group",), happens=True),
    Fault("a month in which a site stays idle", idle_month, ("group",), happens=True),
)
