"""Saved state: bytes that only the code that wrote them, in the same version, can read."""

from typing import TypeVar

import msgspec

from detectors.basis.errors import IncompatibleSnapshot

_State = TypeVar("_State")


def decode_state(kind: str, snapshot: bytes, state_type: type[_State]) -> _State:
    """Return the state that MessagePack bytes hold.

    Parameters
    ----------
    kind
        What was saved, for the message, such as ``the peers stage``.
    snapshot
        The bytes.
    state_type
        The type of the state; its tag names the version.

    Raises
    ------
    IncompatibleSnapshot
        If the bytes are of another kind or version, or damaged.
    """
    try:
        return msgspec.msgpack.decode(snapshot, type=state_type)
    except msgspec.MsgspecError as error:
        raise IncompatibleSnapshot(f"not a snapshot of {kind}: {error}") from None
