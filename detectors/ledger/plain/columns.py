"""Plain accounts as bytes: columns of one kind pack far better than rows."""

import zlib
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from detectors.basis.errors import IncompatibleSnapshot
from detectors.ledger.plain.layout import MOST_USES, NO_NAME, Numbers
from detectors.ledger.plain.saved import Columns
from detectors.ledger.plain.store import PlainStore

_NAMED: Final = ("agent", "cell", "product", "site", "team")
_LENGTHS: Final = ("account_length", "sale_length", "event_length")
_LEVEL: Final = 1


class _Packed(msgspec.Struct, array_like=True):
    """The columns, each as bytes, in the order of `Columns`."""

    names: list[str]
    numbers_of_a_sale: int
    columns: list[bytes]


_TYPES: Final = {
    "texts": np.uint8,
    "lengths": np.int16,
    "named": np.int32,
    "at": np.float64,
    "amount": np.float64,
    "batch": np.int64,
    "customer": np.int64,
    "verdicts": np.int64,
    "was_sold": np.uint8,
    "used": np.uint8,
    "uses": np.float64,
    "numbers": np.float64,
}
"""Of the columns as bytes; those of more than one dimension one after the other."""

_unpack: Final = msgspec.msgpack.Decoder(_Packed).decode


def packed(store: PlainStore, rows: Numbers) -> bytes:
    """Return the plain accounts in some rows as bytes."""
    chosen = store.arrays.rows[rows]
    numbers = np.stack([chosen[field] for field in _NAMED], axis=1)
    known, places = np.unique(numbers, return_inverse=True)
    places = places.reshape(numbers.shape).astype(np.int32)
    if known.size and known[0] == NO_NAME:
        known, places = known[1:], places - 1
    lengths = np.stack([chosen[field] for field in _LENGTHS], axis=1)
    used = np.arange(MOST_USES) < chosen["used"][:, None]
    columns: dict[str, npt.NDArray[Any]] = {
        "texts": store.letters(rows),
        "lengths": lengths,
        "named": places,
        "at": chosen["at"],
        "amount": chosen["amount"],
        "batch": chosen["batch"],
        "customer": chosen["customer"],
        "verdicts": chosen["verdicts"],
        "was_sold": chosen["was_sold"],
        "used": chosen["used"],
        "uses": chosen["uses"][used],
        "numbers": store.arrays.numbers[rows],
    }
    parts = [_bytes_of(columns[name], kind) for name, kind in _TYPES.items()]
    whole = _Packed(store.texts_of(known), store.arrays.numbers.shape[1], parts)
    return zlib.compress(msgspec.msgpack.encode(whole), _LEVEL)


def _bytes_of(column: npt.NDArray[Any], kind: type) -> bytes:
    """Return a column as bytes: the first byte of all its numbers, then the second of all.

    The high bytes of numbers of one kind are nearly the same, and pack to nearly nothing.
    """
    numbers: npt.NDArray[Any] = np.ascontiguousarray(column.astype(kind).flatten("F"))
    return numbers.view(np.uint8).reshape(numbers.size, -1).T.tobytes() if numbers.size else b""


def _column_in(data: bytes, kind: type) -> npt.NDArray[Any]:
    parts = np.frombuffer(data, dtype=np.uint8).reshape(np.dtype(kind).itemsize, -1)
    return np.ascontiguousarray(parts.T).view(kind).ravel()


def unpacked(data: bytes) -> tuple[list[str], Columns]:
    """Return the names and the columns in what `packed` gave.

    Raises
    ------
    IncompatibleSnapshot
        If these are other bytes, or do not fit each other.
    """
    try:
        whole = _unpack(zlib.decompress(data))
        columns = dict(
            zip(
                _TYPES,
                [
                    _column_in(part, kind)
                    for part, kind in zip(whole.columns, _TYPES.values(), strict=True)
                ],
                strict=True,
            )
        )
        size = len(columns["at"])
        found = Columns(
            columns["texts"],
            columns["lengths"].reshape((size, len(_LENGTHS)), order="F").astype(np.int64),
            columns["named"].reshape((size, len(_NAMED)), order="F"),
            columns["at"],
            columns["amount"],
            columns["batch"],
            columns["customer"],
            columns["verdicts"],
            columns["was_sold"],
            columns["used"],
            columns["uses"],
            columns["numbers"].reshape((size, whole.numbers_of_a_sale), order="F"),
        )
    except (zlib.error, msgspec.MsgspecError, ValueError) as error:
        raise IncompatibleSnapshot(f"not a segment of accounts: {error}") from None
    if not fit(found, len(whole.names)):
        raise IncompatibleSnapshot("not a segment of accounts: its columns do not fit each other")
    return whole.names, found


def fit(columns: Columns, names: int) -> bool:
    """Return whether every place that a column names is one: compiled code does not ask again."""
    size = len(columns.at)
    same = {
        len(column)
        for column in (
            columns.amount,
            columns.batch,
            columns.customer,
            columns.verdicts,
            columns.was_sold,
            columns.used,
        )
    }
    return (
        same == {size}
        and bool((columns.lengths >= 0).all())
        and int(columns.lengths.sum()) == len(columns.texts)
        and bool((columns.lengths[:, 0] > 0).all())
        and bool(((columns.named >= NO_NAME) & (columns.named < names)).all())
        and bool((columns.used <= MOST_USES).all())
        and int(columns.used.sum()) == len(columns.uses)
        and bool((np.isfinite(columns.at) | (columns.used > 0)).all())
        and bool((np.isnan(columns.at) | (columns.named[:, 1:3] >= 0).all(axis=1)).all())
    )
