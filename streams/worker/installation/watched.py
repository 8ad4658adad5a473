"""The installation around a worker: compared with it first, and looked at until it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from detectors.settings import Settings
from streams.broker.client_errors import KafkaError
from streams.broker.journal import KafkaJournal
from streams.broker.security import BrokerSecurity
from streams.config.host import HostSettings
from streams.errors import BrokerError
from streams.metrics.registry import Metrics
from streams.worker.findings import Findings
from streams.worker.installation.beat import Heart
from streams.worker.installation.broker_clock import BrokerClock
from streams.worker.installation.entering import enter
from streams.worker.installation.eye import Eye
from streams.worker.installation.terms import terms_of
from streams.worker.installation.watch import InstallationWatch


@asynccontextmanager
async def watched_installation(
    host: HostSettings,
    security: BrokerSecurity,
    settings: Settings,
    journal: KafkaJournal,
    clock: BrokerClock,
    findings: Findings,
    metrics: Metrics,
) -> AsyncIterator[InstallationWatch]:
    """Yield a watch that is to begin once the worker runs, and that ends with the block.

    Raises
    ------
    InstallationMismatch
        If the worker does not belong to this installation.
    BrokerError
        If the broker does not answer, or refuses what is asked.
    """
    eye = Eye(host, security)
    try:
        claim, judge = await enter(eye, journal, host.topic_prefix, terms_of(settings, eye.group))
    except KafkaError as error:
        raise BrokerError(f"the broker at {host.broker}: {error!r}") from error
    heart = Heart(journal, claim, host.topic_prefix, clock)
    watch = InstallationWatch(eye, judge, heart, clock, findings, metrics, every=host.look_every)
    try:
        yield watch
    finally:
        await watch.end()
