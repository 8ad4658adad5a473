"""Workers of one installation hear each other, on a broker."""

import asyncio
from uuid import uuid4

import pytest

from streams.broker.admin import create_topics
from streams.broker.journal import KafkaJournal
from streams.worker.findings import Finding
from streams.worker.installation.beat import Heart
from streams.worker.installation.broker_clock import BrokerClock
from streams.worker.installation.claim import Claim
from tests.brokers.selection import AvailableBroker
from tests.streams.worker.installation.test_claim import OURS, changed

pytestmark = pytest.mark.integration

OTHER = changed(settings="f" * 16)


@pytest.fixture
def prefix(any_broker: AvailableBroker) -> str:
    prefix = f"beat-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix, 1)
    return prefix


def heard(bootstrap: str, prefix: str, *others: Claim) -> list[Finding]:
    """Return what a worker hears that begins to listen before others beat."""

    async def run() -> list[Finding]:
        journal = KafkaJournal(bootstrap, prefix)
        await journal.start()
        hearts = [Heart(journal, claim, prefix, BrokerClock(60, 60)) for claim in (OURS, *others)]
        try:
            await hearts[0].beat()
            assert await hearts[0].listen() == []
            for heart in hearts:
                assert await heart.beat() == []
            return await hearts[0].listen()
        finally:
            for heart in hearts:
                await heart.stop()
            await journal.stop()

    return asyncio.run(run())


def test_a_worker_hears_who_holds_to_another_claim(
    any_broker: AvailableBroker, prefix: str
) -> None:
    (finding,) = heard(any_broker.bootstrap, prefix, OURS, OTHER)
    assert "another worker of this installation runs now and differs" in finding.what
    assert "would judge by different rules" in finding.what


def test_a_worker_hears_no_harm_of_its_like(any_broker: AvailableBroker, prefix: str) -> None:
    assert heard(any_broker.bootstrap, prefix, OURS) == []
