"""`aboveboard schema`: what events, alerts and settings look like, as JSON Schema."""

import argparse
import sys
from typing import Any, Final

import msgspec

from detectors.alerts.alert import Alert
from detectors.events.event import EVENT_TYPES
from detectors.settings import Settings

SCHEMAS: Final[dict[str, type[msgspec.Struct]]] = {
    **EVENT_TYPES,
    "alert": Alert,
    "settings": Settings,
}
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "name",
        nargs="?",
        choices=SCHEMAS,
        help="print only the schema of this kind of object (default: all)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print one JSON document; the definitions are under `$defs`."""
    document = schema_document(arguments.name)
    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    sys.stdout.write(text + "\n")
    return 0


def schema_document(name: str | None = None) -> dict[str, Any]:
    """Return the schema of one kind of object, or one that accepts any of them."""
    chosen = SCHEMAS if name is None else {name: SCHEMAS[name]}
    references, components = msgspec.json.schema_components(
        chosen.values(), ref_template="#/$defs/{name}"
    )
    body: dict[str, Any] = {"anyOf": list(references)} if name is None else references[0]
    return {"$schema": DIALECT, **body, "$defs": components}
