"""Holds records to the schemas of an AsyncAPI document."""

from datetime import datetime
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker

_FORMATS: Final = FormatChecker(formats=())


def _is_a_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


_FORMATS.checks("date-time", raises=ValueError)(_is_a_moment)


def faults(document: dict[str, Any], schema: dict[str, Any], record: object) -> list[str]:
    """Return what a schema of the document has against a record."""
    whole = {**schema, "components": document["components"]}
    validator = Draft202012Validator(whole, format_checker=_FORMATS)
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(record)]


def payload_faults(document: dict[str, Any], message: str, record: object) -> list[str]:
    return faults(document, document["components"]["messages"][message]["payload"], record)


def header_faults(document: dict[str, Any], message: str, headers: object) -> list[str]:
    return faults(document, document["components"]["messages"][message]["headers"], headers)
