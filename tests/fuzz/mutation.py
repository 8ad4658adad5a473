"""Changes of bytes and of values, by chance: near enough to what is usual to get past the door."""

import json
import math
from collections.abc import Callable
from random import Random
from typing import Any, Final

import msgspec

ODD_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    0.5,
    -0.0,
    1e308,
    2**53 + 1,
    2**63,
    -(2**63),
    10**40,
    "",
    " ",
    "NULL",
    "\x00",
    "\x1b[2J",
    "\u202e",
    "\ufeff",
    "\ud800",
    "Muñoz",
    "Mun\u0303oz",
    "x" * 300,
    "2025-03-01T12:00:00Z",
    "2025-03-01",
    "2025-03-01T12:00:60Z",
    "2025-03-01T12:00:00.123456789+14:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "customer",
    "agent",
    "closed",
    "returned",
    [],
    {},
    [[]],
    {"a": {"b": []}},
)
"""Values that readers trip over."""

_ODD_NUMBERS: Final = (0, 1, -1, 2**31, 2**32 - 1, 2**63 - 1, -(2**63))

_ODD_BYTES: Final = (b"\x00", b"\xff", b"\xef\xbb\xbf", b'"', b"\\", b"\\ud800", b"{", b"]", b"\n")


def of_bytes(data: bytes, chance: Random) -> bytes:
    """Flip, cut, repeat, swap or insert bytes."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(changed) + 1)
        length = chance.choice((1, 1, 2, 4, 8, 64))
        match chance.randrange(5):
            case 0 if place < len(changed):
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                del changed[place : place + length]
            case 2:
                changed[place:place] = changed[place : place + length]
            case 3:
                changed[place:place] = chance.choice(_ODD_BYTES)
            case _:
                changed[place : place + length] = chance.randbytes(length)
    return bytes(changed)


def of_json(data: bytes, chance: Random) -> bytes:
    """Change a value of a JSON document; of what is none, its bytes."""
    return _of_document(data, chance, json.loads, _to_json)


def of_msgpack(data: bytes, chance: Random) -> bytes:
    """Change a value of a MessagePack document; of what is none, its bytes."""
    return _of_document(data, chance, msgspec.msgpack.decode, _to_msgpack)


def _of_document(
    data: bytes,
    chance: Random,
    read: Callable[[bytes], Any],
    write: Callable[[Any], bytes],
) -> bytes:
    if chance.random() < 0.3:
        return of_bytes(data, chance)
    try:
        changed = write(_changed(read(data), chance))
    except (ValueError, TypeError, RecursionError, OverflowError, msgspec.MsgspecError):
        return of_bytes(data, chance)
    return changed


def _changed(value: Any, chance: Random) -> Any:  # noqa: ANN401 - a document of any form
    """Change one place of a document, most often deep inside."""
    if chance.random() < 0.9 and value:
        if isinstance(value, dict):
            return _changed_object(value, chance)
        if isinstance(value, list):
            return _changed_list(value, chance)
        if isinstance(value, bytes):
            return of_msgpack(value, chance)
        if isinstance(value, str) and chance.random() < 0.5:
            return of_bytes(value.encode(errors="replace"), chance).decode(errors="replace")
    if isinstance(value, int | float) and chance.random() < 0.7:
        return chance.choice((-value, value + 1, value * 2, *_ODD_NUMBERS, math.nan, 1e308))
    return chance.choice(ODD_VALUES)


def _changed_object(value: dict[Any, Any], chance: Random) -> dict[Any, Any]:
    key = chance.choice(list(value))
    changed = dict(value)
    match chance.randrange(8):
        case 0:
            del changed[key]
        case 1:
            changed[chance.choice(("", "type", "$ref", "\x00"))] = chance.choice(ODD_VALUES)
        case _:
            changed[key] = _changed(value[key], chance)
    return changed


def _changed_list(value: list[Any], chance: Random) -> list[Any]:
    place = chance.randrange(len(value))
    match chance.randrange(8):
        case 0:
            return value[:place] + value[place + 1 :]
        case 1:
            return [*value, value[place]]
        case _:
            return [*value[:place], _changed(value[place], chance), *value[place + 1 :]]


def _to_json(value: Any) -> bytes:  # noqa: ANN401 - a document of any form
    # Not by msgspec: it refuses lone surrogates and NaN, which others write all the same.
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def _to_msgpack(value: Any) -> bytes:  # noqa: ANN401 - a document of any form
    try:
        return msgspec.msgpack.encode(value)
    except UnicodeEncodeError as error:
        raise ValueError("a lone surrogate has no UTF-8") from error
