"""Numbers and yes or no: as JSON has them, or as a text that is exactly that."""

import re
from math import isfinite
from typing import Final

from detectors.basis.errors import UnreadableValue
from detectors.reading.identifiers import kind_of
from detectors.reading.plain import Number

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_MOST_DIGITS: Final = 1_000  # Python itself reads 4,300
_ANSWERS: Final = {"true": True, "false": False, "1": True, "0": False}


def number(value: object) -> float:
    """Return a number. A text may hold it, in the form that JSON has for it: no ``12,50``.

    Raises
    ------
    UnreadableValue
        If it is none, or too large for a float.
    """
    text = _text_of(value, "float").strip()
    if _NUMBER.fullmatch(text) is None or not isfinite(found := float(text)):
        raise UnreadableValue(f"Expected `float`, got {text[:40]!r}: write it as 12.50")
    return found


def whole_number(value: object) -> int:
    """Return a whole number; ``2.0`` is one.

    Raises
    ------
    UnreadableValue
        If it is none, or too large for anything that is counted.
    """
    text = _text_of(value, "int").strip()
    whole = text.removesuffix(".0")
    if _NUMBER.fullmatch(whole) is None or not whole.removeprefix("-").isdecimal():
        raise UnreadableValue(f"Expected `int`, got {text[:40]!r}")
    if len(whole) > _MOST_DIGITS:
        raise UnreadableValue(f"Expected `int`, got {len(whole):,} digits")
    return int(whole)


def answer(value: object) -> bool:
    """Return yes or no.

    Raises
    ------
    UnreadableValue
        If it is neither.
    """
    if isinstance(value, bool):
        return value
    text = _text_of(value, "bool").strip().lower()
    if text not in _ANSWERS:
        raise UnreadableValue(f"Expected `bool`, got {text[:40]!r}")
    return _ANSWERS[text]


def _text_of(value: object, expected: str) -> str:
    if isinstance(value, Number):
        return value.text
    if isinstance(value, str):
        return value
    raise UnreadableValue(f"Expected `{expected}`, got {kind_of(value)}")
