"""Records as plain objects, numbers as they were written.

This is the slow way, for records that the strict decoder refused. It takes what pandas writes for
a missing value (``NaN``), half a character that was cut off, and bytes that are no UTF-8, so that
only the field they stand in is unreadable, and not all of the record.
"""

import json
from typing import Any, Final, NamedTuple


class Number(NamedTuple):
    """A number as its text: no digit of a long id is lost, whatever a float could hold."""

    text: str


def plain_objects(record: bytes) -> Any:  # noqa: ANN401 # whatever JSON may hold
    """Return what a record holds.

    Bytes that are no UTF-8 become lone surrogates, as an escape of half a character does: no field
    takes those. Of a field that is there twice the last one holds, as in the strict decoder.

    Raises
    ------
    ValueError
        If the record is no JSON even so.
    RecursionError
        If it is nested too deeply for the stack that is left.
    """
    return _decode(record.decode("utf-8", "surrogateescape"))


_decode: Final = json.JSONDecoder(
    parse_int=Number,
    parse_float=Number,
    parse_constant=Number,
    strict=False,  # a tab that was not escaped harms its own field at most
).decode
