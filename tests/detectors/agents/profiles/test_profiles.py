"""Profiles: what is told of daily numbers, when, and that replay changes nothing."""

from collections.abc import Callable, Sequence
from math import log, log1p
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.agents.profiles.profiles import Profiles, ProfilesState
from detectors.alerts.alert import Alert, canonical_order, evidence_of
from detectors.alerts.evidence import ShiftEvidence
from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Day, day_name
from detectors.basis.identifiers import AgentId, Cell, PatternName
from detectors.conformance.streams import Chance
from detectors.messages.outcomes import SaleMade, SalesDay, ShadowCount
from detectors.messages.sold import DaySold, merged_sold
from detectors.profiles.profile import AMOUNT_SHIFT, VOLUME_SHIFT, Profile, default_profiles
from detectors.settings import EvidenceSettings, Settings
from tests.detectors.agents.profiles.broken_profiles import (
    BeginsItsWindowsAnew,
    Broken,
    CountsTheFirstSaleTwice,
    ForgetsItsAlerts,
    ForgetsTheDayThatWaits,
    ForgetsWhereMirrorsStand,
    KnowsOnlyItsPartition,
    TossesByPlace,
    forget_what_is_shared,
)
from tests.detectors.refutation import refuted
from tests.detectors.third_party.far_off import FarOff

FAR_SALES = PatternName("far_sales")
NAMES = (VOLUME_SHIFT, AMOUNT_SHIFT)
FAR = {FAR_SALES: Profile(watches="sales", detector=FarOff(memory=0.05, far=4.0))}
ALL = {**default_profiles(), **FAR}
CROWD = 12
CHANGE = Day(100)
"""The day on which anna changes."""

Days = Sequence[SalesDay]
Make = Callable[[Settings, str, int | None], Profiles]


def sales_of(
    chance: Chance, agent: str, level: float, price: float, product: str = "card"
) -> list[SaleMade]:
    number = max(1, round(level + 2.0 * chance.normal()))
    prices = [price * (1.0 + 0.2 * chance.normal()) for _ in range(number)]
    return [
        SaleMade(
            AgentId(agent), Cell(f"{product}/web"), 0, 0, round(1_000 * log1p(max(0.0, price)))
        )
        for price in prices
    ]


def world(level: float, price: float, days: int = 200, until: int = 10**6) -> Days:
    """Return days on which anna sells `level` a day at a `price` from a day on, others 8 at 50."""
    chance, told = Chance(1), []
    for day in range(days):
        made = []
        for agent in ("anna", *(f"colleague {number}" for number in range(CROWD - 1))):
            changed = agent == "anna" and CHANGE <= day < until
            made += sales_of(chance, agent, level if changed else 8.0, price if changed else 50.0)
        told.append(SalesDay(made))
    return told


def only(names: Sequence[str], resolve_after: str = "14d") -> Settings:
    profiles = {name: profile for name, profile in ALL.items() if name in names}
    return Settings(profiles=profiles, evidence=EvidenceSettings(resolve_after=resolve_after))


SHIFTS = only(NAMES)


def run(
    days: Days, settings: Settings = SHIFTS, seed: int | None = 1
) -> tuple[Profiles, list[Alert]]:
    profiles = Profiles(settings, "hash", seed)
    alerts: list[Alert] = []
    for day, told in enumerate(days):
        alerts += profiles.judge(
            Day(day), profiles.pop(Day(day), {Day(day): told}), profiles.shadow()
        )
    return profiles, alerts


