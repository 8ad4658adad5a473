"""Faust's Kafka transport with short fetches.

Faust asks the broker to hold an empty fetch for 1.5 s, and the client has one fetch under way per
broker: a topic whose records have all been handed out waits for it. The stages of Aboveboard answer
each other once per day of event time, so a replay of a year would wait for hundreds of them. Faust
has no setting for this; the two private names leaned on (`AIOKafkaConsumerThread.
_create_worker_consumer`, `AIOKafkaConsumer._fetch_max_wait_ms`) have a contract test.
"""

from typing import Final

from aiokafka import AIOKafkaConsumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport

LONGEST_FETCH_MILLISECONDS: Final = 20


class ShortFetchThread(AIOKafkaConsumerThread):
    """The thread that owns the client."""

    def _create_worker_consumer(self, transport: Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = LONGEST_FETCH_MILLISECONDS  # noqa: SLF001 - see the module
        return consumer


class ShortFetchConsumer(Consumer):
    """The consumer of a worker."""

    def _new_consumer_thread(self) -> ShortFetchThread:
        return ShortFetchThread(self, loop=self.loop, beacon=self.beacon)


class ShortFetchTransport(Transport):
    """Give it to ``app.transport``."""

    Consumer = ShortFetchConsumer
