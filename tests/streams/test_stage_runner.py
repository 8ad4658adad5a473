"""What a stage writes, and above all what it does not write after a failure."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec
import pytest

from streams.actors.actor import Capture, Output, UnusableRecord
from streams.actors.actor import Record as AnyRecord
from streams.metrics import Metrics
from streams.stage_partition import Batch, StageStuck
from streams.stage_plan import Place, StagePlan
from streams.stage_runner import LARGEST_TURN, StageRunner
from streams.state.journal import Entries, Reading
from streams.topic_catalogue import Topic
from streams.transport.errors import PlaceLost
from tests.streams.actors.in_memory import Record

PLAN_NAME: Final = "sums"


class SumActor:
    """Adds numbers up, and tells every sum."""

    def __init__(self, partition: int) -> None:
        self._partition: Final = partition
        self.total = 0
        self._told: list[Output] = []

    @property
    def is_full(self) -> bool:
        return False

    def apply(self, topic: Topic, records: Sequence[AnyRecord]) -> None:
        assert topic is Topic.SALES
        for record in records:
            try:
                self.total += msgspec.json.decode(record.value or b"", type=int)
            except msgspec.MsgspecError as error:
                raise UnusableRecord(record.offset, error) from error
            self._told.append(Output(Topic.ALERTS, str(self.total).encode()))

    def tick(self, idle: Mapping[Topic, float], now: float) -> bool:
        del now
        return idle.get(Topic.SALES, 0.0) > 0

    def outputs(self) -> list[Output]:
        told, self._told = self._told, []
        return told

    def capture(self, number: int) -> Capture:
        return Capture((str(self.total).encode(),), b"", number)

    def restore(self, rest: bytes, segments: Sequence[bytes]) -> None:
        del rest
        self.total = int(segments[-1])


class Journal:
    """Takes everything down in the order of the calls; can fail, wait for ever, or be slow."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.states: dict[int, dict[bytes, bytes | None]] = {}
        self.disturbance: Callable[[], Awaitable[None]] | None = None
        self.acknowledgement: asyncio.Future[None] | None = None
        self.after_writing: Callable[[], None] = lambda: None

    async def send(self, outputs: Iterable[Output]) -> Sequence[Awaitable[object]]:
        values = [output.value.decode() for output in outputs]
        if self.disturbance is not None:
            await self.disturbance()
        self.steps += [f"send {value}" for value in values]
        return [] if self.acknowledgement is None else [self.acknowledgement]

    async def write(self, topic: Topic, partition: int, entries: Entries) -> int:
        assert topic is Topic.LEDGER_STATE
        for key, value in entries.items():
            what = key.decode().partition("/")[0]
            text = "" if value is None or what == "head" else f" {value[1:].decode()}"
            self.steps.append(f"{'remove' if value is None else 'write'} {what} {partition}{text}")
            self.states.setdefault(partition, {})[key] = value
        self.after_writing()
        return len(self.steps)

    async def read(self, topic: Topic, partition: int, since: int = 0) -> Reading:
        assert topic is Topic.LEDGER_STATE
        entries = {} if since else self.states.get(partition, {})
        return Reading(dict(entries), len(self.steps))


class Bench:
    """A runner over the journal, and a clock that is set by hand."""

    def __init__(self, make_actor: Callable[[int], SumActor] = SumActor) -> None:
        self.now = 0.0
        self.journal = Journal()
        plan = StagePlan(PLAN_NAME, (Topic.SALES,), Topic.LEDGER_STATE, make_actor)
        self.runner = StageRunner(
            plan, self.journal, Metrics(), flush_every=2.0, clock=lambda: self.now
        )
        self.lost = False
        self._place: Final = Place(self._be_sure, self._commit)
        self._offset = 0

    async def _be_sure(self) -> None:
        if self.lost:
            raise PlaceLost("another worker has the partitions")

    async def _commit(self) -> None:
        await self._be_sure()
        self.journal.steps.append("commit")

    async def give(self, value: bytes, partition: int = 0, generation: int = 1) -> None:
        await self.give_all([value], partition, generation)

    async def give_all(
        self, values: Sequence[bytes], partition: int = 0, generation: int = 1
    ) -> None:
        records = [Record(self._offset + n, None, value) for n, value in enumerate(values)]
        self._offset += len(records)
        text = " ".join(value.decode() for value in values)
        steps = self.journal.steps
        await self.runner.deliver(
            Batch(
                Topic.SALES, partition, generation, records, lambda: steps.append(f"finish {text}")
            )
        )

    async def release(self) -> None:
        await self.runner.release(self._place)

    async def turn(self, silent: float = 0.0) -> None:
        await self.runner.turn(lambda _: {Topic.SALES: silent}, self._place)


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
        bench.journal.acknowledgement = asyncio.get_running_loop().create_future()
        await bench.give(b"3")
        await bench.turn()
        bench.now = 2
        turn = asyncio.create_task(bench.turn())
        await asyncio.sleep(0.01)
        assert bench.journal.steps == ["send 3"]
        bench.journal.acknowledgement.set_result(None)
        await turn
        assert bench.journal.steps[1:3] == ["write segment 0 3", "write head 0"]

    asyncio.run(scene(Bench()))


def test_outputs_that_the_broker_did_not_take_stop_the_stage() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        bench.journal.acknowledgement = asyncio.get_running_loop().create_future()
        bench.journal.acknowledgement.set_exception(Lost())
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
        with pytest.raises(PlaceLost):
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


def test_a_message_that_cannot_be_read_is_named_and_never_acknowledged() -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        await bench.give(b"poison")
        with pytest.raises(
            StageStuck, match="the sums stage cannot go on at sales partition 0 offset 1: "
        ):
            await bench.turn()
        await bench.release()
        assert bench.journal.steps == []

    asyncio.run(scene(Bench()))


def test_an_error_of_our_own_says_at_which_record() -> None:
    class BrokenActor(SumActor):
        def apply(self, topic: Topic, records: Sequence[AnyRecord]) -> None:
            raise ZeroDivisionError(topic, records)

    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        with pytest.raises(ZeroDivisionError) as error:
            await bench.turn()
        assert error.value.__notes__ == ["at sales partition 0 offsets 0 to 0"]

    asyncio.run(scene(Bench(BrokenActor)))
