"""Ids: opaque texts, integers as their digits, and no character that nobody sees."""

import re
from typing import Final

from detectors.basis.errors import UnreadableValue
from detectors.reading.plain import Number

_UNSEEN: Final = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # control characters: they move the cursor, end lines, end texts
    "\xad\u180e\u200b\u2060-\u2065\ufeff\ufff9-\ufffb"  # two ids that look alike are two agents
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # bidirectional controls: they swap what is read
    "\u2028\u2029"  # ends of lines and paragraphs
    "\ud800-\udfff"  # halves of characters, and bytes that are no UTF-8
    "\U000e0000-\U000e007f"  # tags: a whole second text that is not shown
    "]"
)
"""A list of our own, so that the same bytes are refused whichever Unicode this Python knows.

The joiners U+200C and U+200D are not among them: Persian and Indian names are spelt with them.
"""

_NO_BYTE: Final = 0xDC00
_BYTES: Final = range(_NO_BYTE + 0x80, _NO_BYTE + 0x100)
"""What `surrogateescape` makes of a byte that is no UTF-8."""

_INTEGER: Final = re.compile(r"-?[0-9]+", re.ASCII)


def unseen_character(text: str) -> str | None:
    """Return the first character of an id that nobody would see, None if there is none."""
    if text.isprintable():  # nearly all, and much faster than to search
        return None
    found = _UNSEEN.search(text)
    return None if found is None else found.group()


def identifier(value: object) -> str:
    """Return an id; an integer is its digits, every one of them.

    Raises
    ------
    UnreadableValue
        If it is neither a text nor an integer, or holds a character that nobody sees.
    """
    if isinstance(value, Number):
        if _INTEGER.fullmatch(value.text) is None:
            raise UnreadableValue(f"Expected `str`, got the number {value.text[:40]}")
        return value.text
    if not isinstance(value, str):
        raise UnreadableValue(f"Expected `str`, got {kind_of(value)}")
    unseen = unseen_character(value)
    if unseen is not None:
        raise UnreadableValue(_told(unseen))
    return value


def kind_of(value: object) -> str:
    """Return how JSON calls a value."""
    match value:
        case None:
            return "`null`"
        case bool():
            return "`bool`"
        case Number():
            return "`number`"
        case str():
            return "`str`"
        case list():
            return "`array`"
        case _:
            return "`object`"


def _told(character: str) -> str:
    code = ord(character)
    if code in _BYTES:
        return f"The byte 0x{code - _NO_BYTE:02X} is no UTF-8: have the source write UTF-8"
    return f"The character U+{code:04X} is not allowed in an id: have the source leave it out"
