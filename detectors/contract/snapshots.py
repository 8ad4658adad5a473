"""State as bytes that only the config which wrote them can read.

No pickle: a forged snapshot is refused or wrong, but never run.
"""

from typing import TypeVar
from zlib import crc32

import msgspec
from msgspec import Struct

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.saved_state import NOT_READABLE

_State = TypeVar("_State")


class _Sealed(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    form: str
    config: bytes
    checksum: int
    state: bytes


def seal(config: Struct, form: str, state: object) -> bytes:
    """Return `state` as bytes.

    `state` is anything msgspec can write. `form` names the version of its layout and, where the
    state is that of a library, the version of the library.
    """
    content = msgspec.msgpack.encode(state)
    return msgspec.msgpack.encode(
        _Sealed(form, msgspec.json.encode(config), crc32(content), content)
    )


def unseal(snapshot: bytes, config: Struct, form: str, state: type[_State]) -> _State:
    """Return what `seal` was given under an equal `config` and `form`.

    Raises
    ------
    IncompatibleSnapshot
        If `snapshot` was not made by `seal`, under another config or form, or is damaged.

    """
    try:
        sealed = msgspec.msgpack.decode(snapshot, type=_Sealed)
    except NOT_READABLE as error:
        raise IncompatibleSnapshot(f"not a snapshot of a detector: {error}") from None
    if sealed.config != msgspec.json.encode(config):
        raise IncompatibleSnapshot(f"a snapshot of {sealed.config!r}, not of {config}")
    if sealed.form != form:
        raise IncompatibleSnapshot(f"a snapshot of the form {sealed.form!r}, not {form!r}")
    if sealed.checksum != crc32(sealed.state):
        raise IncompatibleSnapshot("a damaged snapshot")
    try:
        return msgspec.msgpack.decode(sealed.state, type=state)
    except NOT_READABLE as error:
        raise IncompatibleSnapshot(f"a state that cannot be read: {error}") from None
