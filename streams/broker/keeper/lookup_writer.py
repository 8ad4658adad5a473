"""Stores who looked at whom in the topic ``lookups``, before they see it."""

from typing import Final, Self

from kafka.errors import KafkaError

from streams.broker.keeper.lasting_producer import LastingProducer
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerRefused
from streams.wire.lookup_record import Lookup, lookup_record
from streams.wire.topics import Topic, topic_name

_LARGEST_LOOKUP: Final = 4_000_000
"""Bytes that the topic takes, with room for headers."""

_PATIENCE_SECONDS: Final = 5.0
"""For which a person waits; then they are shown nothing."""


class LookupWriter:
    """One producer for all answers; may be used by several threads at once.

    Parameters
    ----------
    bootstrap, prefix, security
        The broker, and the installation on it.
    patience
        Seconds for which a lookup may wait to be stored; more than 1.
    """

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        security: BrokerSecurity,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._bootstrap: Final = bootstrap
        self._topic: Final = topic_name(prefix, Topic.LOOKUPS)
        self._producer: Final = LastingProducer(bootstrap, security, patience, _LARGEST_LOOKUP)

    def __enter__(self) -> Self:
        """Return itself; the producer is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the producer."""
        self._producer.__exit__()

    def write(self, lookup: Lookup) -> None:
        """Return once the broker has it.

        Raises
        ------
        BrokerError
            It may not be stored: nothing may be shown.
        """
        record = lookup_record(lookup)
        try:
            self._producer.store(self._topic, record.key, record.value, record.headers)
        except KafkaError as error:
            raise BrokerRefused(
                f"the broker at {self._bootstrap} did not store who looks at whom "
                f"({type(error).__name__}: {error})"
            ) from error
