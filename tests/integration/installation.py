"""An installation on a broker: topics of its own, events in them, and workers as processes."""

import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from detectors.settings import Settings
from streams.broker.admin import create_topics
from streams.broker.sending.event_sender import replay
from streams.config.host import PREFIX
from streams.demo.ports import LOOPBACK, free_port
from streams.wire.routing import EventRouter
from streams.wire.seal import SEAL, place_of, seal_of
from streams.wire.topics import CATALOGUE, Topic, partitions_for, topic_name
from streams.worker.warm_up import warm_up
from tests.brokers.selection import AvailableBroker
from tests.logged_process import Ending, LoggedProcess

COMMAND: Final = Path(sys.executable).with_name("aboveboard")
PATIENCE: Final = 180.0


@cache
def compile_kernels() -> None:
    """Compile what is kept on disk: in a fresh clone, a worker needs more than its time for it."""
    warm_up(Settings())


class WorkerProcess(LoggedProcess):
    """`aboveboard worker`, or another service, as a process, from its start until it is gone."""

    def __init__(
        self, environment: dict[str, str], words: Iterable[str], service: str = "worker"
    ) -> None:
        if service == "worker":
            compile_kernels()
        port = free_port()
        self.address: Final = f"http://{LOOPBACK}:{port}"
        super().__init__([COMMAND, service, "--metrics-port", str(port), *words], environment)

    def running(self) -> bool:
        return self._process.poll() is None

    def send_signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ending(self, seconds: float = PATIENCE) -> Ending:
        """Wait for the end."""
        code = self._process.wait(seconds)
        return Ending(code, self.log())

    def end(self, number: signal.Signals) -> Ending:
        self._process.send_signal(number)
        return self.ending()

    def metrics(self) -> list[Metric]:
        """Return what ``/metrics`` answers, nothing while it does not."""
        try:
            with urllib.request.urlopen(f"{self.address}/metrics", timeout=5) as answer:  # noqa: S310 - ours
                return list(text_string_to_metric_families(answer.read().decode()))
        except OSError:
            return []

    def sum_of(self, sample_name: str, **labels: str) -> float:
        """Return the sum of the samples of this name that have these labels."""
        return sum(
            sample.value
            for family in self.metrics()
            for sample in family.samples
            if sample.name == sample_name and labels.items() <= sample.labels.items()
        )

    def samples(self, name: str) -> list[float]:
        """Return all samples of this name."""
        return [s.value for family in self.metrics() for s in family.samples if s.name == name]

    def wait_for(self, condition: Callable[[Self], bool], seconds: float = PATIENCE) -> None:
        """Return when the condition holds; fail if the worker ends first, or after long."""
        deadline = time.monotonic() + seconds
        while not condition(self):
            assert self._process.poll() is None, f"the process ended:\n{self.log()}"
            assert time.monotonic() < deadline, f"waited for long:\n{self.log()}"
            time.sleep(0.02)


