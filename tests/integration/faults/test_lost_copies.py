"""Copies of the topics are lost until the broker takes no writes, and come back."""

import time
from collections.abc import Iterator

import pytest
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from streams.wire.topics import CATALOGUE
from tests.brokers.real_kafka import RealKafka
from tests.brokers.second_node import SecondNode
from tests.brokers.selection import BrokerPool
from tests.integration.faults.accidents import change, complaints, tells_within_a_minute
from tests.integration.installation import PATIENCE, Installation
from tests.integration.test_worker_health import is_ready
from tests.integration.under_load import shared_kafka

pytestmark = pytest.mark.integration


@pytest.fixture
def nodes(broker_pool: BrokerPool) -> Iterator[tuple[RealKafka, SecondNode]]:
    shared_kafka(broker_pool)  # skips where there is none
    with RealKafka() as first:
        # On the first node only, since the second is going to be lost.
        make_groups_topic(first.bootstrap)
        with SecondNode(first) as second:
            yield first, second


def make_groups_topic(bootstrap: str) -> None:
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            client.describe_groups(["nobody"])
        except KafkaError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            client.close()
            return


def test_a_worker_says_so_when_the_broker_takes_no_writes(
    nodes: tuple[RealKafka, SecondNode],
) -> None:
    first, second = nodes
    installation = Installation(first.bootstrap, 1, 1, copies=2)
    for plan in CATALOGUE:
        change(installation, plan.topic, **plan.settings | {"min_insync_replicas": "2"})
    with installation.worker(look_every="1") as worker:
        worker.wait_for(is_ready)
        second.kill()
        assert tells_within_a_minute(worker, "copies in step where 2 are needed")
        worker.wait_for(lambda it: "takes no writes: no state can be written" in complaints(it))
        second.start()
        worker.wait_for(is_ready)
