"""Records of a real run, which stand in the document as its examples."""

from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

FILE: Final = Path(__file__).with_name("examples.json")
"""Written from a simulated month by ``make contract``."""


class Example(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A record, and what it shows in a few words."""

    name: str
    payload: Any
    headers: dict[str, str] | None = None


def examples() -> dict[str, list[Example]]:
    """Return the examples by the name of the type of their message."""
    return msgspec.json.decode(FILE.read_bytes(), type=dict[str, list[Example]])
