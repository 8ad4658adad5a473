"""`aboveboard schema`: what events, alerts and settings look like, as JSON Schema or AsyncAPI."""

import argparse
import sys
from typing import Any, Final

import msgspec

from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from detectors.alerts.verification_request import VerificationRequest
from detectors.contract.detector import DetectorConfig
from detectors.events.event import WIRE_TYPES
from detectors.profiles.numbers import NUMBERS
from detectors.settings import Settings
from streams.config.detector_kinds import InstalledKinds
from streams.contract.document import asyncapi_document

SCHEMAS: Final[dict[str, type[msgspec.Struct]]] = {
    **WIRE_TYPES,
    "alert": Alert,
    "commendation": Commendation,
    "verification_request": VerificationRequest,
    "settings": Settings,
}
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "name",
        nargs="?",
        choices=SCHEMAS,
        help="print only the schema of this kind of object (default: all)",
    )
    what.add_argument(
        "--asyncapi",
        action="store_true",
        help="print the public topics and their messages as an AsyncAPI 3 document",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print one JSON document; the definitions of JSON Schema are under `$defs`."""
    document = asyncapi_document() if arguments.asyncapi else schema_document(arguments.name)
    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    sys.stdout.write(text + "\n")
    return 0


def schema_document(name: str | None = None) -> dict[str, Any]:
    """Return the schema of one kind of object, or one that accepts any of them."""
    chosen = SCHEMAS if name is None else {name: SCHEMAS[name]}
    references, components = msgspec.json.schema_components(
        chosen.values(), schema_hook=_any_parameters, ref_template="#/$defs/{name}"
    )
    if "Profile" in components:
        components["Profile"] = _written(components["Profile"])
    body: dict[str, Any] = {"anyOf": list(references)} if name is None else references[0]
    return {"$schema": DIALECT, **body, "$defs": components}


def _any_parameters(kind: type) -> dict[str, Any]:
    """Describe what msgspec knows nothing of: only the class of a detector knows its parameters."""
    if kind is not DetectorConfig:
        raise NotImplementedError(f"no schema of {kind}")
    return {"type": "object"}


def _written(profile: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a profile as it is written: its detector's parameters stand in it."""
    enabled = profile["properties"]["enabled"]
    properties = {
        "kind": {"enum": [*InstalledKinds()]},
        "watches": {"enum": [*NUMBERS]},
        "enabled": enabled,
    }
    return {**profile, "properties": properties, "required": []}
