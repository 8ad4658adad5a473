"""A worker meets the claim of another release, on a broker."""

import asyncio
from uuid import uuid4

import pytest
from kafka import KafkaProducer

from detectors.basis.errors import IncompatibleSnapshot
from streams.broker.admin import create_topics
from streams.broker.journal import KafkaJournal
from streams.broker.security import BrokerSecurity
from streams.config.host import HostSettings
from streams.wire.seal import SEAL, VERSION, place_of, seal_of
from streams.wire.topics import Topic, topic_name
from streams.worker.installation.claim import new_key
from streams.worker.installation.entering import enter
from streams.worker.installation.eye import Eye
from tests.brokers.selection import AvailableBroker
from tests.streams.worker.installation.test_claim import OURS

pytestmark = pytest.mark.integration


@pytest.fixture
def host(any_broker: AvailableBroker) -> HostSettings:
    host = HostSettings(broker=any_broker.bootstrap, topic_prefix=f"entering-{uuid4()}-")
    create_topics(host.broker, host.topic_prefix, 1)
    return host


def enter_once(host: HostSettings) -> None:
    async def run() -> None:
        journal = KafkaJournal(host.broker, host.topic_prefix)
        await journal.start()
        try:
            eye = Eye(host, BrokerSecurity.of(host))
            await enter(eye, journal, host.topic_prefix, OURS.terms)
        finally:
            await journal.stop()

    asyncio.run(run())


def write(host: HostSettings, key: bytes, value: bytes, seal: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=host.broker)
    name = topic_name(host.topic_prefix, Topic.INSTALLATION)
    producer.send(name, value, key=key, headers=[(SEAL, seal)], partition=0)
    producer.flush()
    producer.close()


def test_a_claim_that_another_release_has_sealed_is_one(host: HostSettings) -> None:
    """It cannot be read, and ours must not stand beside it."""
    key, value = new_key(), b"in a form of its own"
    place = place_of(topic_name(host.topic_prefix, Topic.INSTALLATION), 0)
    seal = seal_of(place, key, value)
    write(host, key, value, b"9" + seal.removeprefix(VERSION))
    with pytest.raises(IncompatibleSnapshot, match="another release"):
        enter_once(host)


def test_a_claim_of_a_stranger_is_passed_over(host: HostSettings) -> None:
    write(host, new_key(), OURS.record(), b"no seal of ours")
    enter_once(host)
    enter_once(host)
