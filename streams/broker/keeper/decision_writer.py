"""Stores what people decide over the desk in the topic ``decisions``."""

from typing import Final

from streams.broker.keeper.lasting_producer import LastingProducer
from streams.broker.security import BrokerSecurity
from streams.wire.decision_record import DecisionRecord
from streams.wire.topics import Topic

_LARGEST_DECISION: Final = 1_048_576
"""Bytes: far more than a body that the desk takes."""

_PATIENCE_SECONDS: Final = 10.0
"""For which a person waits; then it may be stored or not."""


class DecisionWriter(LastingProducer):
    """One producer for all decisions; parameters as for its base, ``patience`` above 1."""

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
            Topic.DECISIONS,
            patience=patience,
            request_bytes=_LARGEST_DECISION,
        )

    def write(self, record: DecisionRecord) -> str:
        """Return where a decision stands once the broker has it.

        Raises
        ------
        BrokerError
            It may not be stored, or it may: the case will tell.
        """
        return self.store(record, "the decision: look at the case before you decide again")
