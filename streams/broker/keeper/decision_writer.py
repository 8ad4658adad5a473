"""Stores what people decide over the desk in the topic ``decisions``, over one producer."""

from typing import Final, Self

from kafka.errors import KafkaError

from streams.broker.keeper.lasting_producer import LastingProducer
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerRefused
from streams.wire.decision_record import DecisionRecord
from streams.wire.topics import Topic, topic_name

_LARGEST_DECISION: Final = 1_048_576
"""Bytes: far more than a body that the desk takes."""

_PATIENCE_SECONDS: Final = 10.0
"""For which a person waits; then it may be stored or not."""


class DecisionWriter:
    """One producer for all decisions; may be used by several threads at once.

    Parameters
    ----------
    bootstrap, prefix, security
        The broker, and the installation on it.
    patience
        Seconds for which a decision may wait to be stored; more than 1.
    """

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        security: BrokerSecurity,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._bootstrap: Final = bootstrap
        self._topic: Final = topic_name(prefix, Topic.DECISIONS)
        self._producer: Final = LastingProducer(bootstrap, security, patience, _LARGEST_DECISION)

    def __enter__(self) -> Self:
        """Return itself; the producer is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the producer."""
        self._producer.__exit__()

    def write(self, record: DecisionRecord) -> str:
        """Return where a decision stands, as ``decisions[0]@17``, once the broker has it.

        Raises
        ------
        BrokerError
            It may not be stored.
        """
        try:
            place = self._producer.store(self._topic, *record)
        except KafkaError as error:
            raise BrokerRefused(
                f"the broker at {self._bootstrap} did not say that it stored the decision "
                f"({type(error).__name__}: {error}): look at the case before you decide again"
            ) from error
        return f"{self._topic}[{place.partition}]@{place.offset}"
