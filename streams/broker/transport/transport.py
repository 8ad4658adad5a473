"""The transport that Faust finds under the URL scheme ``aboveboard://``."""

from typing import ClassVar

from faust.transport.drivers.aiokafka import Transport as KafkaTransport
from faust.types.transports import ConsumerT

from streams.broker.transport.consumer import BatchConsumer


class Transport(KafkaTransport):
    """Kafka by aiokafka; the producer is Faust's own."""

    Consumer: ClassVar[type[ConsumerT]] = BatchConsumer
