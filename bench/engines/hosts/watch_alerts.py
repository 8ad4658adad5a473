"""A light consumer of the topic of alerts: writes down when each came, until it is told to stop."""

import signal
import sys
import time
from pathlib import Path
from typing import Final

import msgspec
from confluent_kafka import Consumer, TopicPartition
from msgspec import Struct

_POLL_SECONDS: Final = 0.1


class WatchJob(Struct, frozen=True, kw_only=True):
    """What is watched; `ready` is a file that appears when it is, `received` holds the result."""

    broker: str
    alerts: str
    partitions: int
    ready: str
    received: str


def watch(job: WatchJob) -> None:
    """Receive what comes from now on."""
    received: list[tuple[float, bytes]] = []
    running = True

    def stop(*_: object) -> None:
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    consumer = Consumer(
        {
            "bootstrap.servers": job.broker,
            "group.id": "watch",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 100,
        }
    )
    places = (TopicPartition(job.alerts, number) for number in range(job.partitions))
    ends = [consumer.get_watermark_offsets(place)[1] for place in places]
    consumer.assign([TopicPartition(job.alerts, number, end) for number, end in enumerate(ends)])
    Path(job.ready).touch()
    while running:
        message = consumer.poll(_POLL_SECONDS)
        if message is not None and message.error() is None:
            received.append((time.time(), message.value()))
    consumer.close()
    Path(job.received).write_bytes(msgspec.msgpack.encode(received))


if __name__ == "__main__":
    watch(msgspec.json.decode(sys.argv[1], type=WatchJob))
