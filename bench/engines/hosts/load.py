"""A steady load: records at a fixed rate, and the time at which each was handed over."""

import sys
import time
from array import array
from pathlib import Path
from typing import Final

import msgspec
from confluent_kafka import Producer
from msgspec import Struct

_TICK: Final = 0.002
_FLUSH_SECONDS: Final = 60.0


class LoadJob(Struct, frozen=True, kw_only=True):
    """What is to be sent: `records` is a file of topic, partition, key and value of each.

    Its times, seconds since the epoch, go to the file `times`, as C doubles.
    """

    broker: str
    rate: float
    records: str
    times: str


def send(job: LoadJob) -> None:
    """Send everything; a tick that comes late sends what has become due by then."""
    packed = Path(job.records).read_bytes()
    records = msgspec.msgpack.decode(packed, type=list[tuple[str, int, bytes, bytes]])
    producer = Producer(
        {
            "bootstrap.servers": job.broker,
            "enable.idempotence": True,
            "linger.ms": 2,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    times = array("d")
    begun = time.time()
    while len(times) < len(records):
        due = min(len(records), 1 + int((time.time() - begun) * job.rate))
        for topic, partition, key, value in records[len(times) : due]:
            times.append(time.time())
            producer.produce(topic, value, key, partition)
        producer.poll(0)
        time.sleep(_TICK)
    if producer.flush(_FLUSH_SECONDS):
        raise RuntimeError("the broker did not store all records")
    Path(job.times).write_bytes(times.tobytes())


if __name__ == "__main__":
    send(msgspec.json.decode(sys.argv[1], type=LoadJob))
