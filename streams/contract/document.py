"""The contract as an AsyncAPI 3 document, written from the code."""

from typing import Any, Final

import msgspec
from msgspec import Struct

from detectors.alerts.alert import ENGINE_VERSION
from streams.contract.channels import CHANNELS, Channel
from streams.contract.examples import examples
from streams.contract.headers import HEADERS

_BINDING_VERSION: Final = "0.5.0"
_REMOVAL: Final = "Removal"

_ABOUT: Final = """\
Aboveboard watches a sales force as it sells. Sources send it events; it tells what it finds as \
alerts, to whoever subscribes.

Delivery is at least once: a record may come twice, byte for byte. An alert is told apart by \
`alert_id` and `revision`. Every text is plain text made from ids that sources chose: escape it \
where it goes."""

_ORDERING: Final = (
    "Records of one key stand in one partition, in their order. Records of different keys are in "
    "no order."
)

_CLEANUP: Final = {
    True: "Compacted: of each key the latest record stays. Reading from the start gives all.",
    False: "Nothing is deleted, unless an operator sets a retention.",
}

_CHANGES: Final = {
    "receive": (
        "Fields may be added, never required; unknown fields are ignored. Nothing is removed, "
        "renamed or given another type."
    ),
    "send": (
        "Fields may be added, and new names of patterns, types of subjects and kinds of evidence: "
        "ignore what you do not know. Nothing is removed, renamed or given another type, and no "
        "other list of words grows."
    ),
}


def asyncapi_document() -> dict[str, Any]:
    """Return the document; see https://www.asyncapi.com/docs/reference/specification/v3.1.0."""
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Aboveboard",
            "version": ENGINE_VERSION,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {channel.topic.value: _channel(channel) for channel in CHANNELS},
        "operations": {
            f"{channel.action}-{channel.topic}": _operation(channel) for channel in CHANNELS
        },
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _channel(channel: Channel) -> dict[str, Any]:
    settings = channel.plan().settings
    topic = {"cleanup.policy": [settings["cleanup.policy"]]}
    return {
        "address": f"{{prefix}}{channel.topic}",
        "description": channel.words,
        "parameters": {"prefix": {"description": "topic_prefix of the installation; often empty"}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _names(channel)},
        "bindings": {
            "kafka": {"topicConfiguration": topic, "bindingVersion": _BINDING_VERSION},
        },
        "x-key": channel.plan().key,
        "x-ordering": _ORDERING,
        "x-cleanup": _CLEANUP[channel.is_compacted()],
        "x-changes-within-a-major-version": _CHANGES[channel.action],
    }


def _operation(channel: Channel) -> dict[str, Any]:
    place = f"#/channels/{channel.topic}"
    return {
        "action": channel.action,
        "channel": {"$ref": place},
        "summary": channel.words,
        "messages": [{"$ref": f"{place}/messages/{name}"} for name in _names(channel)],
    }


def _names(channel: Channel) -> list[str]:
    names = [message.__name__ for message in channel.messages]
    return [*names, _REMOVAL] if channel.is_compacted() else names


def _messages() -> dict[str, Any]:
    shown = examples()
    messages = {
        message.__name__: _message(channel, message, shown[message.__name__])
        for channel in CHANNELS
        for message in channel.messages
    }
    messages[_REMOVAL] = {
        "title": "A tombstone: a record without a value",
        "description": "Forget what you keep under this key; so an erasure reaches everybody.",
        "payload": {"type": "null"},
        "bindings": _keyed("the key to forget"),
    }
    return messages


def _message(channel: Channel, message: type[Struct], shown: list[Any]) -> dict[str, Any]:
    headers = HEADERS.get(message)
    return {
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{message.__name__}"},
        **({} if headers is None else {"headers": _plain(headers)}),
        "bindings": _keyed(channel.plan().key),
        "examples": msgspec.to_builtins(shown),
    }


def _keyed(words: str) -> dict[str, Any]:
    key = {"type": "string", "description": words}
    return {"kafka": {"key": key, "bindingVersion": _BINDING_VERSION}}


def _schemas() -> dict[str, Any]:
    kinds = [message for channel in CHANNELS for message in channel.messages]
    _, components = msgspec.json.schema_components(
        dict.fromkeys(kinds), ref_template="#/components/schemas/{name}"
    )
    return {name: _plain(schema) for name, schema in components.items()}


def _plain(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """Leave out discriminators: there AsyncAPI has a form of its own, and the tags say the same."""
    if isinstance(schema, dict):
        return {
            name: _plain(value)
            for name, value in schema.items()
            if not (name == "discriminator" and isinstance(value, dict))
        }
    return [_plain(value) for value in schema] if isinstance(schema, list) else schema
