"""The examples of the contract are records of a real run, and fit the schemas."""

from typing import Any, get_args

import msgspec
import pytest

from detectors.alerts.commendation import CommendationStatus
from detectors.alerts.evidence import Evidence
from streams.contract.channels import CHANNELS
from streams.contract.document import asyncapi_document
from streams.contract.examples import FILE, examples
from streams.contract.headers import HEADERS
from tests.contract.schemas import header_faults, payload_faults
from tests.contract.write_examples import real_examples, written
from tests.integration.busy_month import expected_revisions

MESSAGES = sorted({message.__name__ for channel in CHANNELS for message in channel.messages})


def test_they_are_those_of_the_run() -> None:
    assert FILE.read_bytes() == written(real_examples()), "do: make contract"


@pytest.mark.parametrize("message", MESSAGES)
def test_they_fit_the_schemas(message: str) -> None:
    document, shown = asyncapi_document(), examples()[message]
    assert shown
    for example in shown:
        assert payload_faults(document, message, example.payload) == []
        if example.headers is not None:
            assert header_faults(document, message, example.headers) == []


def test_every_message_with_headers_shows_them() -> None:
    for message in HEADERS:
        assert all(example.headers for example in examples()[message.__name__])


def test_every_kind_of_evidence_and_every_status_is_shown() -> None:
    shown = [example.payload for example in examples()["Alert"]]
    kinds = {kind.__struct_config__.tag for kind in get_args(Evidence)}
    assert {alert["evidence"]["kind"] for alert in shown} == kinds
    assert {alert["status"] for alert in shown} == {"open", "resolved", "withdrawn"}


def test_every_status_of_a_commendation_is_shown() -> None:
    shown = [example.payload["status"] for example in examples()["Commendation"]]
    assert shown == list(get_args(CommendationStatus))


def test_every_alert_of_a_month_fits_the_schema() -> None:
    document = asyncapi_document()
    for value in expected_revisions():
        assert payload_faults(document, "Alert", msgspec.json.decode(value)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "closed"},
        {"opened_at": "yesterday"},
        {"revision": "1"},
        {"evidence": {"kind": "hearsay", "window": "10d", "observed": 1}},
        {"evidence": {"kind": "fact", "observed": 1}},
    ],
)
def test_a_wrong_alert_does_not_fit(changes: dict[str, Any]) -> None:
    alert = examples()["Alert"][0].payload
    assert payload_faults(asyncapi_document(), "Alert", alert | changes)


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_specversion", "content-type"])
def test_wrong_headers_do_not_fit(name: str) -> None:
    headers = examples()["Alert"][0].headers
    assert headers is not None
    assert header_faults(asyncapi_document(), "Alert", headers | {name: "other"})
    missing = {other: value for other, value in headers.items() if other != name}
    assert header_faults(asyncapi_document(), "Alert", missing)
