"""Hashes of texts in compiled code: those of `detectors.basis.text_hash`, and one for tables."""

from typing import Final

import numpy as np

from detectors.basis.text_hash import PRIME
from detectors.evidence.arrays import Bytes
from detectors.evidence.compilation import compiled

_LOW_BITS: Final = 52
_LOW: Final = np.uint64((1 << _LOW_BITS) - 1)
_PRIME: Final = np.uint64(PRIME)

_CARRIED: Final = np.array([(high << 60) % PRIME for high in range(256)], dtype=np.uint64)
"""What the highest byte of a number below 2**60 is worth after the next digit, by that byte."""

_FIRST: Final = np.uint64(0xCBF29CE484222325)
_FACTOR: Final = np.uint64(0x100000001B3)


@compiled
def with_digit(remainder: np.uint64, digit: int) -> np.uint64:
    """Return ``(remainder * 256 + digit) % PRIME``, without a number of more than 64 bits."""
    remainder = np.uint64(remainder)
    high = remainder >> np.uint64(_LOW_BITS)
    total = ((remainder & _LOW) << np.uint64(8)) + np.uint64(digit) + _CARRIED[high]
    while total >= _PRIME:
        total -= _PRIME
    return np.uint64(total)


@compiled
def with_text(remainder: np.uint64, data: Bytes, start: int, length: int) -> np.uint64:
    """Return the remainder with the bytes of a text as further digits, the last byte first."""
    for place in range(start + length - 1, start - 1, -1):
        remainder = with_digit(remainder, data[place])
    return remainder


@compiled
def table_hash(data: Bytes, start: int, length: int, seed: int) -> np.uint32:
    """Return 32 bits of some bytes (FNV-1a): different for every seed, so that nobody can aim."""
    mixed = _FIRST ^ np.uint64(seed)
    for place in range(start, start + length):
        mixed = (mixed ^ np.uint64(data[place])) * _FACTOR
    return np.uint32((mixed ^ (mixed >> np.uint64(32))) & np.uint64(0xFFFFFFFF))
