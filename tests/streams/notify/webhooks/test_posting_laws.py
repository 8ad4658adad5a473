"""Whatever happens: a webhook is told every revision, in the order of each alert, or a letter is.

Each law is broken by a core that lacks one thing, and the simulation must notice.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.notify.webhooks.marks import Place
from streams.notify.webhooks.postings import Change, Pace, Post, Postings
from streams.notify.webhooks.revision import Revision
from streams.wire.posting import Posting, posting_key
from tests.streams.notify.webhooks.simulation import (
    ALERTS,
    LONG_ROUND,
    NAME,
    PACE,
    LawBroken,
    Make,
    Offsets,
    Simulation,
)

Step = Callable[[Simulation], Any]


def set_network(world: Simulation, network: Any) -> None:  # noqa: ANN401 - one of its literals
    world.network = network


def steps() -> st.SearchStrategy[Step]:
    """Give one thing that may happen; those that matter most are more frequent."""
    revision = st.tuples(
        st.sampled_from(ALERTS),
        st.sampled_from(["info", "warning", "warning", "critical"]),
        st.sampled_from([True, True, False]),
    ).map(lambda drawn: lambda world: world.revise(drawn[0], drawn[1], is_open=drawn[2]))
    waiting = st.sampled_from([1, 3, 40, 600, 4_000, 10_000]).map(
        lambda seconds: lambda world: world.wait(seconds)
    )
    network = st.sampled_from(["up", "cut", "refuses", "answers lost"]).map(
        lambda drawn: lambda world: set_network(world, drawn)
    )
    return st.one_of(
        revision,
        revision,
        waiting,
        waiting,
        network,
        st.integers(0, 12).map(lambda effects: lambda world: world.kill(effects)),
        st.just(lambda world: world.start()),
        st.integers(0, 20).map(lambda place: lambda world: world.repeat(place)),
        st.just(lambda world: world.order_again()),
    )


@given(st.lists(steps(), max_size=30))
@settings(max_examples=60)
def test_the_laws_hold_over_any_schedule(schedule: list[Step]) -> None:
    world = Simulation()
    for step in schedule:
        step(world)
    world.settle()


# ----------------------------------------------------------------------- what lacks one thing


def core(kind: type[Postings], pace: Pace = PACE) -> Make:
    def make(log: Mapping[str, Posting], beginning: Offsets, place: Offsets) -> Postings:
        return kind(NAME, pace, "warning", log, beginning, place)

    return make


class SettlesWhatFailed(Postings):
    """Sends everything once, whether it arrived or not."""

    def unreachable(self, now: datetime) -> list[Post]:
        for post in self.due(now):
            self.settled(post, now)
        return []


class OvertakesWhatFailed(Postings):
    """Sends what comes later of an alert while the first waits for its next try."""

    def refused(self, post: Post, now: datetime) -> bool:
        waiting = self._lines[post.line].waiting
        if len(waiting) > 1 and waiting[0].revision.number < waiting[1].revision.number:
            waiting.rotate(-1)
        return super().refused(post, now)


class TellsSeveritiesOnly(Postings):
    """Leaves out the ends of what it told."""

    def _queue(self, revision: Revision, place: Place) -> None:
        if self._opens(revision):
            super()._queue(revision, place)


class ForgetsItsLog(Postings):
    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - as the core has them
        name, pace, least, _, beginning, place = arguments
        super().__init__(name, pace, least, {}, beginning, place)


class TellsEverything(Postings):
    def _opens(self, revision: Revision) -> bool:
        del revision
        return True


class ForgetsTheEnded(Postings):
    def settled(self, post: Post, now: datetime) -> Change:
        change = super().settled(post, now)
        if not post.revision.is_open:
            self._marks.forget(post.revision.alert_id)
        return change


class ForgetsThePast(Postings):
    def all_read(self) -> Mapping[int, int]:
        beginning = super().all_read()
        self._past.clear()
        return beginning


class ReadsOnBehindWhatWaits(Postings):
    def place(self) -> Mapping[int, int] | None:
        return dict(self._seen) if self._read else None


class GivesUpNever(Postings):
    def _failed(self, line: Any, now: datetime) -> bool:  # noqa: ANN401 - private there
        super()._failed(line, now)
        return False


class HammersAway(Postings):
    def _after(self, tries: int) -> timedelta:
        del tries
        return timedelta()


def begun(world: Simulation) -> None:
    """Let the notifier find an empty topic, so that all that comes is news."""
    world.wait(1)


def cut_at_first(world: Simulation) -> None:
    begun(world)
    world.network = "cut"
    world.revise("a", "warning", is_open=True)
    world.wait(3)


def refused_for_a_while(world: Simulation) -> None:
    begun(world)
    world.revise("a", "warning", is_open=True)
    world.wait(2)
    world.network = "refuses"
    world.revise("a", "critical", is_open=True)
    world.revise("a", "warning", is_open=True)
    world.wait(2)


def ended(world: Simulation) -> None:
    begun(world)
    world.revise("a", "warning", is_open=True)
    world.wait(2)
    world.revise("a", "info", is_open=True)
    world.revise("a", "info", is_open=False)
    world.wait(2)


def restarted(world: Simulation) -> None:
    ended(world)
    world.kill(0)
    world.revise("b", "warning", is_open=True)
    world.wait(1)
    world.start()
    world.repeat(0)
    world.wait(2)


def ended_before_it_was_told_of_anything(world: Simulation) -> None:
    world.revise("a", "warning", is_open=True)
    world.revise("a", "warning", is_open=False)
    world.wait(2)


def ended_and_repeated(world: Simulation) -> None:
    ended(world)
    world.repeat(0)
    world.wait(2)


def past_and_repeated(world: Simulation) -> None:
    ended_before_it_was_told_of_anything(world)
    world.repeat(0)
    world.wait(2)


def killed_while_cut(world: Simulation) -> None:
    cut_at_first(world)
    world.revise("a", "critical", is_open=True)
    world.wait(2)
    world.kill(0)
    world.revise("b", "warning", is_open=True)
    world.wait(100)


IMPATIENT = Pace(gives_up=timedelta(seconds=1), least_tries=1)


@pytest.mark.parametrize(
    ("law", "make", "schedule"),
    [
        ("never told", core(SettlesWhatFailed), cut_at_first),
        ("never told", core(TellsSeveritiesOnly), ended),
        ("order", core(OvertakesWhatFailed), refused_for_a_while),
        ("order", core(ForgetsItsLog), restarted),
        ("needless", core(TellsEverything), ended_before_it_was_told_of_anything),
        ("order", core(ForgetsTheEnded), ended_and_repeated),
        ("needless", core(ForgetsThePast), past_and_repeated),
        ("never told", core(ReadsOnBehindWhatWaits), killed_while_cut),
        ("given up early", core(Postings, IMPATIENT), cut_at_first),
    ],
)
def test_a_core_that_lacks_one_thing_breaks_a_law(law: str, make: Make, schedule: Step) -> None:
    _run(Simulation(), schedule)
    with pytest.raises(LawBroken, match=law):
        _run(Simulation(make), schedule)


def _run(world: Simulation, schedule: Step) -> None:
    schedule(world)
    world.settle()


# --------------------------------------------------------- how often, and for how long it is tried


def attempts_of_an_outage(make: Make) -> Simulation:
    world = Simulation(make)
    begun(world)
    world.network = "refuses"
    world.revise("a", "warning", is_open=True)
    world.wait(60)
    world.wait(3 * 3_600)
    return world


def assert_backoff(world: Simulation) -> None:
    times = [attempt.at for attempt in world.attempts]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses == sorted(pauses)  # a little later every time
    assert pauses[0] >= PACE.first_retry
    assert max(pauses) <= PACE.last_retry + LONG_ROUND
    assert len(times) < 40


def test_it_is_tried_a_little_later_every_time_and_never_very_late() -> None:
    assert_backoff(attempts_of_an_outage(core(Postings)))
    with pytest.raises(AssertionError):
        assert_backoff(attempts_of_an_outage(core(HammersAway)))


def test_after_the_time_it_is_a_dead_letter_and_a_replay_sends_it() -> None:
    world = attempts_of_an_outage(core(Postings))
    assert world.letters == {("a", 1)}
    assert attempts_of_an_outage(core(GivesUpNever)).letters == set()
    world.network = "up"
    world.order_again()
    world.wait(400)
    assert world.got == {"a": [1]}
    assert world.ordered == set()


def test_one_that_is_refused_for_ever_keeps_no_other_waiting() -> None:
    world = Simulation()
    begun(world)
    world.revise("poison", "warning", is_open=True)
    world.wait(600)
    world.revise("a", "warning", is_open=True)
    world.wait(2)
    assert world.got == {"a": [1]}


def killed_after_the_first_request(*, writes_ahead: bool) -> Simulation:
    world = Simulation(writes_ahead=writes_ahead)
    begun(world)
    world.revise("a", "warning", is_open=True)
    world.kill(2 if writes_ahead else 1)
    world.wait(1)
    assert world.got == {"a": [1]}
    return world


def test_who_may_have_been_told_of_an_alert_is_known_after_a_kill() -> None:
    assert list(killed_after_the_first_request(writes_ahead=True).log) == [posting_key(NAME, "a")]
    assert killed_after_the_first_request(writes_ahead=False).log == {}


def test_what_was_told_is_not_read_again() -> None:
    world = Simulation()
    begun(world)
    for alert_id in ALERTS[:3]:
        world.revise(alert_id, "warning", is_open=True)
        world.revise(alert_id, "warning", is_open=False)
    world.revise("mild", "info", is_open=True)
    world.wait(2)
    world.kill(0)
    world.revise("a", "warning", is_open=True)
    world.wait(2)
    world.start()
    world.wait(2)
    assert world.taken == 1
    assert world.got["a"] == [1, 2, 3]


def test_what_ended_long_ago_is_forgotten_and_what_is_open_is_not() -> None:
    world = Simulation()
    world.revise("past", "warning", is_open=True)
    world.revise("past", "warning", is_open=False)
    begun(world)
    world.revise("a", "warning", is_open=True)
    world.wait(2)
    world.revise("a", "warning", is_open=False)
    world.revise("b", "warning", is_open=True)
    world.wait(2)
    kept = {posting_key(NAME, alert_id) for alert_id in ("past", "a", "b")}
    assert world.log.keys() == kept
    world.wait(PACE.remembers.total_seconds() - 60)
    assert world.log.keys() == kept
    world.wait(180)
    assert world.log.keys() == {posting_key(NAME, "b")}
    world.revise("b", "info", is_open=False)
    world.settle()
