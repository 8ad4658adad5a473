"""Whatever happens: every open alert is told, every end is told, and nothing else.

Each law is broken by a core that lacks one thing, and the simulation must notice.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from detectors.alerts.alert import Alert, Severity
from streams.notify.deliveries import Change, Deliveries, Identity, Key, Timing
from streams.notify.picture import Picture
from streams.wire.delivery import Delivery
from tests.streams.notify.simulation import ALERTS, CASE_OF, LawBroken, Simulation

Step = Callable[[Simulation], Any]

SERVERS = st.sampled_from([0, 1])
MINUTES = st.sampled_from([0.2, 0.5, 1, 3, 20, 60])


def steps() -> st.SearchStrategy[Step]:
    """Give one thing that may happen; those that matter most are more frequent."""
    revision = st.tuples(
        st.sampled_from(ALERTS),
        st.sampled_from(["info", "warning", "critical"]),
        st.sampled_from(["open", "open", "resolved"]),
    ).map(lambda drawn: lambda world: world.revise(*drawn))
    decision = st.tuples(
        st.sampled_from(sorted(set(CASE_OF.values()))),
        st.sampled_from(["open", "acknowledged", "snoozed", "proposed", "closed"]),
        st.sampled_from([1, 10, 90]),
    ).map(lambda drawn: lambda world: world.decide(*drawn))
    waiting = MINUTES.map(lambda minutes: lambda world: world.wait(minutes))
    network = st.tuples(SERVERS, st.sampled_from(["up", "cut", "answers lost"]))
    ending = st.tuples(SERVERS, st.booleans())
    rest = [
        st.integers(0, 30).map(lambda place: lambda world: world.repeat(place)),
        st.integers(0, 12).map(lambda effects: lambda world: world.kill_notifier(effects)),
        st.just(lambda world: world.start()),
        st.just(lambda world: world.start()),
        network.map(lambda drawn: lambda world: world.network(*drawn)),
        ending.map(lambda drawn: lambda world: world.end_server(drawn[0], in_order=drawn[1])),
        SERVERS.map(lambda number: lambda world: world.start_server(number)),
        SERVERS.map(lambda number: lambda world: world.save(number)),
    ]
    return st.one_of(revision, revision, decision, waiting, waiting, *rest)


@given(st.lists(steps(), max_size=40))
@settings(max_examples=150)
def test_the_laws_hold_over_any_schedule(schedule: list[Step]) -> None:
    world = Simulation()
    for step in schedule:
        step(world)
    world.settle()


@given(st.lists(steps(), max_size=25))
@settings(max_examples=40)
def test_an_hour_without_contact_is_no_end_where_alerts_last_longer(schedule: list[Step]) -> None:
    world = Simulation(timing=Timing(lasts=timedelta(days=1)))
    for step in schedule:
        step(world)
    world.network(0, "cut")
    world.network(1, "answers lost")
    world.wait(60)
    world.settle()


# ----------------------------------------------------------------------- what lacks one thing


class SettlesWhatFailed(Deliveries):
    """Sends everything once, whether it arrived or not."""

    def failed(self, name: str, now: datetime) -> None:
        self.answered(name, [message.key for message in self.due(name, now)], now)

    def _again(self, receiver: Any, now: datetime) -> Iterator[Key]:  # noqa: ANN401 - private there
        del receiver, now
        return iter(())


class ForgetsItsLog(Deliveries):
    def __init__(
        self, timing: Timing, receivers: list[str], identity: Identity, log: list[Delivery]
    ) -> None:
        del log
        super().__init__(timing, receivers, identity)


class TellsEventTimes(Deliveries):
    def _begun(self, alert: Alert, now: datetime) -> Delivery:
        del now
        return super()._begun(alert, alert.opened_at)


class StartsAnew(Deliveries):
    """Takes the time of its own start for that of an alert."""

    def plan(self, picture: Picture, now: datetime) -> list[Change]:
        for key, one in self._told.items():
            if one.ended_at is None and key.alert_id not in self._shown:
                self._told[key] = replace(one, starts_at=now)
        return super().plan(picture, now)


class Relabels(Deliveries):
    """Gives an alert the labels of today's settings."""

    def plan(self, picture: Picture, now: datetime) -> list[Change]:
        for alert_id, one in picture.to_tell().items():
            for key, told in self._told_of(alert_id).items():
                self._told[key] = replace(told, labels=self._identity(one, key.severity))
        return super().plan(picture, now)