class Installation:
    """Topics under a prefix of their own.

    ``variables`` are more of the environment of its workers, by their own names.
    """

    def __init__(
        self, bootstrap: str, partitions: int, agents: int | None = None, copies: int = 1
    ) -> None:
        self.bootstrap: Final = bootstrap
        self.prefix: Final = f"worker-{uuid4()}-"
        self._partitions: Final = partitions_for(partitions, agents or partitions)
        self._copies: Final = copies
        self.variables: dict[str, str] = {}
        self.create_topics()

    def create_topics(self, prefix: str | None = None) -> None:
        """Create what is missing, of this installation or of one with another prefix."""
        create_topics(
            self.bootstrap,
            self.prefix if prefix is None else prefix,
            self._partitions.accounts,
            self._copies,
            agents_partitions=self._partitions.agents,
        )

    def worker(self, *words: str, **settings: str) -> WorkerProcess:
        """Start a worker with settings of the host, which the environment gives."""
        return self.service("worker", *words, **settings)

    def service(self, service: str, *words: str, **settings: str) -> WorkerProcess:
        """Start a service by the name of its command."""
        known = {
            "broker": self.bootstrap,
            "topic_prefix": self.prefix,
            "session_timeout": "2",
            "idle_after": "1",
            "flush_every": "0.5",
            **settings,
        }
        inherited = {name: os.environ[name] for name in os.environ if not name.startswith(PREFIX)}
        ours = {PREFIX + name.upper(): value for name, value in known.items()}
        return WorkerProcess(inherited | ours | self.variables, words, service)

    def name(self, topic: Topic) -> str:
        return topic_name(self.prefix, topic)

    def send_events(self, lines: Iterable[bytes], *, speed: float | None = None) -> None:
        replay(lines, self.bootstrap, self.prefix, speed=speed)

    def send(
        self,
        topic: Topic,
        values: Iterable[bytes | None],
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        """Write these records to the partitions of a topic in turn."""
        with self.producer() as producer:
            for number, value in enumerate(values):
                producer.send(
                    self.name(topic),
                    value,
                    key=f"key-{number}".encode(),
                    headers=[*headers],
                    partition=number % self.count(topic),
                )
            producer.flush()

    def send_to_partition(self, partition: int, lines: Iterable[bytes]) -> None:
        """Write events to the topics of their types, all to the same partition."""
        router = EventRouter()
        with self.producer() as producer:
            for line in lines:
                route = router.route(line)
                producer.send(self.name(route.topic), line, key=route.key, partition=partition)
            producer.flush()

    def send_as_ours(self, topic: Topic, key: bytes, value: bytes) -> None:
        """Write a record to partition 0 under a seal: without one, no worker takes it for ours."""
        headers = [(SEAL, seal_of(place_of(self.name(topic), 0), key, value))]
        with self.producer() as producer:
            producer.send(self.name(topic), value, key=key, headers=headers, partition=0)
            producer.flush()

    def records(self, topic: Topic) -> list[ConsumerRecord]:
        """Read a topic from its beginning to its end."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.bootstrap,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=20,
            # The client computes checksums in Python, which takes seconds, and the broker has
            # looked at them already. What we ship compares them in C.
            check_crcs=False,
        )
        places = [TopicPartition(self.name(topic), n) for n in range(self.count(topic))]
        found: list[ConsumerRecord] = []
        try:
            consumer.assign(places)
            deadline = time.monotonic() + PATIENCE
            while not all(_is_read(consumer, place) for place in places):
                assert time.monotonic() < deadline, f"{self.name(topic)} cannot be read"
                for records in consumer.poll(timeout_ms=20).values():
                    found.extend(records)
        finally:
            consumer.close()
        return found

    def committed(self, topic: Topic) -> dict[int, int | None]:
        """Return the committed offset of each partition of an input topic."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=f"{self.prefix}aboveboard",
            enable_auto_commit=False,
        )
        try:
            return {
                number: consumer.committed(TopicPartition(self.name(topic), number))
                for number in range(self.count(topic))
            }
        finally:
            consumer.close()

    def ends(self, topic: Topic) -> dict[int, int]:
        """Return the offset of the next record of each partition."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap)
        try:
            places = [TopicPartition(self.name(topic), n) for n in range(self.count(topic))]
            return {place.partition: end for place, end in consumer.end_offsets(places).items()}
        finally:
            consumer.close()

    def count(self, topic: Topic) -> int:
        """Return the number of partitions of a topic."""
        (plan,) = (plan for plan in CATALOGUE if plan.topic is topic)
        return plan.count(self._partitions)

    @contextmanager
    def producer(self) -> Iterator[KafkaProducer]:
        """Yield a producer for the block."""
        producer = KafkaProducer(bootstrap_servers=self.bootstrap)
        try:
            yield producer
        finally:
            producer.close()


def install(broker: AvailableBroker, partitions: int, agents: int | None = None) -> Installation:
    return Installation(broker.bootstrap, partitions, agents)


def _is_read(consumer: KafkaConsumer, place: TopicPartition) -> bool:
    end = consumer.highwater(place)
    return end is not None and consumer.position(place) >= end
