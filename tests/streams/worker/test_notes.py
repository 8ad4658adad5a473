"""What people are told beside whether all is well."""

import asyncio
from typing import Any

from streams.metrics.registry import Metrics
from streams.stages.actors.ledger_actor import LedgerActor
from streams.stages.plan import Membership, StagePlan
from streams.stages.runner import StageRunner
from streams.wire.topics import Topic
from streams.worker.health import Health
from streams.worker.notes import LONG_OPEN, OPEN, OpenTransactions
from streams.worker.progress import StageProgress
from tests.streams.stages.actors.in_memory import Broker, MemoryJournal
from tests.streams.stages.actors.small_stream import SETTINGS
from tests.streams.worker.test_progress import Client, Place, nothing


class Clock:
    """Seconds that are set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_transaction_that_stays_open_is_told_until_it_ends() -> None:
    clock = Clock()
    transactions = OpenTransactions(clock)
    transactions.look("sales", 0, 5, 9)
    clock.now = LONG_OPEN
    assert transactions.notes() == []
    clock.now += 1
    (note,) = transactions.notes()
    assert "sales partition 0 cannot be read past offset 5" in note
    # Another one is open, and not for long.
    transactions.look("sales", 0, 7, 9)
    assert transactions.notes() == []
    clock.now += LONG_OPEN + 1
    assert len(transactions.notes()) == 1
    transactions.look("sales", 0, 9, 9)
    assert transactions.notes() == []


class OpenAtTheEnd(Client):
    """Has a topic of sales of which the last records are of an open transaction."""

    readable, end = 0, 3

    def assignment(self) -> set[Any]:
        return {Place("sales", 0)}

    def highwater(self, tp: Any) -> int | None:  # noqa: ANN401 - as the protocol has it
        del tp
        return self.end

    def readable_end(self, tp: Any) -> int | None:  # noqa: ANN401 - as the protocol has it
        del tp
        return self.readable


def test_an_open_transaction_is_neither_lag_nor_silence() -> None:
    async def scene() -> None:
        metrics, client = Metrics(), OpenAtTheEnd()

        def make_actor(partition: int) -> LedgerActor:
            return LedgerActor(SETTINGS, partition, 1, idle_after=1.0, until=None, metrics=metrics)

        plan = StagePlan("ledger", (Topic.SALES,), Topic.LEDGER_STATE, make_actor)
        runner = StageRunner(plan, MemoryJournal(Broker(1, ())), metrics, flush_every=1.0)
        health = Health(["ledger"], stall_after=0.0)
        runner.assign([0], 1)
        health.assigned("ledger", [0])
        await runner.turn(lambda _: {}, Membership(nothing, nothing))
        progress = StageProgress({"sales": (Topic.SALES, runner)}, health, metrics)
        for _ in range(2):
            await progress.look(client)
            await asyncio.sleep(0.01)
        assert not [c for c in health.liveness().complaints if c.lag]
        assert progress.idle(runner, 0) == {Topic.SALES: 0.0}
        # Once it was aborted, there is nothing left, and silence begins.
        client.readable = client.end = 0
        await progress.look(client)
        await asyncio.sleep(0.01)
        assert progress.idle(runner, 0)[Topic.SALES] > 0
        # What can be read and was not is lag.
        client.readable = client.end = 3
        await progress.look(client)
        await asyncio.sleep(0.01)
        assert [c.lag for c in health.liveness().complaints if c.lag] == [3]
        assert health.notes(OPEN) == []

    asyncio.run(scene())
