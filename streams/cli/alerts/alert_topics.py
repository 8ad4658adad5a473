"""The topics of one installation that hold what people read and decide."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from detectors.cases.case import Case
from detectors.events.decision import Decision
from streams.broker.alerts import DeletedAlert, PublishedAlert, published_alerts
from streams.broker.keeper.decision_sender import send_decision
from streams.broker.keeper.reading import read_case
from streams.broker.security import BrokerSecurity
from streams.errors import InvalidAlertRecord
from streams.wire.decision_record import decision_record
from streams.wire.topics import Topic, topic_name


class AlertTopics(NamedTuple):
    """The broker of an installation, and how to reach it.

    Every method raises BrokerError if the broker does not answer, or a topic is missing.
    """

    bootstrap: str
    prefix: str
    security: BrokerSecurity

    def alerts(
        self, topic: Topic, until: Callable[[], bool] | None = None
    ) -> Iterator[PublishedAlert | DeletedAlert | InvalidAlertRecord]:
        """Yield the records of a topic of alerts; `until` as `read_topic` has it."""
        name = topic_name(self.prefix, topic)
        return published_alerts(self.bootstrap, name, until=until, security=self.security)

    def case(self, case_id: str) -> Case | None:
        """Return how a case stands; None if that was not told."""
        return read_case(self.bootstrap, self.prefix, case_id, self.security)

    def store(self, decision: Decision) -> str:
        """Store a decision; return where it stands then."""
        record = decision_record(decision)
        return send_decision(self.bootstrap, self.prefix, record, self.security)
