"""What was told of a commission agrees just if events and alerts give it, in every field."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from io import StringIO
from typing import Final

import pytest
from msgspec import structs
from rich.console import Console

from detectors.alerts.alert import Alert
from detectors.basis.event_time import Day, Seconds, day_of, moment, seconds_at
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.commission.action import CommissionAction, commission_id
from detectors.commission_settings import CommissionSettings
from detectors.correction_settings import CorrectionSettings
from detectors.events.event import AccountEvent, AnyEvent, Sale
from detectors.ledger.clock import EventClock
from detectors.sight.stretch import EVERYTHING_SEEN, EVERYWHERE, Blindness, Stretch
from streams.explain.accounts.sale_course import Arrived
from streams.explain.commissions.course import CommissionCourse, Cover, cover_of
from streams.explain.commissions.explanation import CommissionExplanation
from streams.files.events import Origin
from tests.detectors.commission.broken import HoldsEverything, RepeatsItself
from tests.detectors.commission.test_commissions import SURE, UNTIL, judged, log
from tests.detectors.insider.acts import GUILTY
from tests.detectors.worlds import Arrival, as_they_arrive, at

LATE: Final = (0.25, 100.0, 520.0)
"""Hours after which sales of the guilty are corrected, which were keyed for a colleague."""

World = tuple[list[AnyEvent], list[Alert], list[CommissionAction]]
Place = tuple[AccountId, SaleId]


def world(delays: Sequence[float]) -> World:
    """Return a log with corrections, what is told of it, and who is under an alert.

    Some sales are dated anew when their window has ended, and some name another commission.
    """
    events = log(delays)
    honest = [one for one in events if isinstance(one, Sale) and one.agent_id != GUILTY]
    arrivals = [Arrival(one, 0) for one in events]
    for one in honest[5:400:40]:
        again = f"again {one.event_id}"
        later = structs.replace(
            one, event_id=again, version=2, occurred_at=one.occurred_at + timedelta(days=9)
        )
        arrivals.append(Arrival(later, 24 * 14))
    for one in honest[20:400:40]:
        dearer = structs.replace(one, event_id=f"dearer {one.event_id}", version=2, commission=99.5)
        arrivals += [Arrival(dearer, 24 * 3), Arrival(structs.replace(dearer, version=3), 24 * 22)]
    events = as_they_arrive(arrivals) if delays else events
    alerts, actions = judged(events, SURE)
    return events, alerts, actions


@cache
def corrected() -> World:
    return world(LATE)


def arrived(events: Sequence[AnyEvent]) -> dict[AccountId, list[Arrived]]:
    """Return the events of each account as they came."""
    clock, found = EventClock(SURE.time, ("events",)), defaultdict[AccountId, list[Arrived]](list)
    for number, event in enumerate(events):
        if isinstance(event, AccountEvent):
            origin = Origin("events.jsonl", number + 1)
            found[event.account_id].append(
                Arrived(event, origin, clock.watermark(), as_arrived=True)
            )
            clock.observe("events", seconds_at(event.occurred_at), event.account_id)
    return found


def covers_of(alerts: Sequence[Alert]) -> list[Cover]:
    return [cover for cover in map(cover_of, alerts) if cover is not None]


def by_sale(actions: Sequence[CommissionAction]) -> dict[Place, list[CommissionAction]]:
    found = defaultdict[Place, list[CommissionAction]](list)
    for one in actions:
        found[one.account_id, one.sale_id].append(one)
    return found


def agreement_law(made: World) -> None:
    """Hold that the course of every sale is what was told of it, also where that is nothing."""
    events, alerts, actions = made
    told, covers, own = by_sale(actions), covers_of(alerts), arrived(events)
    sales = {(one.account_id, one.sale_id) for one in events if isinstance(one, Sale)}
    for account_id, sale_id in sorted(sales):
        course = CommissionCourse(SURE, account_id, sale_id, own[account_id], UNTIL, covers)
        assert course.revisions == told.get((account_id, sale_id), [])


def test_every_sale_of_a_log_agrees_corrected_ones_too() -> None:
    agreement_law(corrected())
    told = by_sale(corrected()[2])
    assert {len(one) for one in told.values()} >= {1, 2}
    assert {one.action for one in corrected()[2]} == {"release", "claw_back", "hold", "none"}
    assert 99.5 in {one.amount for one in corrected()[2]}


@pytest.mark.parametrize("broken", [HoldsEverything, RepeatsItself])
def test_the_law_catches_a_book_that_breaks_it(
    broken: type[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detectors.agents.commissions.CommissionBook", broken)
    with pytest.raises(AssertionError):
        agreement_law(world(LATE))


def explanation(
    revisions: Sequence[CommissionAction],
    unseen: Sequence[Stretch] = (),
    covers: Sequence[Cover] | None = None,
) -> CommissionExplanation:
    events, alerts, _ = corrected()
    own = arrived(events)[revisions[0].account_id]
    known = covers_of(alerts) if covers is None else covers
    return CommissionExplanation(SURE, revisions, own, UNTIL, known, unseen)


def printed(explained: CommissionExplanation) -> str:
    text = StringIO()
    explained.print(Console(file=text, width=200, highlight=False, markup=False))
    return text.getvalue()


@cache
def held() -> list[CommissionAction]:
    """Return what was told of a sale that was held to the end."""
    return next(
        one
        for one in by_sale(corrected()[2]).values()
        if [told.action for told in one] == ["hold"] and one[0].amount
    )


TAMPERED: Final = {
    "revision": 7,
    "action": "release",
    "agent_id": AgentId("somebody else"),
    "amount": 1.5,
    "reason": "For a reason.",
    "alert_id": "0" * 24,
    "sold_at": at(1),
    "window": "21d",
    "window_ends_at": at(1),
    "decided_at": at(1),
    "config_hash": "0" * 16,
    "commission_id": "0" * 24,
}


@pytest.mark.parametrize(
    "field", sorted({*CommissionAction.__struct_fields__} - {"sale_id", "account_id"})
)
def test_what_was_tampered_with_disagrees(field: str) -> None:
    (told,) = held()
    assert explanation([told]).agrees()
    changed = explanation([structs.replace(told, **{field: TAMPERED[field]})])
    assert not changed.agrees()
    assert f"NO: {field}" in printed(changed)


def test_of_another_sale_or_a_revision_less_or_without_its_alert_it_disagrees() -> None:
    (told,) = held()
    assert not explanation([structs.replace(told, sale_id=SaleId("another"))]).agrees()
    assert not explanation([told], covers=[]).agrees()
    twice = next(one for one in by_sale(corrected()[2]).values() if len(one) > 1)
    assert explanation(twice).agrees()
    less = explanation(twice[:-1])
    assert not less.agrees()
    assert "NO: not reported" in printed(less)


def test_it_shows_the_sale_the_alert_and_why() -> None:
    (told,) = held()
    text = printed(explanation([told]))
    assert f"Sale {told.sale_id} at {told.sold_at.isoformat()}" in text
    assert f"hold by {told.alert_id}" in text
    assert "it is open" in text
    assert GUILTY in text
    back = next(one for one in corrected()[2] if one.action == "claw_back" and one.revision == 1)
    text = printed(explanation(by_sale(corrected()[2])[back.account_id, back.sale_id]))
    assert "│ cancellation (" in text
    assert "No critical alert about who sold it was ever open." in text


def test_what_could_not_be_seen_is_not_told_as_kept() -> None:
    """Released before that was known, and taken back: the last revision must say so."""
    kept = next(
        one
        for one in by_sale(corrected()[2]).values()
        if [told.action for told in one] == ["release"]
    )
    day = day_of(seconds_at(kept[0].sold_at))
    unseen = [Stretch("cancellation", EVERYWHERE, Day(day + 2), Day(day + 5))]
    assert explanation(kept).agrees()
    assert not explanation(kept, unseen).agrees()
    (released,) = kept
    taken_back = structs.replace(
        released,
        revision=2,
        action="none",
        reason="Cancellations could not be seen for all of the window: nobody can tell whether "
        "the product came back.",
        decided_at=at(24 * 50),
    )
    assert explanation([released, taken_back], unseen).agrees()
    assert not explanation([taken_back, released], unseen).agrees()
    bogus = structs.replace(released, action="claw_back")
    assert not explanation([bogus, taken_back], unseen).agrees()
    assert "nobody can tell whether the product was kept" in printed(explanation(kept, unseen))


def test_another_id_is_another_sale() -> None:
    (told,) = held()
    assert told.commission_id == commission_id(told.account_id, told.sale_id)


def test_what_was_released_is_held_no_more_and_what_is_old_is_forgotten() -> None:
    settings = structs.replace(
        SURE,
        commission=CommissionSettings(window="5d"),
        corrections=CorrectionSettings(),
    )
    sale = next(one for one in log() if isinstance(one, Sale) and one.agent_id != GUILTY)
    own = arrived([sale])[sale.account_id]
    assert sale.agent_id is not None
    sold_at = seconds_at(sale.occurred_at)
    far = Seconds(sold_at + 86_400.0 * 400)
    day = day_of(sold_at)
    blind = Blindness((Stretch("cancellation", EVERYWHERE, Day(day + 1), Day(day + 2)),))
    for days, blindness, actions in (
        (3, EVERYTHING_SEEN, ["hold"]),
        (10, EVERYTHING_SEEN, ["release"]),
        (10, blind, ["none", "hold"]),
        (300, blind, ["none"]),
    ):
        opened = Seconds(sold_at + 86_400.0 * days)
        cover = Cover("alert", sale.agent_id, day, opened, is_critical=True)
        sold = (settings, sale.account_id, sale.sale_id, own, far, [cover])
        course = CommissionCourse(*sold, blindness)
        assert [one.action for one in course.revisions] == actions, days


def test_a_sale_stays_held_by_the_alert_that_held_it_first() -> None:
    """Another one that reaches further back changes nothing until the first has ended."""
    sale = next(one for one in log() if isinstance(one, Sale) and one.agent_id != GUILTY)
    assert sale.agent_id is not None
    sold_at = seconds_at(sale.occurred_at)
    day, hour = day_of(sold_at), 3_600.0
    first = Cover("first", sale.agent_id, day, Seconds(sold_at + 24 * hour), is_critical=True)
    other = Cover(
        "other", sale.agent_id, Day(day - 5), Seconds(sold_at + 72 * hour), is_critical=True
    )
    ended = first._replace(updated_at=Seconds(sold_at + 200 * hour), is_critical=False)
    until = Seconds(sold_at + 400 * hour)
    place = (SURE, sale.account_id, sale.sale_id, arrived([sale])[sale.account_id], until)
    course = CommissionCourse(*place, [first, other, ended])
    assert [one.alert_id for one in course.revisions] == ["first", "other"]
    assert course.revisions[1].decided_at > moment(ended.updated_at)
