"""Lookups and decisions that cannot be stored are said to be so; a writer that failed recovers."""

from datetime import UTC, datetime

import pytest

from streams.broker.keeper.decision_writer import DecisionWriter
from streams.broker.keeper.lookup_writer import LookupWriter
from streams.broker.security import OPEN
from streams.errors import BrokerError, BrokerUnreachable
from streams.wire.decision_record import decision_record
from streams.wire.lookup_record import Lookup
from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker
from tests.detectors.cases.people import decide
from tests.integration.installation import install

LOOKUP = Lookup(
    lookup_id="1",
    at=datetime(2025, 3, 1, tzinfo=UTC),
    who="zoë",
    role="auditor",
    mode="oidc",
    path="/api/cases",
    query="",
    case_ids=(),
    alert_ids=(),
    subjects=(),
)

NOTE = decision_record(decide("note", 1, words="I called."))

pytestmark = pytest.mark.integration


def test_nothing_is_stored_where_no_broker_answers() -> None:
    with LookupWriter("127.0.0.1:9", "", OPEN) as writer, pytest.raises(BrokerUnreachable):
        writer.write(LOOKUP)
    with DecisionWriter("127.0.0.1:9", "", OPEN) as decisions, pytest.raises(BrokerUnreachable):
        decisions.write(NOTE)


def test_a_writer_that_failed_makes_another_producer(broker: AvailableBroker) -> None:
    installation = install(broker, 1)
    prefix = f"{installation.prefix}later-"
    decisions = DecisionWriter(broker.bootstrap, prefix, OPEN, patience=1.5)
    with LookupWriter(broker.bootstrap, prefix, OPEN, patience=1.5) as writer, decisions:
        with pytest.raises(BrokerError, match="did not say that it stored who looks at whom"):
            writer.write(LOOKUP)
        with pytest.raises(BrokerError, match="look at the case before you decide again"):
            decisions.write(NOTE)
        installation.create_topics(prefix)
        writer.write(LOOKUP)
        writer.write(LOOKUP)
        places = [decisions.write(NOTE) for _ in range(3)]
    assert places == [f"{prefix}decisions[0]@{number}" for number in range(3)]
    assert installation.records(Topic.LOOKUPS) == []
