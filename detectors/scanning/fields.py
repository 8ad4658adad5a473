"""What the scanner knows of the events, read from their types: nothing is defined twice."""

from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from math import inf
from typing import Final, NamedTuple

import msgspec
import numpy as np

from detectors.events.event import EVENT_TYPES, TRAFFIC_TYPES, TYPE_FIELD, AnyEvent
from detectors.evidence.arrays import Bytes, Integers, Reals

TEXTS: Final = (
    "account_id",
    "event_id",
    "sale_id",
    "customer_id",
    "agent_id",
    "product",
    "channel",
    "site",
    "team",
    "replaces_sale_id",
    "result",
)
"""Fields whose place in the line is told, each under its index in this list."""

ACCOUNT, EVENT, SALE_ID, CUSTOMER, AGENT, PRODUCT, CHANNEL, SITE, TEAM, REPLACES, RESULT = range(
    len(TEXTS)
)

NUMBERS: Final = ("amount", "kind", "initiated_by")
"""Fields whose number is told; of a word it is the place among those that the field allows."""

AMOUNT, KIND, INITIATOR = range(len(NUMBERS))

VERSION: Final = "version"
"""The number of a sale that says which of several claims holds."""

HASHES: Final = 256
"""Slots for the names of the fields of one kind of event; a power of two, several times as many."""


class Shape(IntEnum):
    """How the value of a field is read."""

    TEXT = 0
    REAL = 1
    COUNT = 2
    FLAG = 3
    WORD = 4
    MOMENT = 5
    ONE = 6


(
    START,
    LENGTH,
    BIT,
    SHAPE,
    IS_NULLABLE,
    FIRST_WORD,
    WORDS,
    TEXT_COLUMN,
    NUMBER_COLUMN,
    IS_TIME,
    IS_TYPE,
) = range(11)
"""Columns of `FieldTable.fields`."""

SCANNED_TYPES: Final[dict[str, type[AnyEvent]]] = {**EVENT_TYPES, **TRAFFIC_TYPES}
"""The types of events that are recognised; kinds are numbered in this order."""

ANY_KIND: Final = len(SCANNED_TYPES)
"""The row of `FieldTable.slots` for a line that has not named its type yet."""

REQUIRED: Final = HASHES
"""The column of `FieldTable.slots` with the bits of the fields that a kind must have."""


class FieldTable(NamedTuple):
    """The fields of all kinds of events as arrays; kinds are numbered as in `SCANNED_TYPES`.

    Attributes
    ----------
    letters
        All names and words, one after the other.
    slots
        Shape (kinds + 1, `HASHES` + 1): the field at the hash of its name, -1 for none; and its
        `REQUIRED`.
    fields
        Shape (fields, 11): where the name is in `letters`, the bit of the field among those of its
        kind, how to read it, which of `words` it allows, its columns of texts and of numbers or -1.
    bounds
        Shape (fields, 2): the least and greatest value or, of a text, length.
    words
        Shape (words, 2): start in `letters`, and length.
    """

    letters: Bytes
    slots: Integers
    fields: Integers
    bounds: Reals
    words: Integers


class _Field(NamedTuple):
    name: str
    shape: Shape
    is_nullable: bool = False
    is_required: bool = False
    lowest: float = 0.0
    highest: float = 0.0
    words: tuple[str, ...] = ()


@cache
def field_table(numbers: tuple[str, ...]) -> FieldTable:
    """Return the table of all events; `numbers` are columns beside `NUMBERS`, in their order."""
    columns = (*NUMBERS, *numbers)
    letters = bytearray()
    fields, bounds, words = list[list[int]](), list[tuple[float, float]](), list[list[int]]()
    slots = np.full((ANY_KIND + 1, HASHES + 1), -1, dtype=np.int64)
    kind_field = _Field(TYPE_FIELD, Shape.WORD, words=tuple(SCANNED_TYPES))
    for kind, event in enumerate((*SCANNED_TYPES.values(), None)):
        slots[kind, REQUIRED] = 0
        for number, one in enumerate([kind_field, *([] if event is None else _fields(event))]):
            _place(slots[kind], one.name.encode(), len(fields))
            slots[kind, REQUIRED] |= one.is_required << number
            fields.append(
                [
                    len(letters),
                    len(one.name),
                    1 << number,
                    one.shape,
                    one.is_nullable,
                    len(words),
                    len(one.words),
                    TEXTS.index(one.name) if one.name in TEXTS else -1,
                    columns.index(one.name) if one.name in columns else -1,
                    one.name == "occurred_at",
                    one.name == TYPE_FIELD,
                ]
            )
            bounds.append((one.lowest, one.highest))
            letters += one.name.encode()
            for word in one.words:
                words.append([len(letters), len(word)])
                letters += word.encode()
    return FieldTable(
        np.frombuffer(bytes(letters), dtype=np.uint8),
        slots,
        np.array(fields, dtype=np.int64),
        np.array(bounds, dtype=np.float64),
        np.array(words, dtype=np.int64),
    )