@pytest.mark.parametrize(
    ("level", "price", "name", "said"),
    [
        (16.0, 50.0, VOLUME_SHIFT, "times as many a day as before"),
        (4.0, 50.0, VOLUME_SHIFT, "times as many a day as before"),
        (8.0, 65.0, AMOUNT_SHIFT, "times the amount as before"),
    ],
)
def test_a_change_is_told_once_and_resolved(
    level: float, price: float, name: str, said: str
) -> None:
    profiles, (opened, resolved) = run(world(level, price))
    assert (opened.subject.id, opened.pattern, opened.severity) == ("anna", name, "info")
    assert [opened.status, resolved.status] == ["open", "resolved"]
    assert [opened.revision, resolved.revision] == [1, 2]
    assert opened.alert_id == resolved.alert_id
    assert opened.opened_at == opened.updated_at == resolved.opened_at
    assert (resolved.updated_at - opened.updated_at).days == 14
    assert (
        day_name(Day(CHANGE + 1))
        < opened.updated_at.date().isoformat()
        < day_name(Day(CHANGE + 40))
    )
    likely_start = evidence_of(opened, ShiftEvidence).likely_start
    assert day_name(Day(CHANGE - 15)) <= likely_start <= day_name(Day(CHANGE + 5))
    assert said in opened.summary
    ratio = float(opened.summary.partition("about ")[2].partition("about ")[2].split()[0])
    assert 0.6 < log(ratio) / log(level / 8.0 * price / 50.0) < 1.5
    assert profiles.open_alerts() == {(VOLUME_SHIFT, "info"): 0, (AMOUNT_SHIFT, "info"): 0}


def test_nobody_who_stays_as_he_was_is_told_of() -> None:
    profiles, alerts = run(world(8.0, 50.0, days=365))
    assert alerts == []
    counts = profiles.shadow()
    assert [count.alarms for count in counts.values()] == [0, 0]
    assert all(count.agent_days == CROWD * (365 - 29) for count in counts.values())


def test_the_null_does_not_repeat_what_lasts() -> None:
    profiles, alerts = run(world(16.0, 65.0))
    assert {alert.pattern for alert in alerts} == set(NAMES)
    assert [count.alarms for count in profiles.shadow().values()] == [0, 0]


def test_what_the_null_has_counted_is_told_with_an_alert() -> None:
    profiles = Profiles(only(NAMES), "hash", 1)
    alerts: list[Alert] = []
    null = {VOLUME_SHIFT: ShadowCount(3, 7_300)}
    for day, told in enumerate(world(16.0, 50.0)):
        alerts += profiles.judge(Day(day), profiles.pop(Day(day), {Day(day): told}), null)
    evidence = evidence_of(alerts[0], ShiftEvidence)
    assert (evidence.null_alarms, evidence.null_agent_years) == (3, 20.0)


def test_a_further_shift_while_the_alert_is_open_is_a_revision() -> None:
    profiles = Profiles(only([VOLUME_SHIFT], "365d"), "hash", 1)
    alerts: list[Alert] = []
    for day, told in enumerate(world(24.0, 50.0, days=300, until=170)):
        told_of = profiles.judge(Day(day), profiles.pop(Day(day), {Day(day): told}), {})
        alerts += [alert for alert in told_of if alert.agent_id == "anna"]
    assert [alert.revision for alert in alerts] == list(range(1, len(alerts) + 1))
    assert len(alerts) == 2
    assert len({alert.alert_id for alert in alerts}) == 1
    assert alerts[0].summary != alerts[1].summary
    assert profiles.open_alerts()[VOLUME_SHIFT, "info"] >= 1


def test_what_is_switched_off_is_not_watched() -> None:
    days = world(16.0, 65.0)
    _, alerts = run(days, only([AMOUNT_SHIFT]))
    assert {alert.pattern for alert in alerts} == {AMOUNT_SHIFT}
    profiles, alerts = run(days, only([]))
    assert alerts == []
    assert profiles.pop(Day(0), {Day(0): days[0]}) == DaySold()
    off = {name: msgspec.structs.replace(one, enabled=False) for name, one in ALL.items()}
    assert run(days, Settings(profiles=off))[1] == []
    profiles, alerts = run(days, seed=None)
    assert profiles.shadow() == {}
    assert {evidence_of(alert, ShiftEvidence).null_alarms for alert in alerts} == {None}


