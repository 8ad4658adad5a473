"""What ends an installation for good, done to the one that has just endured everything else.

Retention overtakes the workers, partitions are added, a topic is created again: going on would be
wrong, so the worker must end with exit code 2 and name the remedy, whatever has happened before.
Records that retention took can be accepted, and then it goes on.
"""

import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from streams.broker.admin import create_topics
from streams.wire.topics import Topic, topic_name
from tests.chaos.life import Life

ENDS_SECONDS: Final = 60.0
"""Within which a worker must have seen it."""

LOST: Final = 50

_OPTION: Final = re.compile(r"--accept-loss \S+")

StartWorker = Callable[[str, Sequence[str]], Life]
"""Starts a worker with this prefix of topics, and with more words on its command line."""


class Accidents:
    """Makes accidents, one after the other.

    Parameters
    ----------
    bootstrap, prefix, partitions
        The installation, to which nobody writes any more.
    start
        Starts a worker.
    """

    def __init__(self, bootstrap: str, prefix: str, partitions: int, start: StartWorker) -> None:
        self._bootstrap: Final = bootstrap
        self._prefix: Final = prefix
        self._partitions: Final = partitions
        self._start: Final = start

    def failures(self) -> Iterator[str]:
        """Make them all; yield what was not as it must be."""
        yield from self._retention_overtakes()
        yield from self._topic_is_created_again()
        yield from self._partitions_are_added()

    def _retention_overtakes(self) -> Iterator[str]:
        place = TopicPartition(topic_name(self._prefix, Topic.SALES), 0)
        producer = KafkaProducer(bootstrap_servers=self._bootstrap)
        sent = [producer.send(place.topic, b"lost", partition=0) for _ in range(LOST)]
        producer.flush()
        end = sent[-1].get().offset + 1
        producer.close()
        with _admin(self._bootstrap) as admin:
            admin.delete_records({place: end})
        last = self._last_line(self._start(self._prefix, ()))
        option = _OPTION.search(last)
        if option is None:
            yield f"retention overtook the workers, and the remedy is not named: {last}"
            return
        life = self._start(self._prefix, option.group().split())
        if not _is_ready(life):
            yield f"a loss was accepted, and the worker was not ready: {life.log()[-500:]}"
        life.send(signal.SIGKILL)

    def _topic_is_created_again(self) -> Iterator[str]:
        """Do it to the topic of cancellations, while a worker reads."""
        name = topic_name(self._prefix, Topic.CANCELLATIONS)
        life = self._start(self._prefix, ())
        if not _is_ready(life):
            yield f"the worker was not ready: {life.log()[-500:]}"
        with _admin(self._bootstrap) as admin:
            admin.delete_topics([name])
        ends = time.monotonic() + ENDS_SECONDS
        while not self._is_created(name) and time.monotonic() < ends:
            time.sleep(0.2)
        last = self._last_line(life)
        if "created again" not in last:
            yield f"a topic was created again: {last}"

    def _is_created(self, name: str) -> bool:
        """Try to create a topic: the broker goes on deleting it after it has answered."""
        options = {"num_partitions": self._partitions, "replication_factor": 1}
        try:
            with _admin(self._bootstrap) as admin:
                admin.create_topics({name: options})
        except KafkaError:
            return False
        return True

    def _partitions_are_added(self) -> Iterator[str]:
        """Do it to another installation: this one is of no use any more."""
        prefix = f"grown-{self._prefix}"
        create_topics(self._bootstrap, prefix, self._partitions)
        life = self._start(prefix, ())
        if not _is_ready(life):
            yield f"the worker was not ready: {life.log()[-500:]}"
        with _admin(self._bootstrap) as admin:
            admin.create_partitions({topic_name(prefix, Topic.SALES): self._partitions + 1})
        last = self._last_line(life)
        if f"has {self._partitions + 1} now" not in last:
            yield f"partitions were added: {last}"

    def _last_line(self, life: Life) -> str:
        """Return the last line of a worker that must end with exit code 2, or what it did."""
        code = life.wait(ENDS_SECONDS)
        life.send(signal.SIGKILL)
        last = life.log().rstrip().rpartition("\n")[2]
        return last if code == 2 else f"exit code {code}, and not 2, after {last!r}"


def _is_ready(life: Life) -> bool:
    """Wait until a worker is ready; false if it ends, or takes too long."""
    ends = time.monotonic() + ENDS_SECONDS
    while life.ready_after is None and life.code is None and time.monotonic() < ends:
        life.poll()
        time.sleep(0.1)
    return life.ready_after is not None


@contextmanager
def _admin(bootstrap: str) -> Iterator[KafkaAdminClient]:
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        yield client
    finally:
        client.close()
