"""What a stage writes, and above all what it does not write after a failure."""

import asyncio
from collections.abc import Sequence

import pytest

from streams.errors import MembershipLost
from streams.metrics.registry import Metrics
from streams.stages.actors.unusable import Unusable
from streams.stages.runner import LARGEST_TURN, StageRunner
from streams.wire.record import KafkaRecord as AnyRecord
from streams.wire.topics import Topic
from tests.streams.stages.stage_bench import Bench, SumActor


def test_outputs_then_state_then_the_commit_then_what_is_dead() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        await bench.give(b"4")
        await bench.turn()
        assert bench.journal.steps == ["send 3", "send 7"]
        bench.now = 2
        await bench.turn()
        first = ["write segment 0 7", "write head 0", "finish 3", "finish 4", "commit"]
        assert bench.journal.steps[2:] == first
        await bench.give(b"5")
        bench.now = 4
        await bench.turn()
        assert bench.journal.steps[7:] == [
            "send 12",
            "write segment 0 12",
            "write head 0",
            "finish 5",
            "commit",
            "remove segment 0",
        ]

    asyncio.run(scene(Bench()))


def test_state_waits_until_the_broker_has_all_outputs() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        taken = bench.journal.acknowledgement = asyncio.get_running_loop().create_future()
        await bench.give(b"3")
        await bench.turn()
        bench.now = 2
        turn = asyncio.create_task(bench.turn())
        await asyncio.sleep(0.01)
        assert bench.journal.steps == ["send 3"]
        taken.set_result(None)
        await turn
        assert bench.journal.steps[1:3] == ["write segment 0 3", "write head 0"]

    asyncio.run(scene(Bench()))


def test_outputs_that_the_broker_did_not_take_stop_the_stage() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        refused = bench.journal.acknowledgement = asyncio.get_running_loop().create_future()
        refused.set_exception(Lost())
        await bench.give(b"3")
        await bench.turn()
        bench.now = 2
        with pytest.raises(Lost):
            await bench.turn()
        await bench.release()
        assert bench.journal.steps == ["send 3"]

    asyncio.run(scene(Bench()))


def test_only_partitions_with_something_new_are_written() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0, 1, 2], 1)
        await bench.give(b"3", partition=1)
        bench.now = 2
        await bench.turn()
        bench.now = 4
        await bench.turn()
        assert bench.journal.steps == [
            "send 3",
            "write segment 1 3",
            "write head 1",
            "finish 3",
            "commit",
        ]

    asyncio.run(scene(Bench()))


def test_heavy_state_is_written_less_often() -> None:
    async def scene(bench: Bench) -> None:
        def take_long() -> None:
            bench.now += 0.5

        bench.journal.after_writing = take_long
        bench.runner.assign([0], 1)
        written_at = []
        for second in range(100):
            bench.now = max(bench.now, float(second))
            await bench.give(b"1")
            before = bench.journal.steps.count("commit")
            await bench.turn()
            if bench.journal.steps.count("commit") > before:
                written_at.append(second)
        assert 3 <= len(written_at) <= 5

    asyncio.run(scene(Bench()))


def test_what_silence_changed_is_written_though_nothing_was_read() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        bench.now = 2
        await bench.turn(silent=1.0)
        assert bench.journal.steps == ["write segment 0 0", "write head 0", "commit"]

    asyncio.run(scene(Bench()))


def test_partitions_given_up_are_written_first_and_restored_elsewhere() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        await bench.turn()
        await bench.release()
        assert bench.journal.steps[-2:] == ["finish 3", "commit"]
        assert not bench.runner.actors()
        other = Bench()
        other.journal = bench.journal
        other.runner = StageRunner(
            bench.runner.plan, bench.journal, Metrics(), flush_every=2.0, clock=lambda: 0.0
        )
        other.runner.assign([0], 2)
        await other.turn()
        assert other.runner.actors()[0].total == 3

    asyncio.run(scene(Bench()))


def test_a_partition_that_comes_back_is_not_restored_again() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0, 1], 1)
        await bench.give(b"3")
        await bench.turn()
        actors = dict(bench.runner.actors())
        await bench.release()
        bench.runner.assign([0], 2)
        await bench.turn()
        assert bench.runner.actors() == {0: actors[0]}
        assert bench.runner.restored

    asyncio.run(scene(Bench()))


def test_a_worker_that_lost_its_place_sends_and_writes_nothing_more() -> None:
    async def scene(bench: Bench, *, before_the_turn: bool) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        if not before_the_turn:
            await bench.turn()
        steps = list(bench.journal.steps)
        bench.lost = True
        bench.now = 2
        with pytest.raises(MembershipLost):
            await bench.turn()
        await bench.release()
        assert bench.journal.steps == steps

    asyncio.run(scene(Bench(), before_the_turn=True))
    asyncio.run(scene(Bench(), before_the_turn=False))


def test_records_of_an_earlier_assignment_are_dropped_and_early_ones_kept() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.turn()
        await bench.release()
        await bench.give(b"1", generation=1)
        await bench.give(b"10", generation=2)
        await bench.turn()
        bench.runner.assign([0], 2)
        await bench.give(b"2", generation=1)
        await bench.turn()
        assert bench.journal.steps == ["send 10"]

    asyncio.run(scene(Bench()))


def test_a_full_stage_lets_the_reader_wait_until_a_turn() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give_all([b"1"] * LARGEST_TURN)
        one_more = asyncio.create_task(bench.give(b"1"))
        await asyncio.sleep(0)
        assert not one_more.done()
        await bench.turn()
        await one_more
        await bench.turn()
        assert bench.journal.steps[-1] == f"send {LARGEST_TURN + 1}"

    asyncio.run(scene(Bench()))


class Lost(Exception):
    """The broker is gone."""


async def lose() -> None:
    raise Lost


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


def test_nothing_is_written_after_outputs_that_failed() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        bench.journal.disturbance = lose
        with pytest.raises(Lost):
            await bench.turn()
        bench.journal.disturbance = None
        with pytest.raises(RuntimeError, match="failed before"):
            await bench.turn()
        await bench.release()
        assert bench.journal.steps == []

    asyncio.run(scene(Bench()))


def test_nothing_is_written_after_a_turn_that_was_cut_short() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        bench.journal.disturbance = wait_for_ever
        turn = asyncio.create_task(bench.turn())
        await asyncio.sleep(0.01)
        turn.cancel()
        await asyncio.gather(turn, return_exceptions=True)
        await bench.release()
        assert bench.journal.steps == []

    asyncio.run(scene(Bench()))


def test_an_error_of_our_own_says_at_which_record_and_is_never_acknowledged() -> None:
    class BrokenActor(SumActor):
        def apply(self, topic: Topic, records: Sequence[AnyRecord]) -> Sequence[Unusable]:
            raise ZeroDivisionError(topic, records)

    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        with pytest.raises(ZeroDivisionError) as error:
            await bench.turn()
        assert error.value.__notes__ == ["at sales partition 0 offsets 0 to 0"]
        await bench.release()
        assert bench.journal.steps == []

    asyncio.run(scene(Bench(BrokenActor)))
