"""A real Kafka that can be spoken to in every way that we know, right and wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.brokers.kafka_listeners import Listener, scram_users
from tests.brokers.real_kafka import RealKafka
from tests.brokers.wire_security import (
    MECHANISMS,
    OTHER_PASSWORD,
    OTHER_USER,
    PASSWORD,
    USER,
    Certificates,
    make_certificates,
)


@dataclass(frozen=True, slots=True)
class SecuredKafka:
    """Its addresses, by what is asked for there.

    ``plain`` asks for nothing, ``sasl_ssl`` for a user of ``MECHANISMS``, ``sasl_plaintext`` for
    one of PLAIN, ``mutual`` for a certificate; ``elsewhere`` shows one for another name.
    """

    certificates: Certificates
    plain: str
    sasl_ssl: str
    sasl_plaintext: str
    mutual: str
    elsewhere: str


@contextmanager
def secured_kafka(folder: Path) -> Iterator[SecuredKafka]:
    """Run one; its certificates are written into the folder.

    Raises BrokerNotStarted where `RealKafka` does.
    """
    certificates = make_certificates(folder)
    passwords = {USER: PASSWORD, OTHER_USER: OTHER_PASSWORD}
    listeners = [
        Listener(
            name="SASL_SSL",
            protocol="SASL_SSL",
            certificate=certificates.broker,
            mechanisms=MECHANISMS,
            passwords=passwords,
        ),
        Listener(
            name="SASL_PLAINTEXT",
            protocol="SASL_PLAINTEXT",
            mechanisms=["PLAIN"],
            passwords=passwords,
        ),
        Listener(
            name="MUTUAL",
            protocol="SSL",
            certificate=certificates.broker,
            clients=certificates.authority,
        ),
        Listener(name="ELSEWHERE", protocol="SSL", certificate=certificates.broker_elsewhere),
    ]
    with RealKafka(listeners=listeners, users=scram_users(passwords)) as kafka:
        yield SecuredKafka(
            certificates,
            plain=kafka.bootstrap,
            sasl_ssl=kafka.address_of("SASL_SSL"),
            sasl_plaintext=kafka.address_of("SASL_PLAINTEXT"),
            mutual=kafka.address_of("MUTUAL"),
            elsewhere=kafka.address_of("ELSEWHERE"),
        )
