"""Stores who looked at whom in the topic ``lookups``, before they see it."""

from typing import Final

from streams.broker.keeper.lasting_producer import LastingProducer
from streams.broker.security import BrokerSecurity
from streams.wire.lookup_record import Lookup, lookup_record
from streams.wire.topics import Topic

_LARGEST_LOOKUP: Final = 4_000_000
"""Bytes that the topic takes, with room for headers."""

_PATIENCE_SECONDS: Final = 5.0
"""For which a person waits; then they are shown nothing."""


class LookupWriter(LastingProducer):
    """One producer for all answers; parameters as for its base, ``patience`` above 1."""

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        security: BrokerSecurity,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        super().__init__(
            bootstrap,
            prefix,
            security,
            Topic.LOOKUPS,
            patience=patience,
            request_bytes=_LARGEST_LOOKUP,
        )

    def write(self, lookup: Lookup) -> None:
        """Return once the broker has it.

        Raises
        ------
        BrokerError
            It may not be stored: nothing may be shown.
        """
        self.store(lookup_record(lookup), "who looks at whom")
