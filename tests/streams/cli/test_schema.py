"""`aboveboard schema`: JSON Schemas of what travels on the wire."""

import json
from typing import Any

import pytest

from streams.cli.main import main
from streams.cli.schema import SCHEMAS


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["schema", *words]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.parametrize("name", [None, *SCHEMAS])
def test_every_reference_is_defined(name: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    document = printed(capsys, *([] if name is None else [name]))
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    references = set(_references(document))
    assert references
    assert references <= {f"#/$defs/{definition}" for definition in document["$defs"]}


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []


def test_a_sale_names_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    document = printed(capsys, "sale")
    assert document["$ref"] == "#/$defs/Sale"
    sale = document["$defs"]["Sale"]
    assert {"type", "event_id", "account_id", "occurred_at", "agent_id"} <= set(sale["required"])
    assert "channel" not in sale["required"]
    amount, unknown = sale["properties"]["amount"]["anyOf"]
    assert (amount["minimum"], unknown["type"]) == (0, "null")
    assert set(document["$defs"]) == {"Sale"}


def test_without_a_name_all_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    document = printed(capsys)
    assert len(document["anyOf"]) == len(SCHEMAS)
    assert document == printed(capsys)


def test_a_profile_is_described_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    document = printed(capsys, "settings")
    profiles = document["$defs"]["Settings"]["properties"]["profiles"]
    assert profiles["additionalProperties"] == {"$ref": "#/$defs/Profile"}
    profile = document["$defs"]["Profile"]
    assert profile["properties"]["kind"] == {"enum": ["shift"]}
    assert "sales" in profile["properties"]["watches"]["enum"]
    assert profile["required"] == []
    assert "additionalProperties" not in profile
