"""Fixtures that give tests a Kafka broker; ``tests/conftest.py`` imports every name in __all__.

A test takes ``broker`` to run once, on the best broker there is, ``any_broker`` to run on real
Kafka and on the embedded broker, or ``secured`` to run on a Kafka that asks for certificates and
passwords. The end of the test report says which brokers were used.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import NoReturn

import pytest

from streams.errors import BrokerNotStarted
from tests.brokers.secured_kafka import SecuredKafka, secured_kafka
from tests.brokers.selection import AvailableBroker, BrokerPool, kafka_is_required

__all__ = ["any_broker", "broker", "broker_pool", "pytest_terminal_summary", "secured"]

_POOL = pytest.StashKey[BrokerPool]()


def embedded_cannot(
    reason: str, raises: type[BaseException] = AssertionError
) -> pytest.MarkDecorator:
    """Mark a test of ``any_broker`` that must fail on the embedded broker with ``raises``."""
    failure = pytest.mark.xfail(strict=True, reason=f"embedded broker: {reason}", raises=raises)
    return pytest.mark.parametrize(
        "any_broker", ["kafka", pytest.param("embedded", marks=failure)], indirect=True
    )


@pytest.fixture(scope="session")
def broker_pool(pytestconfig: pytest.Config) -> Iterator[BrokerPool]:
    """Yield the brokers of this session, and stop them at its end, also after Ctrl-C."""
    pool = BrokerPool()
    pytestconfig.stash[_POOL] = pool
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def broker(broker_pool: BrokerPool) -> AvailableBroker:
    """Return the broker the environment names, else real Kafka, else the embedded one."""
    try:
        return broker_pool.preferred()
    except BrokerNotStarted as reason:
        pytest.fail(str(reason), pytrace=False)


@pytest.fixture(scope="session", params=["kafka", "embedded"])
def any_broker(request: pytest.FixtureRequest, broker_pool: BrokerPool) -> AvailableBroker:
    """Return real Kafka, then the embedded broker; skip where there is no Kafka and none is due."""
    if request.param == "embedded":
        return broker_pool.embedded()
    try:
        return broker_pool.kafka()
    except BrokerNotStarted as reason:
        do_without_kafka(reason)


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """Yield a Kafka that asks for certificates and passwords; skip as ``any_broker`` does."""
    with ExitStack() as running:
        try:
            kafka = running.enter_context(secured_kafka(tmp_path_factory.mktemp("certificates")))
        except BrokerNotStarted as reason:
            do_without_kafka(reason)
        yield kafka


def do_without_kafka(reason: BrokerNotStarted) -> NoReturn:
    if kafka_is_required():
        pytest.fail(str(reason), pytrace=False)
    pytest.skip(str(reason))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print which brokers the tests ran on, and why."""
    pool = config.stash.get(_POOL, None)
    if pool is not None:
        for note in pool.notes:
            terminalreporter.write_line(f"Broker used: {note}")