def test_one_who_works_alone_is_compared_with_nobody() -> None:
    chance = Chance(4)
    days = [SalesDay(sales_of(chance, "anna", 30.0 if d > 60 else 3.0, 50.0)) for d in range(120)]
    profiles, alerts = run(days)
    assert alerts == []
    assert {count.agent_days for count in profiles.shadow().values()} == {0}


def test_the_state_of_another_river_is_refused() -> None:
    profiles = Profiles(only(NAMES), "hash", 1)
    state = profiles.snapshot()
    state.watches[VOLUME_SHIFT].form = "shift 2, river 99"
    with pytest.raises(IncompatibleSnapshot, match="river 99"):
        profiles.restore(state)


# a detector of somebody else


CAUTIOUS = Settings(
    profiles={FAR_SALES: Profile(watches="sales", detector=FarOff(memory=0.05, far=8.0))}
)


def test_what_another_detector_finds_is_told_and_resolved() -> None:
    profiles, alerts = run(world(200.0, 50.0), CAUTIOUS)
    own = [alert for alert in alerts if alert.agent_id == "anna"]
    opened, *further, resolved = own
    assert [alert.status for alert in own] == [*["open"] * (len(own) - 1), "resolved"]
    assert [alert.revision for alert in own] == list(range(1, len(own) + 1))
    assert len({alert.alert_id for alert in own}) == 1
    assert (opened.pattern, opened.severity) == ("far_sales", "info")
    evidence = evidence_of(opened, ShiftEvidence)
    assert (evidence.likely_start, evidence.observed) == (day_name(CHANGE), 1)
    assert [alert.evidence.observed for alert in further] == [2**n for n in range(1, len(own) - 1)]
    assert evidence.value is not None
    assert evidence.threshold == 0.5 <= evidence.value
    assert evidence.peers == "all other sellers at work on the same day"
    beginning = (
        "Agent anna: the daily number `sales` has looked unusual to the detector `far_off` since "
        f"{day_name(CHANGE)} (score {evidence.value:.2f}): +"
    )
    assert opened.summary.startswith(beginning)
    assert opened.summary.endswith(
        " spreads from where it has been lately. A change to look at, not a finding."
    )
    assert (resolved.updated_at - opened.updated_at).days >= 14
    assert profiles.open_alerts() == {("far_sales", "info"): 0}


def test_the_null_of_another_detector_counts_what_chance_gives() -> None:
    profiles, alerts = run(world(8.0, 50.0, days=365), CAUTIOUS)
    (count,) = profiles.shadow().values()
    assert count.agent_days == CROWD * (365 - 29)
    assert count.alarms == len(alerts) == 0
    bold = only([*FAR])
    profiles, alerts = run(world(8.0, 50.0, days=365), bold)
    (count,) = profiles.shadow().values()
    opened = len({alert.alert_id for alert in alerts})
    assert 0 < count.alarms < 2 * opened
    assert 0 < opened < 2 * count.alarms


def test_the_state_of_another_detector_is_refused() -> None:
    profiles, _ = run(world(8.0, 50.0, days=40), only([*FAR]))
    other = {FAR_SALES: Profile(watches="sales", detector=FarOff(memory=0.3))}
    with pytest.raises(IncompatibleSnapshot, match="far_off"):
        Profiles(Settings(profiles=other), "hash", 1).restore(profiles.snapshot())


# the law of replay: partitions, order and restarts change nothing


AGENTS = ("anna", "boris", "chen", "dora")


