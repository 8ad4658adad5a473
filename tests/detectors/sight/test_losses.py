"""A part of all use is lost: told from the right day on, and never of one agent's customers."""

from collections.abc import Callable
from typing import Final

import pytest

from detectors.basis.event_time import Day
from detectors.messages.seen import AGENT_GROUPS, YOUNG
from detectors.sight.losing import Cohort, Losing
from detectors.sight.stretch import EVERYWHERE, IN_PART, Stretch
from tests.detectors.sight.feeds import Fact, Lost, Telling, blind_by_day, seeded, world

FROM: Final = 30
DAYS: Final = 80


def losses(lost: Lost, daily: int = 6) -> list[list[Stretch]]:
    """Return by days in which stretches a part of use is known to be lost."""
    by_day = blind_by_day(world(seeded(1), daily, lost, DAYS), Telling(), seeded(1), days=DAYS)
    return [[one for one in stretches if one.kind == IN_PART] for stretches in by_day]


def a_share(share: float, where: Callable[[Fact], bool] = lambda _: True) -> Lost:
    random = seeded(2)
    return lambda fact, day: day >= FROM and where(fact) and random.random() < share


def test_where_all_is_seen_nothing_is_told() -> None:
    assert not any(losses(a_share(0.0)))


@pytest.mark.parametrize("share", [0.4, 0.6, 0.9])
def test_a_part_of_all_use_is_found_a_fortnight_later_from_its_beginning_on(share: float) -> None:
    by_day = losses(a_share(share))
    assert not any(by_day[: FROM + 1])
    known = {one.site: one for one in by_day[FROM + 13]}
    assert known[EVERYWHERE].until is None
    assert FROM - 4 <= known[EVERYWHERE].since <= FROM + 1
    assert "a part of account activity could not be seen from" in known[EVERYWHERE].words


def test_a_part_of_the_use_of_one_site_is_told_of_that_site_alone() -> None:
    by_day = losses(a_share(0.6, lambda fact: fact.site == "porto"))
    assert {one.site for one in by_day[-1]} == {"porto"}
    assert {one.until for one in by_day[-1]} == {None}


def test_a_tenth_is_not_found() -> None:
    assert not any(losses(a_share(0.1)))


@pytest.mark.parametrize("daily", [6, 20])
def test_a_stretch_lasts_until_all_that_is_sold_is_seen_in_use_again(daily: int) -> None:
    random, ends = seeded(2), FROM + 15
    by_day = losses(lambda _, day: FROM <= day < ends and random.random() < 0.6, daily)
    [whole] = [one for one in by_day[-1] if one.site == EVERYWHERE]
    assert whole.until is not None
    assert ends <= whole.until <= ends + YOUNG
    assert whole.certain_until == whole.until


def test_one_agent_whose_customers_use_nothing_is_no_feed_that_fails() -> None:
    """Each site has six: without this one, no share has fallen."""
    guilty = "agent 0 of porto"
    assert not any(losses(a_share(1.0, lambda fact: fact.agent == guilty)))


class TakesAllTogether(Losing, array_like=True):
    """Does not look whether one group of agents alone makes the share fall."""

    def _log_ratios(self, cohort: Cohort) -> list[float]:
        counts = [(sum(some), *(0,) * (AGENT_GROUPS - 1)) for some in cohort]
        together = super()._log_ratios(Cohort(*counts))
        return [together[-1]] * AGENT_GROUPS


@pytest.mark.parametrize(("kind", "is_lost"), [(Losing, False), (TakesAllTogether, True)])
def test_a_group_that_sells_a_fifth_is_left_out_as_well(
    kind: type[Losing], *, is_lost: bool
) -> None:
    sold, used = (15,) + (4,) * (AGENT_GROUPS - 1), (4,) * (AGENT_GROUPS - 2) + (2,)
    source = kind()
    for day in range(120):
        source.add(Day(day), Cohort(sold, (14 if day < 60 else 0, *used)))
    assert source.is_lost is is_lost


def test_a_share_that_varies_by_chance_is_hardly_ever_told_as_a_loss() -> None:
    """Twenty sources for three years each: at most one false stretch in ten years of each."""
    random, told = seeded(3), 0
    for _ in range(20):
        source = Losing()
        for day in range(3 * 365):
            sold = [random.randrange(3) for _ in range(AGENT_GROUPS)]
            used = [sum(random.random() < 0.85 for _ in range(number)) for number in sold]
            was = source.is_lost
            source.add(Day(day), Cohort(tuple(sold), tuple(used)))
            told += source.is_lost and not was
    assert told <= 3


def test_what_is_usual_follows_a_source_that_changes_slowly() -> None:
    random, source = seeded(4), Losing()
    for day in range(365):
        share = 0.9 - 0.3 * day / 365
        sold = (3,) * AGENT_GROUPS
        used = tuple(sum(random.random() < share for _ in range(3)) for _ in sold)
        source.add(Day(day), Cohort(sold, used))
        assert not source.is_lost
