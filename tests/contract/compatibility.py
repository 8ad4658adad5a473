"""What another release of the contract would break: the gate between two AsyncAPI documents.

A release adds, and nothing else. Whoever writes or reads by the older document must not notice.
Two lists may grow, which subscribers are told to expect: types of subjects, and kinds of evidence.
Topics that sources write may get another type of message.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_WORDS_ONLY: Final = frozenset({"title", "description", "default", "examples"})

_SUBJECT_TYPES: Final = "Subject.type"
_EVIDENCE_KINDS: Final = "Alert.evidence"
_MAY_GROW: Final = {_SUBJECT_TYPES: "enum", _EVIDENCE_KINDS: "anyOf"}
"""Fields whose list of choices is open, and the name of that list in their schemas."""


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what in `new` whoever knows `old` would stumble over, a sentence each."""
    return [*_channels(old, new), *_definitions(old, new)]


def is_of_a_later_release(document: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Return whether a record has a subject or evidence of which a document does not know."""
    schemas = document["components"]["schemas"]
    types = schemas["Subject"]["properties"]["type"]["enum"]
    if "subject" in record and record["subject"]["type"] not in types:
        return True
    shapes = schemas["Alert"]["properties"]["evidence"]["anyOf"]
    names = [shape["$ref"].rpartition("/")[2] for shape in shapes]
    kinds = {kind for name in names for kind in schemas[name]["properties"]["kind"]["enum"]}
    return "evidence" in record and record["evidence"]["kind"] not in kinds


def _channels(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    written = {
        operation["channel"]["$ref"].rpartition("/")[2]
        for operation in old["operations"].values()
        if operation["action"] == "receive"
    }
    for name, channel in old["channels"].items():
        other = new["channels"].get(name)
        if other is None:
            yield f"the channel {name} is gone"
            continue
        for promise in ("address", "x-key", "bindings"):
            if channel[promise] != other[promise]:
                yield f"{promise} of the channel {name} is another"
        before, after = channel["messages"].keys(), other["messages"].keys()
        if not (before <= after if name in written else before == after):
            yield f"the channel {name} has other messages"


def _definitions(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for kind in ("schemas", "messages"):
        for name, before in old["components"][kind].items():
            after = new["components"][kind].get(name)
            if after is None:
                yield f"{name} is gone"
            elif kind == "schemas":
                yield from _objects(name, before, after)
            else:
                yield from _objects(f"{name}.headers", before.get("headers"), after.get("headers"))


def _objects(
    place: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[str]:
    if before is None:
        return
    if after is None:
        yield f"{place} is gone"
        return
    fields, now = before.get("properties", {}), after.get("properties", {})
    for name, schema in fields.items():
        if name not in now:
            yield f"{place}.{name} is gone"
        elif not _is_kept(f"{place}.{name}", _bare(schema), _bare(now[name])):
            yield f"{place}.{name} is of another type"
    required, needed = set(before.get("required", ())), set(after.get("required", ()))
    for name in sorted(needed - required):
        yield f"{place}.{name} is required now"
    for name in sorted(required - needed):
        yield f"{place}.{name} is not always there any more"
    rest = {"properties", "required"}
    if _bare(before, rest) != _bare(after, rest):
        yield f"{place} is of another type"


def _is_kept(place: str, before: Any, after: Any) -> bool:  # noqa: ANN401 - any JSON
    """Return whether a field is what it was, or only has more choices where more may come."""
    choices = _MAY_GROW.get(place)
    if choices is None or not (choices in before and choices in after):
        return bool(before == after)
    kept = [choice for choice in after[choices] if choice in before[choices]]
    return bool(before == {**after, choices: kept})


def _bare(schema: Any, without: set[str] | frozenset[str] = frozenset()) -> Any:  # noqa: ANN401 - any JSON
    """Return a schema without what only explains it."""
    if isinstance(schema, dict):
        return {
            name: _bare(value)
            for name, value in schema.items()
            if name not in _WORDS_ONLY and name not in without
        }
    return [_bare(value) for value in schema] if isinstance(schema, list) else schema