class EndsTheLowerSeverity(Deliveries):
    def plan(self, picture: Picture, now: datetime) -> list[Change]:
        changes = super().plan(picture, now)
        for alert_id, one in picture.to_tell().items():
            key = Key(alert_id, "warning")
            told = self._told.get(key)
            if one.severity == "critical" and told is not None and told.ended_at is None:
                changes.append(Change(key, replace(told, revision=one.revision, ended_at=now)))
        return changes


class TrustsTheTopic(Deliveries):
    """Has no memory for revisions."""

    def _told_of(self, alert_id: str) -> dict[Key, Delivery]:
        told = super()._told_of(alert_id)
        return {key: replace(one, revision=-1) for key, one in told.items()}


class TakesTheLastForTheNewest(Picture):
    def alert(self, alert: Alert) -> None:
        self._revisions.pop(alert.alert_id, None)
        super().alert(alert)


class SilencesEnds(Picture):
    def quiet(self, now: datetime) -> Mapping[str, datetime]:
        return {
            alert_id: case.until
            for alert_id, case_id in self._case_of.items()
            if (case := self._cases[case_id]).until is not None and case.state == "snoozed"
        } | dict(super().quiet(now))


def opened(world: Simulation, severity: Severity = "warning") -> None:
    world.revise("a", severity, "open")
    world.wait(1)


def unreachable_at_first(world: Simulation) -> None:
    world.network(0, "cut")
    opened(world)


def ended_while_all_were_down(world: Simulation) -> None:
    opened(world)
    world.kill_notifier(0)
    world.end_server(0, in_order=True)
    world.revise("a", "warning", "resolved")
    world.start_server(0)


def killed_after_the_first_message(world: Simulation) -> None:
    world.revise("a", "warning", "open")
    world.kill_notifier(3)  # after the silences were asked for and the alert was posted
    world.wait(0.2)
    world.end_server(0, in_order=True)
    world.revise("a", "warning", "resolved")
    world.start_server(0)


def forgotten_before_the_end_was_told(world: Simulation) -> None:
    opened(world)
    world.revise("a", "warning", "resolved")
    world.round()
    world.end_server(0, in_order=True)
    world.start_server(0)


def repeated(world: Simulation) -> None:
    opened(world)
    world.revise("a", "warning", "resolved")
    world.wait(1)
    world.repeat(0)
    world.wait(1)


def repeated_and_read_anew(world: Simulation) -> None:
    """Let compaction leave only the older revision, and a new notifier read it."""
    opened(world)
    world.revise("a", "warning", "resolved")
    world.wait(1)
    del world.topic[-1]
    world.kill_notifier(100)
    world.start()
    world.wait(1)


def restarted(world: Simulation) -> None:
    opened(world)
    world.kill_notifier(0)
    world.start()
    world.wait(1)


def escalated(world: Simulation) -> None:
    opened(world)
    opened(world, "critical")


def snoozed_and_ended(world: Simulation) -> None:
    opened(world)
    world.decide("one", "snoozed", 90)
    world.wait(1)
    world.revise("a", "warning", "resolved")
    world.wait(1)


ENDS_ONCE = Timing(ends_for=timedelta())
TOO_SHORT = Timing(lasts=timedelta(seconds=15))


@pytest.mark.parametrize(
    ("law", "world", "schedule"),
    [
        ("never told", lambda: Simulation(make=SettlesWhatFailed), unreachable_at_first),
        ("end not told", lambda: Simulation(make=ForgetsItsLog), ended_while_all_were_down),
        ("end not told", lambda: Simulation(writes_ahead=False), killed_after_the_first_message),
        ("end not told", lambda: Simulation(picture=SilencesEnds), snoozed_and_ended),
        (
            "end not told",
            lambda: Simulation(timing=ENDS_ONCE),
            forgotten_before_the_end_was_told,
        ),
        (
            "open after",
            lambda: Simulation(picture=TakesTheLastForTheNewest, make=TrustsTheTopic),
            repeated,
        ),
        ("open after", lambda: Simulation(make=TrustsTheTopic), repeated_and_read_anew),
        ("false end", lambda: Simulation(make=EndsTheLowerSeverity), escalated),
        ("false end", lambda: Simulation(timing=TOO_SHORT), opened),
        ("labels", lambda: Simulation(make=Relabels), restarted),
        ("start", lambda: Simulation(make=TellsEventTimes), opened),
        ("start", lambda: Simulation(make=StartsAnew), restarted),
    ],
)
def test_a_core_that_lacks_one_thing_breaks_a_law(
    law: str, world: Callable[[], Simulation], schedule: Callable[[Simulation], None]
) -> None:
    _run(Simulation(), schedule)
    with pytest.raises(LawBroken, match=law):
        _run(world(), schedule)


def _run(world: Simulation, schedule: Callable[[Simulation], None]) -> None:
    schedule(world)
    world.settle()
