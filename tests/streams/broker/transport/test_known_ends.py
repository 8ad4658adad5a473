"""A partition that is taken away at any moment has no end that is known, and ends nobody."""

import asyncio
from pathlib import Path

import pytest
from faust.types import TP

from tests.brokers.selection import AvailableBroker
from tests.streams.broker.transport.small_app import (
    SmallApp,
    finishing,
    new_topic,
    produce,
    until,
)

pytestmark = pytest.mark.integration


def test_of_a_partition_that_is_no_longer_ours_no_end_is_known(
    any_broker: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(any_broker.bootstrap)
    produce(any_broker.bootstrap, topic, range(10))
    given, work = finishing()

    async def scenario() -> None:
        async with SmallApp(any_broker.bootstrap, topic, topic, tmp_path, work) as small:
            await until(lambda: sum(len(batch.records) for batch in given) == 10)
            consumer, others = small.consumer, TP(topic, 99)
            assert sum(consumer.highwater(place) or 0 for place in small.assigned[-1]) == 10
            assert (consumer.highwater(others), consumer.readable_end(others)) == (None, None)

    asyncio.run(scenario())
