import threading
from contextlib import ExitStack, closing
from uuid import uuid4

import pytest
from kafka import KafkaProducer

from streams.broker.admin import create_topics
from streams.broker.reader import read_topic
from streams.demo.embedded_broker import EmbeddedBroker
from streams.errors import BrokerError
from streams.wire.topics import Topic, topic_name
from tests.brokers.selection import AvailableBroker, BrokerPool
from tests.integration.under_load import shared_kafka
from tests.streams.broker.silenced_reader import ending_of_a_silenced_reader

pytestmark = pytest.mark.integration


@pytest.fixture
def topic(any_broker: AvailableBroker) -> str:
    prefix = f"reader-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix, 3)
    return topic_name(prefix, Topic.DEAD_LETTERS)


def _produce(bootstrap: str, topic: str, values: list[bytes | None]) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for number, value in enumerate(values):
        producer.send(topic, value, key=b"%d" % (number % 7), headers=[("number", b"%d" % number)])
    producer.flush()
    producer.close()


def test_every_record_is_read_up_to_the_end(any_broker: AvailableBroker, topic: str) -> None:
    values: list[bytes | None] = [b"%d" % number for number in range(1_000)]
    _produce(any_broker.bootstrap, topic, [*values, None])
    found = list(read_topic(any_broker.bootstrap, topic))
    assert len(found) == 1_001
    assert {record.value for record in found} == {*values, None}
    places: dict[int, list[int]] = {}
    for record in found:
        places.setdefault(record.partition, []).append(record.offset)
    assert all(offsets == list(range(len(offsets))) for offsets in places.values())


def test_records_of_the_largest_size_are_read(any_broker: AvailableBroker, topic: str) -> None:
    values: list[bytes | None] = [b"%d" % number + b"x" * 1_000_000 for number in range(5)]
    _produce(any_broker.bootstrap, topic, values)
    assert sorted(record.value for record in read_topic(any_broker.bootstrap, topic)) == values


def test_an_empty_topic_ends(any_broker: AvailableBroker, topic: str) -> None:
    assert list(read_topic(any_broker.bootstrap, topic)) == []


def test_a_topic_is_followed_until_another_thread_says_stop(
    any_broker: AvailableBroker, topic: str
) -> None:
    stop = threading.Event()
    seen = threading.Event()
    found: list[bytes] = []

    def follow() -> None:
        for record in read_topic(any_broker.bootstrap, topic, until=stop.is_set):
            found.append(record.value)
            seen.set()

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        for value in (b"1", b"2"):
            _produce(any_broker.bootstrap, topic, [value])
            assert seen.wait(timeout=20)
            seen.clear()
    finally:
        stop.set()
        thread.join(timeout=20)
    assert not thread.is_alive()
    assert found == [b"1", b"2"]


def test_a_missing_topic_is_named_with_the_remedy(any_broker: AvailableBroker) -> None:
    with pytest.raises(BrokerError, match=r"no topic nothing-.*aboveboard topics"):
        next(read_topic(any_broker.bootstrap, "nothing-there"))


# The pause of the caller is longer than the patience: only waiting for the broker counts.
_READ_WITH_PATIENCE = """
import sys, time
from streams.broker.reader import read_topic
assert sum(time.sleep(n == 0) is None for n, _ in enumerate(read_topic(sys.argv[1], sys.argv[2],
    patience=0.9))) == 40
records = read_topic(sys.argv[1], sys.argv[2], patience=1)
next(records)
print("begun", flush=True)
sys.stdin.readline()
list(records)
"""


def test_a_broker_that_falls_silent_is_an_error_and_a_slow_caller_is_none() -> None:
    with EmbeddedBroker() as broker:
        create_topics(broker.bootstrap, partitions=1)
        topic = topic_name("", Topic.DEAD_LETTERS)
        _produce(broker.bootstrap, topic, [b"x" * 500_000] * 40)  # more than a few fetches
        ending = ending_of_a_silenced_reader(broker, _READ_WITH_PATIENCE, topic)
    assert ending.code == 1
    assert "has not answered for 1 s" in ending.log


def test_only_what_is_committed_is_read_and_an_open_transaction_ends_it(
    broker_pool: BrokerPool,
) -> None:
    bootstrap = shared_kafka(broker_pool).bootstrap
    prefix = f"reader-{uuid4()}-"
    create_topics(bootstrap, prefix, 1)
    topic = topic_name(prefix, Topic.DEAD_LETTERS)
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(
                closing(KafkaProducer(bootstrap_servers=bootstrap, transactional_id=str(uuid4())))
            )
            for _ in range(2)
        )
        for producer in (one, other):
            producer.init_transactions()
            producer.begin_transaction()
        one.send(topic, b"aborted").get(20)
        other.send(topic, b"committed").get(20)
        one.abort_transaction()
        other.commit_transaction()
        assert [record.value for record in read_topic(bootstrap, topic)] == [b"committed"]
        one.begin_transaction()
        one.send(topic, b"open").get(20)
        _produce(bootstrap, topic, [b"behind it"])
        # It ends, long before the broker would count as silent.
        assert [record.value for record in read_topic(bootstrap, topic)] == [b"committed"]
        one.commit_transaction()
        values = [record.value for record in read_topic(bootstrap, topic)]
        assert values == [b"committed", b"open", b"behind it"]
