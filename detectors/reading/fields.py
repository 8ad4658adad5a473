"""How the fields of an event are read leniently: a table, made from the contract itself.

Whatever the contract has, a new field too, is read by what its type says.
"""

from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, cast

import msgspec
from msgspec import Struct, inspect, structs

from detectors.basis.errors import UnreadableValue
from detectors.basis.words import known_word
from detectors.events.event import WIRE_TYPES
from detectors.reading.identifiers import identifier, kind_of
from detectors.reading.numbers import answer, number, whole_number
from detectors.reading.plain import Number
from detectors.reading.times import moment

Repair = Literal["read", "unknown", "other"]
"""A value in another form than the contract's was ``read`` as what it exactly is; could not be read
and became ``unknown``; or was a word of no list and became ``other``."""

Reader = Callable[[object], Any]

AS_SENT: Final = "_as_sent"
_LONGEST: Final = 1_024  # as `detectors.events.event.Text`

_CAN_BE_UNKNOWN: Final = frozenset({"amount", "customer_id"})
"""Fields that sources must send, and without which a sale can be judged all the same."""

_DEFAULT_WORDS: Final = ("other", "unknown")
"""What stands for a word that is not on its list, where the list has it."""


class ReadField(NamedTuple):
    """How one field is read.

    ``kind`` is its type in the contract; ``read`` returns a value that may be of it;
    ``is_needed``: no verdict is possible without it; ``default`` stands for what cannot be read;
    ``keeps_sent``: the event has a field for what stood there.
    """

    name: str
    kind: Any
    read: Reader
    is_required: bool
    is_nullable: bool
    is_needed: bool
    default: str | None
    keeps_sent: bool

    def value(self, value: object) -> Any:  # noqa: ANN401 # of the type of the field
        """Return what a value says, as the contract has it.

        Raises
        ------
        UnreadableValue
            If it says nothing of the kind.
        """
        read = None if value is None else self.read(value)
        try:
            return msgspec.convert(read, self.kind)
        except msgspec.ValidationError as error:
            raise UnreadableValue(str(error)) from None

    def takes(self, value: object) -> bool:
        """Return whether the strict decoder takes a value as it is."""
        if isinstance(value, Number):
            value = _as_json_has_it(value.text)
        try:
            msgspec.convert(value, self.kind)
        except msgspec.ValidationError:
            return False
        return True


def as_sent(value: object) -> str:
    """Return what stood in a field, as a text that can be kept and sent on."""
    match value:
        case str():
            text = value
        case Number():
            text = value.text
        case None:
            text = "null"
        case bool():
            text = str(value).lower()
        case _:
            text = kind_of(value).strip("`")
    return text.encode("utf-8", "backslashreplace").decode()[:_LONGEST]


def _as_json_has_it(text: str) -> float | None:
    """Return a number for the types to look at; None for ``NaN``, which JSON does not have."""
    if text.removeprefix("-").isdecimal() and len(text) < _LONGEST:
        return int(text)
    return None if text.endswith(("NaN", "Infinity")) else float(text)


def _text(value: object) -> str:
    """Return a text; an integer is its digits. Any character is taken but halves of one."""
    if not isinstance(value, str):
        return identifier(value)
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise UnreadableValue("Expected `str` of whole characters in UTF-8")
    return value


def _word(words: tuple[str, ...]) -> Reader:
    def read(value: object) -> str:
        word = known_word(value, words)
        if word is None:
            raise UnreadableValue(f"Invalid enum value {as_sent(value)[:40]!r}")
        return word

    return read


_READERS: Final[dict[type[inspect.Type], Reader]] = {
    inspect.BoolType: answer,
    inspect.DateTimeType: moment,
    inspect.FloatType: number,
    inspect.IntType: whole_number,
}


def _field(field: structs.FieldInfo, kind: inspect.Type, *, keeps_sent: bool) -> ReadField:
    types = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    bare = [one.type if isinstance(one, inspect.Metadata) else one for one in types]
    is_nullable = any(isinstance(one, inspect.NoneType) for one in bare)
    (said,) = (one for one in bare if not isinstance(one, inspect.NoneType))
    words: tuple[str, ...] = ()
    match said:
        case inspect.StrType(min_length=int()):
            read: Reader = identifier
        case inspect.StrType():
            read = _text
        case inspect.LiteralType(values=values) if all(isinstance(one, str) for one in values):
            words = cast("tuple[str, ...]", values)
            read = _word(words)
        case inspect.LiteralType():
            read = whole_number
        case _:
            read = _READERS[type(said)]
    default = next((word for word in _DEFAULT_WORDS if word in words), None)
    return ReadField(
        field.name,
        field.type,
        read,
        field.required,
        is_nullable,
        default is None
        and field.name not in _CAN_BE_UNKNOWN
        and (field.required or not is_nullable),
        default,
        keeps_sent,
    )


def _table(event: type[Struct]) -> tuple[ReadField, ...]:
    described = inspect.type_info(event)
    assert isinstance(described, inspect.StructType)  # noqa: S101 # every event is one
    kinds = {field.name: field.type for field in described.fields}
    return tuple(
        _field(field, kinds[field.name], keeps_sent=f"{field.name}{AS_SENT}" in kinds)
        for field in structs.fields(event)
    )


FIELDS: Final = {kind: _table(kind) for kind in WIRE_TYPES.values()}
"""How the fields of each kind of event are read."""

FIELD_NAMES: Final = tuple(sorted({field.name for table in FIELDS.values() for field in table}))
"""All of them: a closed list."""

IDENTIFIERS: Final = {
    kind: tuple(field.name for field in table if field.read is identifier)
    for kind, table in FIELDS.items()
}
"""The names of the fields that hold ids."""
