"""The transport that Faust finds under the URL scheme ``aboveboard://``, and its credentials."""

from typing import ClassVar

from faust import SASLCredentials, SSLCredentials
from faust.transport.drivers.aiokafka import Transport as KafkaTransport
from faust.types.transports import ConsumerT

from streams.broker.security import BrokerSecurity
from streams.broker.transport.consumer import BatchConsumer


class Transport(KafkaTransport):
    """Kafka by aiokafka; the producer is Faust's own."""

    Consumer: ClassVar[type[ConsumerT]] = BatchConsumer


def credentials(security: BrokerSecurity) -> SASLCredentials | SSLCredentials | None:
    """Return what Faust calls TLS and user; None for neither."""
    arguments = security.for_faust()
    if arguments is None:
        return None
    return (SASLCredentials if security.uses_sasl else SSLCredentials)(**arguments)
