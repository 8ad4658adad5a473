"""Kinds of detectors by name. Whoever runs the detectors may hand in more of them."""

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from detectors.contract.detector import DetectorConfig
from detectors.profiles.shift import Shift

Kinds: TypeAlias = Mapping[str, type[DetectorConfig]]
"""Classes of configs, by the tag that each of them has."""

BUILT_IN_KINDS: Final[Kinds] = {"shift": Shift}


def kind_of(config: object) -> str:
    """Return the name of the kind that a config, or its class, is of; empty if it has none."""
    tag = getattr(getattr(config, "__struct_config__", None), "tag", None)
    return tag if isinstance(tag, str) else ""


def parameters_of(config: type) -> tuple[str, ...]:
    """Return the names of a kind's parameters, as settings give them."""
    fields = msgspec.structs.fields(config) if issubclass(config, Struct) else ()
    return tuple(field.encode_name for field in fields)
