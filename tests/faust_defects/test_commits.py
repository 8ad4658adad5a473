"""Stock Faust commits what is not finished; our ledger does not.

Each law is one function of what was read and acknowledged; it fails on the consumer of Faust 0.15.3
and holds for `streams.broker.transport.offsets`. Found and measured in faust-streaming 0.15.3; #606
is its issue about the second.
"""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import faust
import pytest
from faust.types import TP
from faust.types.tuples import FutureMessage

from streams.broker.transport.offsets import OffsetTracker, offsets_to_commit

PLACE: Final = TP("sales", 0)

CommitAfter = Callable[[int, Iterable[int], Iterable[int]], int]
"""From where the group stood, all offsets read, and those done: the offset it commits next."""


def stock_app(folder: Path) -> faust.App:
    return faust.App("defects", broker="kafka://localhost:9", datadir=folder, web_enabled=False)


def stock_commits(folder: Path) -> CommitAfter:
    """Return what Faust's consumer would commit."""

    async def commit(stood: int, read: Iterable[int], done: Iterable[int]) -> int:
        consumer: Any = stock_app(folder)._new_consumer()  # noqa: SLF001 - what the defect is in
        consumer._thread.thread_loop.close()  # noqa: SLF001 - it will never run
        consumer._committed_offset[PLACE] = stood  # noqa: SLF001 - as above
        before = stood
        for offset in read:
            # As `_drain_messages` does for every record that it reads.
            if offset - before > 1:
                await consumer._add_gap(PLACE, before + 1, offset)  # noqa: SLF001 - as above
            before = offset
        consumer._acked[PLACE] = list(done)  # noqa: SLF001 - as above
        offset = consumer._new_offset(PLACE)  # noqa: SLF001 - as above
        return stood if offset is None else int(offset)

    return lambda *told: asyncio.run(commit(*told))


def our_commits(stood: int, read: Iterable[int], done: Iterable[int]) -> int:
    """Return what the ledger would commit, with every record a batch of its own."""
    ledger = OffsetTracker()
    entries = {offset: ledger.fetched(PLACE, offset + 1) for offset in read}
    for entry in entries.values():
        entry.deliver()
    for offset in done:
        entries[offset].finish()
    return offsets_to_commit(ledger.committable()).get(PLACE, stood)


def law_a_record_in_work_is_not_committed(commit: CommitAfter) -> None:
    """One record is in work, those after it are done."""
    assert commit(2585, range(2585, 2590), range(2586, 2590)) <= 2585


def law_nor_is_the_record_after_a_gap(commit: CommitAfter) -> None:
    """Take a compacted topic: after offset 100 comes 150, which is in work."""
    assert commit(100, [100, *range(150, 201)], [100, *range(151, 201)]) <= 150


LAWS: Final = (law_a_record_in_work_is_not_committed, law_nor_is_the_record_after_a_gap)


@pytest.mark.parametrize("law", LAWS)
def test_stock_faust_breaks_it(law: Callable[[CommitAfter], None], tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        law(stock_commits(tmp_path))


@pytest.mark.parametrize("law", LAWS)
def test_our_ledger_keeps_it(law: Callable[[CommitAfter], None]) -> None:
    law(our_commits)


# ------------------------------------------------------------ outputs that the broker does not have


class SlowBroker:
    """A channel whose messages the broker acknowledges a little later than Faust is patient."""

    def __init__(self) -> None:
        self.acknowledged = 0

    async def publish_message(self, fut: FutureMessage, wait: bool = True) -> None:  # noqa: FBT001, FBT002 - Faust's signature
        del fut, wait
        await asyncio.sleep(0.25)
        self.acknowledged += 1


class _Pending:
    def __init__(self, channel: SlowBroker) -> None:
        self.channel = channel


class _Future:
    def __init__(self, channel: SlowBroker) -> None:
        self.message = _Pending(channel)


OUTPUTS: Final = 3


async def stock_outputs_at_commit(folder: Path) -> int:
    """Return how many outputs the broker has when Faust goes on to commit."""
    producer: Any = stock_app(folder)._new_producer()  # noqa: SLF001 - what the defect is in
    buffer = producer.buffer
    broker = SlowBroker()
    await buffer.start()
    try:
        for _ in range(OUTPUTS):
            buffer.put(_Future(broker))
        await buffer.flush()  # and then Consumer._commit_offsets commits
        return broker.acknowledged
    finally:
        buffer.pending._queue.clear()  # noqa: SLF001 - it would wait for them when it stops
        await buffer.stop()


async def our_outputs_at_commit() -> int:
    """Return how many outputs the broker has when the batch they come from can be committed."""
    broker = SlowBroker()
    ledger = OffsetTracker()
    entry = ledger.fetched(PLACE, 1)
    entry.deliver()

    async def send() -> None:
        for _ in range(OUTPUTS):
            await broker.publish_message(_Future(broker))  # type: ignore[arg-type] # a stand-in
        entry.finish()

    sending = asyncio.create_task(send())
    while not ledger.committable():  # noqa: ASYNC110 - as a worker that looks now and then
        await asyncio.sleep(0.01)
    acknowledged = broker.acknowledged
    await sending
    return acknowledged


def test_stock_faust_commits_while_outputs_are_unsent(tmp_path: Path) -> None:
    assert asyncio.run(stock_outputs_at_commit(tmp_path)) < OUTPUTS


def test_a_batch_of_ours_is_committed_when_its_outputs_are_acknowledged() -> None:
    assert asyncio.run(our_outputs_at_commit()) == OUTPUTS
