"""Saved state read back: of this release's version, or refused with the versions by name."""

from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from detectors.basis.errors import IncompatibleSnapshot

_State = TypeVar("_State", bound=Struct)

NOT_READABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises over bytes of others: of text that is no UTF-8, and of nesting without end,
no error of its own."""


def read_state(saved: bytes, kind: type[_State], owner: str) -> _State:
    """Return the state in `saved`, which `owner` (such as ``a pipeline``) wrote as a `kind`.

    The tag of `kind`, if it has one, is its version: a name, a hyphen and a number.

    Raises
    ------
    IncompatibleSnapshot
        If the bytes are of another version, or of another kind.
    """
    try:
        return msgspec.msgpack.decode(saved, type=kind)
    except NOT_READABLE as error:
        ours, theirs = str(kind.__struct_config__.tag or ""), _tag_of(saved)
        if ours and theirs != ours and theirs.rpartition("-")[0] == ours.rpartition("-")[0]:
            msg = (
                f"the state of {owner} is of version {theirs!r}, and this release reads {ours!r}: "
                "replay the source topics into fresh state"
            )
        else:
            msg = f"not a snapshot of {owner}: {error}"
        raise IncompatibleSnapshot(msg) from None


def _tag_of(saved: bytes) -> str:
    """Return the version that the bytes name, empty if they name none."""
    try:
        content: Any = msgspec.msgpack.decode(saved)
    except NOT_READABLE:
        return ""
    return str(content.get("type", "")) if isinstance(content, dict) else ""
