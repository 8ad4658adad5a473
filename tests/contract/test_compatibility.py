"""To the contract of the last release, this one only adds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from detectors.alerts.alert import ENGINE_VERSION
from streams.contract.document import asyncapi_document
from tests.contract.compatibility import breaks
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
    for value in expected_revisions():
        assert payload_faults(released, "Alert", msgspec.json.decode(value)) == []


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


def new_kind_of_evidence(document: Document) -> None:
    schema(document, "Alert")["properties"]["evidence"]["anyOf"].append({"type": "object"})


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


def lost_message(document: Document) -> None:
    del document["components"]["messages"]["Cancellation"]


BREAKING: Final = [
    *(removed_field, changed_type, new_required_field, no_longer_required, new_word),
    *(new_kind_of_evidence, nullable, lost_topic, other_key, other_cleanup, other_header),
    lost_message,
]


@pytest.mark.parametrize("change", BREAKING)
def test_what_breaks_is_found(change: Callable[[Document], None]) -> None:
    changed = asyncapi_document()
    change(changed)
    assert len(breaks(asyncapi_document(), changed)) == 1


def test_what_adds_is_let_through() -> None:
    changed = asyncapi_document()
    alert = schema(changed, "Alert")
    alert["properties"]["team"] = {"type": "string"}
    alert["description"] = "Other words."
    changed["channels"]["teams-current"] = changed["channels"]["alerts-current"]
    changed["components"]["messages"]["Team"] = changed["components"]["messages"]["Alert"]
    assert breaks(asyncapi_document(), changed) == []


def test_records_that_lack_a_field_are_found() -> None:
    records, fields = asyncapi_document(), ("summary", "evidence")
    for name in fields:
        del records["components"]["messages"]["Alert"]["examples"][0]["payload"][name]
    assert len(record_faults(asyncapi_document(), records)) == len(fields)
