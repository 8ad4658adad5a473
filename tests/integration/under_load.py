"""Workers in charge of partitions while events come in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from streams.errors import BrokerNotStarted
from tests.brokers.selection import AvailableBroker, BrokerPool, kafka_is_required
from tests.integration.busy_month import SENDING_SPEED, UNTIL, send_everything, write_settings
from tests.integration.installation import Installation, WorkerProcess

NO_SILENCE: Final = "60"
"""Seconds; a sender that pauses on a busy machine must not seem to have nothing more to send: time
would go on without it, and what it sends then would be late."""


def shared_kafka(pool: BrokerPool) -> AvailableBroker:
    """Return real Kafka; skip the test where there is none and none is due."""
    try:
        return pool.kafka()
    except BrokerNotStarted as reason:
        if kafka_is_required():
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))


def bounded(installation: Installation, folder: Path, **settings: str) -> WorkerProcess:
    """Start a worker that ends once it has judged everything."""
    config = str(write_settings(folder))
    return installation.worker("--config", config, "--until", UNTIL.isoformat(), **settings)


def unbounded(installation: Installation, folder: Path, **settings: str) -> WorkerProcess:
    """Start a worker that goes on until it is told to stop."""
    return installation.worker("--config", str(write_settings(folder)), **settings)


def in_charge_of(worker: WorkerProcess, stage: str) -> list[str]:
    """Return the partitions of a stage that a worker has, and has restored."""
    return sorted(
        {
            sample.labels["partition"]
            for family in worker.metrics()
            for sample in family.samples
            if sample.name == "aboveboard_lag_records" and sample.labels["stage"] == stage
        }
    )


@contextmanager
def being_sent(installation: Installation, slower: float = 1.0) -> Iterator[None]:
    """Let the events come in, for some seconds, while the block does something."""
    with ThreadPoolExecutor(1) as background:
        sending = background.submit(send_everything, installation, speed=SENDING_SPEED / slower)
        yield
        sending.result()
