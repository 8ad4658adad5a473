"""The SDK of CloudEvents reads what rides beside our alerts."""

from datetime import datetime

import msgspec
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat

from streams.contract.examples import Example, examples
from streams.stages.actors.alert_records import alert_records
from tests.streams.alerts_at_hand import agent_alert


def as_message(headers: dict[str, str], payload: object, key: str) -> KafkaMessage:
    encoded = {name: value.encode() for name, value in headers.items()}
    return KafkaMessage(encoded, key.encode(), msgspec.json.encode(payload))


@pytest.mark.parametrize("example", examples()["Alert"], ids=lambda example: example.name)
def test_it_reads_the_examples(example: Example) -> None:
    assert example.headers is not None
    alert = example.payload
    event = from_binary(as_message(example.headers, alert, alert["alert_id"]), JSONFormat())
    assert event.get_id() == f"{alert['alert_id']}:{alert['revision']}"
    assert event.get_source() == "/aboveboard"
    assert event.get_type() == f"aboveboard.alert.{alert['status']}.v1"
    assert event.get_time() == datetime.fromisoformat(alert["updated_at"])
    assert event.get_extension("partitionkey") == alert["alert_id"]
    assert event.get_data() == alert


@pytest.mark.parametrize("name", ["Zoë", "a/b", "100%", "\x1b[2J", "\u202egnp", "line\nbreak"])
def test_it_reads_odd_ids(name: str) -> None:
    for record in alert_records(agent_alert(name)):
        message = KafkaMessage(dict(record.headers), record.key, record.value)
        event = from_binary(message, JSONFormat())
        data = event.get_data()
        assert isinstance(data, dict)
        assert data["subject"]["id"] == name
        assert (event.get_subject() or "").startswith("agent/")


def test_it_refuses_what_is_no_cloud_event() -> None:
    headers = examples()["Alert"][0].headers
    assert headers is not None
    without = {name: value for name, value in headers.items() if name != "ce_type"}
    with pytest.raises(CloudEventValidationError):
        from_binary(as_message(without, {}, "key"), JSONFormat())
