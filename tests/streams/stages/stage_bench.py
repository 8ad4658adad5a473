"""A stage that adds numbers up, and a journal that takes down what is written, and when."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from streams.errors import MembershipLost
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Capture, Output
from streams.stages.actors.complaint import TopicComplaint
from streams.stages.actors.unusable import Unusable
from streams.stages.log_bounds import LogBounds
from streams.stages.partition import RecordBatch
from streams.stages.plan import Membership, Reached, StagePlan
from streams.stages.runner import StageRunner
from streams.stages.state.journal import Entries, Reading
from streams.wire.record import KafkaRecord as AnyRecord
from streams.wire.topics import Topic
from tests.streams.stages.actors.in_memory import Record

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

    def complaints(self) -> Sequence[TopicComplaint]:
        return ()

    def apply(self, topic: Topic, records: Sequence[AnyRecord]) -> Sequence[Unusable]:
        assert topic is Topic.SALES
        for record in records:
            self.total += msgspec.json.decode(record.value or b"", type=int)
            self._told.append(Output(Topic.ALERTS, str(self.total).encode()))
        return ()

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
        self.acknowledgement: Awaitable[None] | None = None
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
            if what == "twin":  # the same again
                self.states.setdefault(partition, {})[key] = value
                continue
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
        self._membership = Membership(self._confirm, self._commit)
        self._offset = 0

    def tell_bounds(
        self, bounds: Callable[[Reached], Awaitable[Mapping[tuple[Topic, int], LogBounds]]]
    ) -> None:
        """Tell the runner these bounds of the logs."""
        self._membership = self._membership._replace(bounds=bounds)

    async def _confirm(self) -> None:
        if self.lost:
            raise MembershipLost("another worker has the partitions")

    async def _commit(self) -> None:
        await self._confirm()
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
            RecordBatch(
                Topic.SALES,
                partition,
                generation,
                records[0].offset,
                records[-1].offset + 1,
                records,
                lambda: steps.append(f"finish {text}"),
            )
        )

    async def release(self) -> None:
        await self.runner.release(self._membership)

    async def turn(self, silent: float = 0.0) -> None:
        await self.runner.turn(lambda _: {Topic.SALES: silent}, self._membership)