def _place(slots: Integers, name: bytes, number: int) -> None:
    # As in `detectors.scanning.scanner.scan`.
    slot = name[0] * 31 + name[len(name) // 2] * 17 + name[-1] * 7 + len(name) * 53
    slot &= HASHES - 1
    while slots[slot] >= 0:
        slot = (slot + 1) & (HASHES - 1)
    slots[slot] = number


def _fields(event: type) -> Iterator[_Field]:
    kind = msgspec.inspect.type_info(event)
    if not isinstance(kind, msgspec.inspect.StructType):
        raise TypeError(event)
    for one in kind.fields:
        if one.name == TYPE_FIELD:
            continue
        of, is_nullable = _without_null(one.type)
        bounds = _bounds(of)
        yield _Field(one.encode_name, _shape(of), is_nullable, one.required, *bounds, _words(of))


def _without_null(kind: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, bool]:
    if isinstance(kind, msgspec.inspect.UnionType):
        (other,) = (one for one in kind.types if not isinstance(one, msgspec.inspect.NoneType))
        return other, True
    return kind, False


def _unwrapped(kind: msgspec.inspect.Type) -> msgspec.inspect.Type:
    return kind.type if isinstance(kind, msgspec.inspect.Metadata) else kind


_SHAPES: Final = {
    msgspec.inspect.StrType: Shape.TEXT,
    msgspec.inspect.FloatType: Shape.REAL,
    msgspec.inspect.IntType: Shape.COUNT,
    msgspec.inspect.BoolType: Shape.FLAG,
    msgspec.inspect.DateTimeType: Shape.MOMENT,
    msgspec.inspect.LiteralType: Shape.WORD,
}


def _shape(kind: msgspec.inspect.Type) -> Shape:
    """Return how a type is read; a new kind of type in the events raises KeyError here."""
    of = _unwrapped(kind)
    if isinstance(of, msgspec.inspect.LiteralType) and of.values == (1,):
        return Shape.ONE
    return _SHAPES[type(of)]


def _bounds(kind: msgspec.inspect.Type) -> tuple[float, float]:
    """Return the least and the greatest value, both allowed; of a text, of its length."""
    match _unwrapped(kind):
        case msgspec.inspect.StrType(min_length=least, max_length=most, pattern=None):
            return (least or 0, inf if most is None else most)
        case (
            msgspec.inspect.FloatType(gt=None, lt=None, ge=least, le=most, multiple_of=None)
            | msgspec.inspect.IntType(gt=None, lt=None, ge=least, le=most, multiple_of=None)
        ):
            return (-inf if least is None else least, inf if most is None else most)
        case msgspec.inspect.StrType() | msgspec.inspect.FloatType() | msgspec.inspect.IntType():
            raise TypeError(kind)
        case msgspec.inspect.LiteralType(values=(1,)):
            return (1.0, 1.0)
        case _:
            return (0.0, 0.0)


def words_of(event: type, field: str) -> tuple[str, ...]:
    """Return the words that a field allows, each under the number that its column has for it."""
    return next(one.words for one in _fields(event) if one.name == field)


def _words(kind: msgspec.inspect.Type) -> tuple[str, ...]:
    match _unwrapped(kind):
        case msgspec.inspect.LiteralType(values=values):
            return tuple(value for value in values if isinstance(value, str))
        case _:
            return ()
