"""A worker that was frozen past its session finds another one in its place, and keeps silent."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest

from detectors.messages.outcomes import OutcomeBundle
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.brokers.selection import BrokerPool
from tests.integration.busy_month import (
    assert_alerts_are_those_of_the_pipeline,
    send_everything,
)
from tests.integration.installation import Installation, install
from tests.integration.under_load import NO_SILENCE, bounded, shared_kafka, unbounded

pytestmark = pytest.mark.integration

READ: Final = (
    *EVENT_TOPICS,
    Topic.MENTIONS,
    Topic.OUTCOMES,
    Topic.PEER_TOTALS,
    Topic.PEER_EXPECTATIONS,
)
WRITTEN: Final = (Topic.ALERTS, Topic.ALERTS_CURRENT, Topic.OUTCOMES)


def told(installation: Installation) -> dict[Topic, frozenset[bytes]]:
    """Return what the stages have told, each thing once.

    A request that had left before the freeze may be stored after it: it tells nothing new, though
    it may cut outcomes into other bundles.
    """
    return {
        topic: frozenset(
            thing
            for record in installation.records(topic)
            for thing in things_in(topic, record.value or b"")
        )
        for topic in WRITTEN
    }


def things_in(topic: Topic, value: bytes) -> Iterator[bytes]:
    if topic is Topic.OUTCOMES:
        bundle = msgspec.msgpack.decode(value, type=OutcomeBundle)
        yield from map(msgspec.msgpack.encode, bundle.outcomes)
    else:
        yield value


def has_told_all(installation: Installation) -> bool:
    """Say whether all that was sent and told between the stages was worked through.

    An offset is committed once what follows from the record was written. That a topic grows no more
    for a second says nothing: on a busy machine the next stage may need longer.
    """
    return all(
        (installation.committed(topic)[partition] or 0) == end
        for topic in READ
        for partition, end in installation.ends(topic).items()
    )


def test_one_that_was_replaced_while_frozen_tells_nothing_new_when_it_wakes(
    broker_pool: BrokerPool, tmp_path: Path
) -> None:
    """It is frozen in the midst of a backlog: it wakes with thousands of records in its hands."""
    installation = install(shared_kafka(broker_pool), 2)
    send_everything(installation)
    settings = {"session_timeout": "2", "idle_after": NO_SILENCE}
    with unbounded(installation, tmp_path, **settings) as frozen:
        frozen.wait_for(lambda it: it.sum_of("aboveboard_events_total") > 500)
        frozen.send_signal(signal.SIGSTOP)
        with unbounded(installation, tmp_path, **settings) as second:
            second.wait_for(lambda it: it.sum_of("aboveboard_ready") == 1)
            second.wait_for(lambda _: has_told_all(installation))
            known = told(installation)
            assert all(known.values())
            frozen.send_signal(signal.SIGCONT)
            ending = frozen.ending()
            assert told(installation) == known
            assert second.end(signal.SIGTERM).code == 0
    assert ending.code == 1, ending.log
    assert "another worker may have these partitions" in ending.log.splitlines()[-1]
    assert "Traceback" not in ending.log
    with bounded(installation, tmp_path) as last:
        assert last.ending().code == 0
    assert_alerts_are_those_of_the_pipeline(installation)
