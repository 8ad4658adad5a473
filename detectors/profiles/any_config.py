"""Every kind of detector there is: registry, parser and validator at once."""

from typing import TypeAlias

from detectors.profiles.rate import Rate
from detectors.profiles.shift import Shift

AnyConfig: TypeAlias = Rate | Shift
"""``msgspec.convert(table, AnyConfig)`` reads a config; ``kind`` says which."""
