"""Sight: the same stretches over ledgers, orders, duplicates and restarts, and the right ones."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.basis.event_time import Day
from detectors.sight.sight import Sight
from detectors.sight.stretch import EVERYWHERE, IN_PART, Stretch
from tests.detectors.refutation import refuted
from tests.detectors.sight.broken import (
    BelievesTheLastLedger,
    CountsWhatIsToldAgain,
    ForgetsTheRun,
    ForgetsWhatIsUsual,
)
from tests.detectors.sight.feeds import DAYS, Fact, Lost, Telling, blind_by_day, seeded, world

ONE: Final = Telling()
FROM: Final = 20


def found(lost: Lost, daily: int = 6, days: int = DAYS) -> set[tuple[str, str, int, int | None]]:
    """Return what is known in the end: of which kind and site, since when and until when.

    What a part of was lost is told apart (`test_losses`).
    """
    facts = world(seeded(1), daily, lost, days)
    last = blind_by_day(facts, ONE, seeded(1), days=days)[-1]
    return {(one.kind, one.site, one.since, one.until) for one in last if one.kind != IN_PART}


def sight_law(sight_type: type[Sight], data: st.DataObject) -> None:
    random = data.draw(st.randoms(use_true_random=True))
    site = random.choice(("leeds", "porto", None))
    since, length = FROM + random.randrange(6), random.randrange(3, 12)
    share = random.choice((0.5, 1.0))

    def lost(fact: Fact, day: int) -> bool:
        hit = since <= day < since + length and (site is None or fact.site == site)
        return hit and random.random() < share

    facts = world(random, random.randrange(2, 8), lost)
    telling = Telling(random.randrange(1, 5), repeats=True, restarts=True)
    assert blind_by_day(facts, telling, random, sight_type) == blind_by_day(facts, ONE, random)


@settings(max_examples=6)
@given(data=st.data())
def test_ledgers_orders_duplicates_and_restarts_change_no_stretch(data: st.DataObject) -> None:
    sight_law(Sight, data)


@pytest.mark.parametrize(
    "broken", [CountsWhatIsToldAgain, BelievesTheLastLedger, ForgetsTheRun, ForgetsWhatIsUsual]
)
def test_the_law_catches_sights_that_break_it(broken: type[Sight]) -> None:
    assert refuted(sight_law, broken, examples=30)


def test_a_feed_that_stops_is_blind_from_the_day_it_did_until_it_came_back() -> None:
    lost_for = range(FROM, FROM + 10)
    assert found(lambda _, day: day in lost_for) == {
        ("account_activity", EVERYWHERE, FROM, FROM + 10)
    }
    assert found(lambda _, day: day >= FROM) == {("account_activity", EVERYWHERE, FROM, None)}


def test_a_stretch_is_known_on_its_third_day_and_not_before() -> None:
    facts = world(seeded(1), 6, lambda _, day: day >= FROM)
    by_day = blind_by_day(facts, ONE, seeded(1))
    assert by_day[FROM + 1] == ()
    assert by_day[FROM + 2] == (Stretch("account_activity", EVERYWHERE, Day(FROM)),)


def test_one_site_alone() -> None:
    assert found(lambda fact, day: fact.site == "porto" and day >= FROM) == {
        ("account_activity", "porto", FROM, None)
    }


def test_a_feed_that_comes_back_with_hardly_anything_is_still_blind() -> None:
    one_in_thirty = seeded(2)
    lost = found(lambda _, day: day >= FROM and one_in_thirty.random() > 1 / 30, daily=30)
    assert lost == {("account_activity", EVERYWHERE, FROM, None)}


def test_half_of_a_feed_is_no_stretch_without_sight() -> None:
    half = seeded(2)
    assert found(lambda _, day: day >= FROM and half.random() > 0.5) == set()


def test_a_weekend_without_events_is_none() -> None:
    facts = [fact for fact in world(seeded(1)) if fact.sold % 7 < 5]
    quiet = [
        fact._replace(
            used=fact.used and fact.used + max(0, 7 - fact.used % 7) * (fact.used % 7 > 4)
        )
        for fact in facts
    ]
    assert blind_by_day(quiet, ONE, seeded(1))[-1] == ()


def test_a_fortnight_off_is_none() -> None:
    facts = [fact for fact in world(seeded(1)) if not FROM <= fact.sold < FROM + 14]
    assert blind_by_day(facts, ONE, seeded(1))[-1] == ()


def test_a_kind_that_never_came_is_blind_from_the_beginning() -> None:
    assert found(lambda _, day: day >= 0) == {("account_activity", EVERYWHERE, 0, None)}


def test_few_sales_without_anything_are_no_evidence() -> None:
    facts = [Fact(None, day, None, None) for day in range(0, DAYS, 3)]
    assert blind_by_day(facts, ONE, seeded(1))[-1] == ()


def test_a_site_that_opens_later_is_compared_with_all_others() -> None:
    facts = world(seeded(1))
    opened = [fact for fact in facts if fact.site != "riga" or fact.sold >= FROM]
    assert blind_by_day(opened, ONE, seeded(1))[-1] == ()
    unseen = [fact._replace(used=None) if fact.site == "riga" else fact for fact in opened]
    assert blind_by_day(unseen, ONE, seeded(1))[-1] == (
        Stretch("account_activity", "riga", Day(FROM), None, Day(DAYS - 10)),
    )


def test_a_site_with_few_sales_is_not_judged() -> None:
    facts = [fact for fact in world(seeded(1)) if fact.site != "riga"]
    few = [Fact("riga", day, None, None) for day in range(FROM, DAYS, 3)]
    assert blind_by_day([*facts, *few], ONE, seeded(1))[-1] == ()


def test_events_that_come_late_fill_the_gap() -> None:
    facts = world(seeded(1))
    held = [
        fact._replace(used=None) if fact.used and FROM <= fact.used < FROM + 5 else fact
        for fact in facts
    ]
    before = blind_by_day(held, ONE, seeded(1), days=FROM + 5)
    assert before[-1][:1] == (Stretch("account_activity", EVERYWHERE, Day(FROM)),)
    assert blind_by_day(facts, ONE, seeded(1))[-1] == ()
