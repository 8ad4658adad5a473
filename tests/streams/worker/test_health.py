"""Alive is a worker that progresses; ready is one that has what was assigned to it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from streams.pages.answer import Complaint, Condition
from streams.worker.health import Health
from tests.detectors.refutation import refuted

STALL_AFTER = 10.0
STAGES = ("ledger", "agents")
TOPICS = ("sales", "outcomes")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


Make = Callable[[Clock], Health]


def healthy(clock: Clock) -> Health:
    return Health(STAGES, STALL_AFTER, clock)


class AliveAsAProcess(Health):
    """Is alive as long as it can be asked."""

    def liveness(self) -> Condition:
        return Condition()


class ALookIsProgress(Health):
    """Takes it for progress that somebody looks."""

    def look(
        self, stage: str, topic: str, partition: int, applied: int, end: int | None
    ) -> int | None:
        known = self._stages[stage].positions.get((topic, partition))
        if known is not None:
            known.moved_at = self._clock()
        return super().look(stage, topic, partition, applied, end)


class OneForAll(Health):
    """Takes the progress of one partition for that of all."""

    def look(
        self, stage: str, topic: str, partition: int, applied: int, end: int | None
    ) -> int | None:
        lag = super().look(stage, topic, partition, applied, end)
        positions = [place for known in self._stages.values() for place in known.positions.values()]
        newest = max((place.moved_at for place in positions), default=0.0)
        for place in positions:
            place.moved_at = newest
        return lag


class NeverForgives(Health):
    """Counts from the first record that was left to apply, whatever was applied since."""

    def look(
        self, stage: str, topic: str, partition: int, applied: int, end: int | None
    ) -> int | None:
        known = self._stages[stage].positions.get((topic, partition))
        before = None if known is None or known.lag == 0 else known.moved_at
        lag = super().look(stage, topic, partition, applied, end)
        known = self._stages[stage].positions.get((topic, partition))
        if known is not None and before is not None:
            known.moved_at = before
        return lag


class BlamesTheBroker(Health):
    """Counts the time in which the broker does not answer."""

    def broker_is_silent(self) -> None:
        self.beat()


class HangsUnseen(Health):
    """Believes the last thing it heard, however long ago."""

    def liveness(self) -> Condition:
        told = super().liveness().complaints
        return Condition([complaint for complaint in told if "loop" not in complaint.what])


class History(Struct):
    """When something could last be said to get on, by what it was; written down by the law."""

    heard: float
    good: dict[tuple[str, int], float]
    left: dict[tuple[str, int], int]


def liveness_law(make: Make, data: st.DataObject) -> None:
    """Not alive: something left to apply and nothing applied, or nothing heard, for too long."""
    clock = Clock()
    health = make(clock)
    health.assigned("agents", [])
    health.assigned("ledger", [0, 1])
    for number in (0, 1):
        health.restored("ledger", number)
    applied = dict.fromkeys(((topic, number) for topic in TOPICS for number in (0, 1)), 0)
    history = History(clock.now, dict.fromkeys(applied, clock.now), dict.fromkeys(applied, 0))
    for _ in range(data.draw(st.integers(1, 12))):
        clock.now += data.draw(st.sampled_from([0.25, 3.0, 6.0, 9.0]))
        happening = data.draw(st.sampled_from(["looks"] * 6 + ["silent broker", "hangs"]))
        if happening == "silent broker":
            health.broker_is_silent()
            history.heard = clock.now
            history.good = dict.fromkeys(applied, clock.now)
        elif happening == "looks":
            for place in applied:
                moved = data.draw(st.sampled_from([0, 0, 1, 50]))
                left = data.draw(st.sampled_from([0, 1, 900]))
                applied[place] += moved
                health.look("ledger", *place, applied[place], applied[place] + left)
                if moved or left == 0 or history.left[place] == 0:
                    history.good[place] = clock.now
                history.left[place] = left
            health.beat()
            history.heard = clock.now
        stuck = [place for place, left in history.left.items() if left]
        since = min([history.heard, *(history.good[place] for place in stuck)])
        assert health.liveness().ok is (clock.now - since <= STALL_AFTER)


@given(data=st.data())
def test_alive_is_who_gets_on(data: st.DataObject) -> None:
    liveness_law(healthy, data)


@pytest.mark.parametrize(
    "broken",
    [AliveAsAProcess, ALookIsProgress, OneForAll, NeverForgives, BlamesTheBroker, HangsUnseen],
)
def test_the_law_of_liveness_catches_what_breaks_it(broken: type[Health]) -> None:
    assert refuted(liveness_law, lambda clock: broken(STAGES, STALL_AFTER, clock))


class ReadyOnceStarted(Health):
    """Is ready as soon as it has partitions."""

    def assigned(self, stage: str, partitions: object) -> None:
        assert isinstance(partitions, list)
        super().assigned(stage, partitions)
        for number in partitions:
            self.restored(stage, number)


class ReadyForEver(Health):
    """Was ready once, and so it stays."""

    once = False

    def readiness(self) -> Condition:
        self.once = self.once or super().readiness().ok
        return Condition() if self.once else super().readiness()


class WantsPartitions(Health):
    """Is not ready to stand by."""

    def readiness(self) -> Condition:
        told = super().readiness()
        if all(known.partitions == set() for known in self._stages.values()):
            return Condition([*told.complaints, Complaint("has nothing", 0.0)])
        return told


def readiness_law(make: Make, data: st.DataObject) -> None:
    """Ready: every stage was assigned since the last rebalance, and all it was given is there."""
    clock = Clock()
    health = make(clock)
    given_to: dict[str, set[int] | None] = dict.fromkeys(STAGES)
    restored: dict[str, set[int]] = {name: set() for name in STAGES}
    stopping = False
    for _ in range(data.draw(st.integers(1, 15))):
        clock.now += 1
        stage = data.draw(st.sampled_from(STAGES))
        partitions = sorted(given_to[stage] or ())
        match data.draw(st.sampled_from(["assign"] * 3 + ["restore"] * 5 + ["revoke", "stop"])):
            case "assign":
                numbers = data.draw(st.lists(st.integers(0, 2), unique=True))
                health.assigned(stage, numbers)
                given_to[stage] = set(numbers)
                restored[stage] &= set(numbers)
            case "restore" if partitions:
                number = data.draw(st.sampled_from(partitions))
                health.restored(stage, number)
                restored[stage].add(number)
            case "revoke":
                health.revoked(stage)
                given_to[stage], restored[stage] = None, set()
            case "stop":
                health.stopping("was told to stop")
                stopping = True
            case _:
                continue
        complete = all(given_to[name] == restored[name] for name in STAGES)
        assert health.readiness().ok is (complete and not stopping)


@given(data=st.data())
def test_ready_is_who_has_what_he_was_given(data: st.DataObject) -> None:
    readiness_law(healthy, data)


@pytest.mark.parametrize("broken", [ReadyOnceStarted, ReadyForEver, WantsPartitions])
def test_the_law_of_readiness_catches_what_breaks_it(broken: type[Health]) -> None:
    assert refuted(readiness_law, lambda clock: broken(STAGES, STALL_AFTER, clock))


def given_to_the_ledger(*partitions: int) -> tuple[Health, Clock]:
    clock = Clock()
    health = healthy(clock)
    health.assigned("agents", [])
    health.assigned("ledger", partitions)
    return health, clock


def test_the_complaint_names_the_place_and_for_how_long() -> None:
    health, clock = given_to_the_ledger(0, 3)
    health.restored("ledger", 3)
    health.restored("ledger", 0)
    for seconds in (0, 11):
        clock.now += seconds
        health.beat()
        assert health.look("ledger", "sales", 3, 7, 12) == 5
        assert health.look("ledger", "sales", 0, 7, 7) == 0
    (complaint,) = health.liveness().complaints
    assert complaint == Complaint("does not get on", 11.0, "ledger", "sales", 3, 5)


def test_a_restoration_gets_on_while_it_reads() -> None:
    health, clock = given_to_the_ledger(0)
    for read in (0, 100, 200):
        clock.now += 9
        health.beat()
        health.restoring("ledger", 0, read)
        assert health.liveness().ok
    clock.now += 11
    health.beat()
    health.restoring("ledger", 0, 200)
    (complaint,) = health.liveness().complaints
    assert (complaint.stage, complaint.partition) == ("ledger", 0)
    assert complaint.seconds == 11
    health.restored("ledger", 0)
    assert health.liveness().ok


def test_a_rebalance_without_end_is_no_life() -> None:
    health, clock = given_to_the_ledger()
    health.revoked("agents")
    clock.now += 11
    health.beat()
    (complaint,) = health.liveness().complaints
    assert complaint.stage == "agents"
    health.assigned("agents", [])
    assert health.liveness().ok


def test_what_was_given_up_is_forgotten() -> None:
    health, clock = given_to_the_ledger(0)
    health.look("ledger", "sales", 0, 1, 9)
    clock.now += 11
    health.beat()
    assert not health.liveness().ok
    health.revoked("ledger")
    assert health.look("ledger", "sales", 0, 1, 9) is None
    assert health.liveness().ok


def test_records_applied_count_even_if_the_end_is_not_known() -> None:
    health, clock = given_to_the_ledger(0)
    health.restored("ledger", 0)
    assert health.look("ledger", "sales", 0, 1, 9) == 8
    clock.now += 9
    assert health.look("ledger", "sales", 0, 2, None) is None
    clock.now += 9
    health.beat()
    assert health.liveness().ok
    clock.now += 2
    assert not health.liveness().ok


def test_the_first_reason_to_stop_is_told() -> None:
    health, clock = given_to_the_ledger()
    health.stopping("was told to stop")
    clock.now += 3
    health.stopping("failed")
    assert health.readiness().complaints == [Complaint("was told to stop", 3.0)]
    assert health.liveness().ok
