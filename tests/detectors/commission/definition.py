"""What becomes of commissions, written down once more: from events and alerts, day by day."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from detectors.alerts.alert import Alert
from detectors.alerts.data_quality import time_of
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Seconds, day_of, moment
from detectors.commission.action import CommissionAction
from detectors.events.event import AnyEvent, Cancellation, Sale

Course = list[tuple[datetime, str, str | None]]
"""When something was told of a sale, the action, and the id of the alert that covers it."""


class Cover(Struct, frozen=True, order=True):
    """From which day on an alert covers sales, its id, and whose they are."""

    since: int
    alert_id: str
    agent_id: str


def covers(alerts: Sequence[Alert], end: datetime) -> Iterator[Cover]:
    """Yield the *critical* alerts about agents that are open at a moment."""
    latest = {one.alert_id: one for one in alerts if one.updated_at <= end}
    for one in latest.values():
        if one.subject.type == "agent" and (one.status, one.severity) == ("open", "critical"):
            yield Cover(day_of(time_of(one)[0]), one.alert_id, one.subject.id)


def courses(
    events: Sequence[AnyEvent], alerts: Sequence[Alert], window: str, until: Seconds
) -> dict[str, Course]:
    """Return what must be told of the sales of a log in which nothing is late or corrected.

    Only days are told that lie so far back that the day after them was judged.
    """
    sales = [one for one in events if isinstance(one, Sale)]
    length = timedelta(seconds=seconds_of(window))
    ended = {one.sale_id: one.occurred_at for one in events if isinstance(one, Cancellation)}
    told: dict[str, Course] = {one.sale_id: [] for one in sales}
    first = min(one.occurred_at for one in sales).replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(int((until - first.timestamp()) // DAY) - 1):
        end = first + timedelta(days=number + 1)
        open_now = sorted(covers(alerts, end))
        for sale in sales:
            if sale.occurred_at >= end:
                continue
            is_due = sale.occurred_at + length < end
            came_back = ended.get(sale.sale_id, moment(until)) <= sale.occurred_at + length
            own = [one for one in open_now if one.agent_id == sale.agent_id]
            _tell(told[sale.sale_id], sale, end, own, is_due=is_due, came_back=came_back)
    return {name: course for name, course in told.items() if course}


def _tell(
    course: Course,
    sale: Sale,
    end: datetime,
    own: Sequence[Cover],
    *,
    is_due: bool,
    came_back: bool,
) -> None:
    _, last, by = course[-1] if course else (end, "", None)
    sold_on = day_of(Seconds(sale.occurred_at.timestamp()))
    covering = [one.alert_id for one in own if one.since <= sold_on]
    action, alert_id = "none" if course else "", None
    if is_due and came_back:
        action = "claw_back"
    elif is_due and (last == "release" or not covering):
        action = "release"
    elif covering:
        action, alert_id = "hold", by if by in covering else covering[0]
    if action and (action, alert_id) != (last, by):
        course.append((end, action, alert_id))


def told_courses(actions: Sequence[CommissionAction]) -> dict[str, Course]:
    """Return the same of what was told."""
    told: dict[str, Course] = {}
    for one in actions:
        told.setdefault(one.sale_id, []).append((one.decided_at, one.action, one.alert_id))
    return told