class Life(NamedTuple):
    """What agents do: a level of sales for each stretch of 50 days, and a later price."""

    seed: int
    levels: tuple[tuple[float, ...], ...]
    prices: tuple[float, ...]

    def days(self) -> Days:
        chance = Chance(self.seed)
        told = []
        for day in range(150):
            made = []
            for name, levels, price in zip(AGENTS, self.levels, self.prices, strict=True):
                if chance.uniform() < 0.9:
                    price_now = price if day >= 75 else 50.0
                    kind = f"product {day % 2}"
                    made += sales_of(chance, name, levels[day // 50], price_now, kind)
            told.append(SalesDay(made))
        return told


LIVES = st.builds(
    Life,
    st.integers(0, 1_000),
    st.tuples(*[st.tuples(*[st.sampled_from((4.0, 8.0, 24.0))] * 3)] * len(AGENTS)),
    st.tuples(*[st.sampled_from((50.0, 90.0))] * len(AGENTS)),
)


class Subject(NamedTuple):
    """What the law is asked of: how profiles are watched, and which."""

    make: Make
    settings: Settings


def restarted(subject: Subject, profiles: Profiles) -> Profiles:
    saved = msgspec.msgpack.encode(profiles.snapshot())
    fresh = subject.make(subject.settings, "hash", 1)
    fresh.restore(msgspec.msgpack.decode(saved, type=ProfilesState))
    return fresh


def replay_law(subject: Subject, data: st.DataObject) -> None:
    days = data.draw(LIVES).days()
    whole, expected = run(days, subject.settings)
    place = {name: data.draw(st.integers(0, 1)) for name in AGENTS}
    parts = [subject.make(subject.settings, "hash", 1) for _ in range(2)]
    cuts = data.draw(st.frozensets(st.integers(0, len(days) - 1), max_size=6))
    turned = data.draw(st.booleans())
    alerts: list[Alert] = []
    for day, told in enumerate(days):
        made = told.made[::-1] if turned else told.made
        own = [
            {Day(day): SalesDay([sale for sale in made if place[sale.agent_id] == number])}
            for number in range(2)
        ]
        sold = merged_sold(
            [part.pop(Day(day), told) for part, told in zip(parts, own, strict=True)]
        )
        if day in cuts:
            parts = [restarted(subject, part) for part in parts]
        for part in parts:
            alerts += part.judge(Day(day), sold, {})
    blank = [_without_null(alert) for alert in expected]
    assert sorted(alerts, key=canonical_order) == sorted(blank, key=canonical_order)
    for name, count in whole.shadow().items():
        counts = [part.shadow()[name] for part in parts]
        assert sum(one.alarms for one in counts) == count.alarms
        assert sum(one.agent_days for one in counts) == count.agent_days


def _without_null(alert: Alert) -> Alert:
    evidence = msgspec.structs.replace(alert.evidence, null_alarms=None, null_agent_years=None)
    return msgspec.structs.replace(alert, evidence=evidence)


EVERY = Settings(profiles=ALL)


@settings(max_examples=12)
@given(st.data())
def test_partitions_order_and_restarts_change_nothing(data: st.DataObject) -> None:
    replay_law(Subject(Profiles, EVERY), data)


@pytest.mark.parametrize(
    "broken",
    [
        BeginsItsWindowsAnew,
        CountsTheFirstSaleTwice,
        ForgetsItsAlerts,
        ForgetsTheDayThatWaits,
        ForgetsWhereMirrorsStand,
        KnowsOnlyItsPartition,
        TossesByPlace,
    ],
)
def test_that_law_catches(broken: type[Profiles]) -> None:
    assert refuted(replay_law, Subject(broken, EVERY), examples=60)


@pytest.mark.parametrize("how", ["Forgetful", "Sharing", "Counting"])
def test_that_law_catches_a_detector_that_breaks_the_contract(how: str) -> None:
    broken = Profile(watches="sales", detector=Broken(how=how, far=2.0))
    subject = Subject(Profiles, Settings(profiles={PatternName("mine"): broken}))
    assert refuted(law_from_scratch, subject, examples=60)


def law_from_scratch(subject: Subject, data: st.DataObject) -> None:
    """Hold a subject to the law, whatever detectors have shared in the example before."""
    forget_what_is_shared()
    replay_law(subject, data)
