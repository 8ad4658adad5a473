"""Which broker a test gets, and the one place that starts and stops them in a test session.

The environment decides: ``ABOVEBOARD_TEST_BROKER=host:port`` names a broker that runs already, and
``ABOVEBOARD_REQUIRE_KAFKA=1`` (set by ``.ci/run``) makes it an error to do without real Kafka.
"""

import os
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from streams.demo.embedded_broker import EmbeddedBroker
from streams.errors import BrokerNotStarted
from tests.brokers.real_kafka import RealKafka

EXTERNAL_VARIABLE = "ABOVEBOARD_TEST_BROKER"
REQUIRE_VARIABLE = "ABOVEBOARD_REQUIRE_KAFKA"

BrokerKind = Literal["external", "kafka", "embedded"]


@dataclass(frozen=True, slots=True)
class AvailableBroker:
    """A broker that answers, and where."""

    bootstrap: str
    kind: BrokerKind


def kafka_is_required() -> bool:
    """Whether a test that needs real Kafka must fail, not skip, where there is none."""
    return os.environ.get(REQUIRE_VARIABLE) == "1"


class BrokerPool:
    """The brokers of one test session: each started on first use, at most once, and stopped.

    ``notes`` says what was used and why, one sentence each, for the end of the test report.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._running = ExitStack()
        self._kafka: AvailableBroker | BrokerNotStarted | None = None
        self._embedded: AvailableBroker | BrokerNotStarted | None = None

    def preferred(self) -> AvailableBroker:
        """Return the external broker if one is named, else real Kafka, else the embedded one.

        Raises BrokerNotStarted if there is none, or real Kafka is required and missing.
        """
        external = os.environ.get(EXTERNAL_VARIABLE)
        if external:
            self._note(f"the broker at {external}, which {EXTERNAL_VARIABLE} names")
            return AvailableBroker(bootstrap=external, kind="external")
        try:
            return self.kafka()
        except BrokerNotStarted as reason:
            if kafka_is_required():
                raise
            embedded = self.embedded()
            self._note(f"the embedded broker in place of real Kafka. Reason: {reason}")
            return embedded

    def kafka(self) -> AvailableBroker:
        """Return real Kafka; raises BrokerNotStarted, always the same, if it cannot start."""
        if self._kafka is None:
            try:
                broker = self._running.enter_context(RealKafka())
            except BrokerNotStarted as reason:
                self._kafka = reason
            else:
                self._kafka = AvailableBroker(bootstrap=broker.bootstrap, kind="kafka")
                self._note("real Apache Kafka")
        return _available(self._kafka)

    def embedded(self) -> AvailableBroker:
        """Return the embedded one; raises BrokerNotStarted if it cannot start."""
        if self._embedded is None:
            try:
                broker = self._running.enter_context(EmbeddedBroker())
            except BrokerNotStarted as reason:
                self._embedded = reason
            else:
                self._embedded = AvailableBroker(bootstrap=broker.bootstrap, kind="embedded")
                self._note("the embedded broker")
        return _available(self._embedded)

    def close(self) -> None:
        """Stop all that was started."""
        self._running.close()

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def _available(found: AvailableBroker | BrokerNotStarted) -> AvailableBroker:
    if isinstance(found, BrokerNotStarted):
        raise found
    return found
