"""What is held back waits, alone, and comes at once when it is let go."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from streams.broker.transport import consumer
from streams.broker.transport.batch import FetchedBatch
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.transport.small_app import SmallApp, new_topic, numbers, produce, until

pytestmark = pytest.mark.integration


def have_come(batches: list[FetchedBatch], records: int) -> bool:
    return len(numbers(batches, 0)) == records


def test_what_is_held_waits_and_nothing_else(
    broker: AvailableBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever waits for records waits for this long, unless they are woken.
    monkeypatch.setattr(consumer, "FETCH_SECONDS", 300.0)
    held, free = (new_topic(broker.bootstrap, 1) for _ in range(2))
    given: dict[str, list[FetchedBatch]] = {held: [], free: []}

    async def work(batch: FetchedBatch) -> None:
        given[batch.topic].append(batch)
        batch.finish()

    async def scenario() -> None:
        async with SmallApp(broker.bootstrap, held, held, tmp_path, work, free) as small:
            small.consumer.hold({(held, 0)})
            await until(lambda: small.assigned)
            for start in range(0, 40, 10):
                produce(broker.bootstrap, held, range(start, start + 10), 1)
                produce(broker.bootstrap, free, range(start, start + 10), 1)
                await until(partial(have_come, given[free], start + 10))
            assert not given[held]
            small.consumer.hold(())
            await until(lambda: numbers(given[held], 0) == list(range(40)))
            assert numbers(given[free], 0) == list(range(40))

    asyncio.run(scenario())
