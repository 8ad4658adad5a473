"""To the contract of the last release, this one only adds."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from detectors.alerts.alert import ENGINE_VERSION
from streams.contract.document import asyncapi_document
from tests.contract.compatibility import breaks, is_of_a_later_release
from tests.contract.schemas import header_faults, payload_faults
from tests.integration.busy_month import expected_revisions

RELEASED: Final = sorted((Path(__file__).parent / "released").glob("*.json"))
Document = dict[str, Any]


def major(version: str) -> str:
    return version.partition(".")[0]


def read(path: Path) -> Document:
    document: Document = msgspec.json.decode(path.read_bytes())
    return document


def of_this_major() -> list[Path]:
    return [path for path in RELEASED if major(path.stem) == major(ENGINE_VERSION)]


def test_the_first_release_of_this_major_version_is_kept() -> None:
    assert of_this_major()
    for path in RELEASED:
        assert read(path)["info"]["version"] == path.stem


@pytest.mark.parametrize("path", of_this_major(), ids=lambda path: path.stem)
def test_nothing_is_taken_away(path: Path) -> None:
    assert breaks(read(path), asyncapi_document()) == []


@pytest.mark.parametrize("path", of_this_major(), ids=lambda path: path.stem)
def test_the_released_schema_accepts_the_records_of_today(path: Path) -> None:
    released, today = read(path), asyncapi_document()
    assert record_faults(released, today) == []
    alerts = [msgspec.json.decode(value) for value in expected_revisions()]
    known = [alert for alert in alerts if not is_of_a_later_release(released, alert)]
    assert known
    for alert in known:
        assert payload_faults(released, "Alert", alert) == []


@pytest.mark.parametrize("path", of_this_major(), ids=lambda path: path.stem)
def test_the_schema_of_today_accepts_the_released_records(path: Path) -> None:
    assert record_faults(asyncapi_document(), read(path)) == []


def record_faults(schemas: Document, records: Document) -> list[str]:
    """Return what the schemas of one document have against the examples of another."""
    found: list[str] = []
    for name, message in records["components"]["messages"].items():
        if name not in schemas["components"]["messages"]:  # a new one, that nobody knows yet
            continue
        for example in message.get("examples", ()):
            if is_of_a_later_release(schemas, example["payload"]):
                continue
            found += payload_faults(schemas, name, example["payload"])
            if "headers" in example:
                found += header_faults(schemas, name, example["headers"])
    return found


def schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def removed_field(document: Document) -> None:
    del schema(document, "FactEvidence")["properties"]["window"]


def changed_type(document: Document) -> None:
    schema(document, "Alert")["properties"]["revision"] = {"type": "string"}


def new_required_field(document: Document) -> None:
    schema(document, "Sale")["properties"]["branch"] = {"type": "string"}
    schema(document, "Sale")["required"].append("branch")


def no_longer_required(document: Document) -> None:
    schema(document, "Alert")["required"].remove("summary")


def new_word(document: Document) -> None:
    schema(document, "Alert")["properties"]["status"]["enum"].append("sleeping")


def lost_kind_of_evidence(document: Document) -> None:
    schema(document, "Alert")["properties"]["evidence"]["anyOf"].pop()


def lost_type_of_subject(document: Document) -> None:
    schema(document, "Subject")["properties"]["type"]["enum"].remove("account")


def no_list_of_subjects(document: Document) -> None:
    schema(document, "Subject")["properties"]["type"] = {"type": "string"}


def new_word_for_severity(document: Document) -> None:
    schema(document, "Alert")["properties"]["severity"]["enum"].append("urgent")


def nullable(document: Document) -> None:
    schema(document, "RateEvidence")["properties"]["value"] = {
        "anyOf": [{"type": "number"}, {"type": "null"}]
    }


def lost_topic(document: Document) -> None:
    del document["channels"]["alerts"]


def other_key(document: Document) -> None:
    document["channels"]["alerts"]["x-key"] = "agent_id"


def other_cleanup(document: Document) -> None:
    document["channels"]["alerts"]["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"] = [
        "compact"
    ]


def other_header(document: Document) -> None:
    del document["components"]["messages"]["Alert"]["headers"]["properties"]["ce_id"]


def new_message_to_read(document: Document) -> None:
    messages = document["channels"]["alerts"]["messages"]
    messages["Removal"] = messages["Alert"]


def no_longer_taken(document: Document) -> None:
    del document["channels"]["account-activity"]["messages"]["AccountActivity"]


def lost_message(document: Document) -> None:
    del document["components"]["messages"]["Cancellation"]


BREAKING: Final = [
    *(removed_field, changed_type, new_required_field, no_longer_required, new_word),
    *(new_word_for_severity, lost_kind_of_evidence, lost_type_of_subject, no_list_of_subjects),
    *(nullable, lost_topic, other_key, other_cleanup, other_header, lost_message),
    *(new_message_to_read, no_longer_taken),
]


@pytest.mark.parametrize("change", BREAKING)
def test_what_breaks_is_found(change: Callable[[Document], None]) -> None:
    changed = asyncapi_document()
    change(changed)
    assert len(breaks(asyncapi_document(), changed)) == 1


def test_what_adds_is_let_through() -> None:
    changed = asyncapi_document()
    alert = schema(changed, "Alert")
    alert["properties"]["region"] = {"type": "string"}
    alert["description"] = "Other words."
    changed["channels"]["teams-current"] = changed["channels"]["alerts-current"]
    changed["components"]["messages"]["Team"] = changed["components"]["messages"]["Alert"]
    taken = changed["channels"]["cancellations"]["messages"]
    taken["Undone"] = taken["Cancellation"]
    assert breaks(asyncapi_document(), changed) == []


def with_regions() -> Document:
    """Return a later contract: alerts about regions, which rest on another kind of evidence."""
    later = asyncapi_document()
    schema(later, "Subject")["properties"]["type"]["enum"].insert(0, "region")
    schemas = later["components"]["schemas"]
    schemas["GroupEvidence"] = copy.deepcopy(schemas["FactEvidence"])
    schemas["GroupEvidence"]["properties"]["kind"]["enum"] = ["group"]
    kinds = schema(later, "Alert")["properties"]["evidence"]["anyOf"]
    kinds.insert(0, {"$ref": "#/components/schemas/GroupEvidence"})
    first = later["components"]["messages"]["Alert"]["examples"][0]["payload"]
    first["subject"]["type"] = "region"
    first["evidence"] = {"kind": "group", "window": "10d", "observed": 1}
    return later


def test_new_subjects_and_new_kinds_of_evidence_are_let_through() -> None:
    today, later = asyncapi_document(), with_regions()
    assert breaks(today, later) == []
    assert record_faults(today, later) == []
    assert record_faults(later, later) == []
    assert breaks(later, today) != []


@pytest.mark.parametrize("field", ["subject", "evidence"])
def test_only_a_new_subject_or_kind_excuses_a_record(field: str) -> None:
    today, later = asyncapi_document(), asyncapi_document()
    changed = with_regions()["components"]["messages"]["Alert"]["examples"][0]["payload"][field]
    alert = later["components"]["messages"]["Alert"]["examples"][0]["payload"]
    alert["status"] = "sleeping"
    assert len(record_faults(today, later)) == 1
    alert[field] = changed
    assert record_faults(today, later) == []


def test_records_that_lack_a_field_are_found() -> None:
    records, fields = asyncapi_document(), ("summary", "evidence")
    for name in fields:
        del records["components"]["messages"]["Alert"]["examples"][0]["payload"][name]
    assert len(record_faults(asyncapi_document(), records)) == len(fields)
