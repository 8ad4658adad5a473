"""What a stage writes, and above all what it does not write after a failure."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

import msgspec
import pytest

from streams.actors.actor import Output, Record, StateWrite
from streams.metrics import Metrics
from streams.stage_runner import LARGEST_TURN, StagePlan, StageRunner, UnusableRecord
from streams.topic_catalogue import Topic

PLAN_NAME: Final = "sums"


class SumActor:
    """Adds numbers up, and tells every sum."""

    def __init__(self, partition: int) -> None:
        self._partition: Final = partition
        self.total = 0
        self._told: list[Output] = []

    def apply(self, record: Record) -> bool:
        self.total += msgspec.json.decode(record.value or b"", type=int)
        self._told.append(Output(Topic.ALERTS, str(self.total).encode()))
        return True

    def reached(self, topic: Topic) -> int | None:
        raise NotImplementedError(topic)

    def tick(self, idle: Mapping[Topic, float]) -> bool:
        return idle.get(Topic.SALES, 0.0) > 0

    def outputs(self) -> list[Output]:
        told, self._told = self._told, []
        return told

    def state(self) -> StateWrite:
        return StateWrite({}, (b"total", str(self.total).encode()), {})

    def restore(self, entries: Mapping[bytes, bytes]) -> None:
        self.total = int(entries.get(b"total", b"0"))


class Journal:
    """Takes everything down in the order of the calls; can fail, or wait for ever."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.states: dict[int, dict[bytes, bytes]] = {}
        self.disturbance: Callable[[], Awaitable[None]] | None = None

    async def send(self, outputs: Iterable[Output]) -> None:
        values = [output.value.decode() for output in outputs]
        if self.disturbance is not None:
            await self.disturbance()
        self.steps += [f"send {value}" for value in values]

    async def write_state(self, topic: Topic, partition: int, state: StateWrite) -> None:
        assert topic is Topic.LEDGER_STATE
        key, value = state.head
        self.steps.append(f"write {partition} {value.decode()}")
        self.states[partition] = {key: value}

    async def read_state(self, topic: Topic, partition: int) -> Mapping[bytes, bytes]:
        assert topic is Topic.LEDGER_STATE
        return self.states.get(partition, {})


class Bench:
    """A runner over the journal, and a clock that is set by hand."""

    def __init__(self, make_actor: Callable[[int], SumActor] = SumActor) -> None:
        self.now = 0.0
        self.journal = Journal()
        plan = StagePlan(PLAN_NAME, (Topic.SALES,), Topic.LEDGER_STATE, make_actor)
        self.runner = StageRunner(
            plan, self.journal, Metrics(), flush_every=2.0, clock=lambda: self.now
        )
        self._offset = 0

    async def give(self, value: bytes, partition: int = 0, generation: int = 1) -> None:
        record = Record(Topic.SALES, partition, self._offset, None, value)
        self._offset += 1
        steps = self.journal.steps
        text = value.decode()
        await self.runner.deliver(record, generation, lambda: steps.append(f"acknowledge {text}"))

    async def turn(self, silent: float = 0.0) -> None:
        await self.runner.turn(lambda _: {Topic.SALES: silent})


def test_outputs_then_state_then_acknowledgements() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        await bench.give(b"4")
        await bench.turn()
        assert bench.journal.steps == ["send 3", "send 7"]
        bench.now = 2
        await bench.turn()
        assert bench.journal.steps[2:] == ["write 0 7", "acknowledge 3", "acknowledge 4"]

    asyncio.run(scene(Bench()))


def test_only_partitions_with_something_new_are_written() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0, 1, 2], 1)
        await bench.give(b"3", partition=1)
        bench.now = 2
        await bench.turn()
        bench.now = 4
        await bench.turn()
        assert bench.journal.steps == ["send 3", "write 1 3", "acknowledge 3"]

    asyncio.run(scene(Bench()))


def test_what_silence_changed_is_written_though_nothing_was_read() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        bench.now = 2
        await bench.turn(silent=1.0)
        assert bench.journal.steps == ["write 0 0"]

    asyncio.run(scene(Bench()))


def test_partitions_given_up_are_written_first_and_restored_elsewhere() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        await bench.turn()
        await bench.runner.release()
        assert bench.journal.steps == ["send 3", "write 0 3", "acknowledge 3"]
        assert not bench.runner.actors()
        bench.runner.assign([0], 2)
        await bench.give(b"4", generation=2)
        await bench.turn()
        assert bench.journal.steps[3:] == ["send 7"]

    asyncio.run(scene(Bench()))


def test_records_of_an_earlier_assignment_are_dropped_and_early_ones_kept() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.turn()
        await bench.runner.release()
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
        for _ in range(LARGEST_TURN):
            await bench.give(b"1")
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
        await bench.runner.release()
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
        await bench.runner.release()
        assert bench.journal.steps == []

    asyncio.run(scene(Bench()))


def test_a_message_that_cannot_be_read_is_named_and_never_acknowledged() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        await bench.give(b"poison")
        with pytest.raises(UnusableRecord, match=r"sums .* sales partition 0 offset 1: "):
            await bench.turn()
        await bench.runner.release()
        assert bench.journal.steps == []

    asyncio.run(scene(Bench()))


def test_an_error_of_our_own_says_at_which_record() -> None:
    class BrokenActor(SumActor):
        def apply(self, record: Record) -> bool:
            raise ZeroDivisionError(record.offset)

    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        with pytest.raises(ZeroDivisionError) as error:
            await bench.turn()
        assert error.value.__notes__ == ["at sales partition 0 offset 0"]

    asyncio.run(scene(Bench(BrokenActor)))
