"""Words of a closed list, however they are spelt."""

import re
from collections.abc import Collection
from typing import Final

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])", re.ASCII)
_BETWEEN: Final = re.compile(r"[\s_\-./]+")


def as_word(text: str) -> str:
    """Return a word as lists have it: ``No Show``, ``no-show`` and ``NoShow`` are ``no_show``."""
    return _BETWEEN.sub("_", _HUMP.sub("_", text.strip())).strip("_").lower()


def known_word(value: object, words: Collection[str]) -> str | None:
    """Return the word of a list that a value spells, None if it spells none."""
    if not isinstance(value, str):
        return None
    word = as_word(value)
    return word if word in words else None
