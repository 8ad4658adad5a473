"""How far a webhook was told, as it stands in the log of deliveries beside what others were told.

Its keys begin with ``webhook/``, which no id of an alert does.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

NAMESPACE: Final = b"webhook/"


class Posting(Struct, frozen=True, kw_only=True):
    """How far a webhook was told of an alert that it knows of, or is about to.

    ``revision``
        The lowest revision that it may not have; everything below is settled.
    ``since``
        Since when that one is being sent; null if none is.
    ``ended``
        When the webhook had the end of the alert, or had no need of it; null while it is open.
    ``past``
        The alert was over, or mild, before the webhook was told anything: it does not know it.
    """

    revision: int
    since: datetime | None = None
    ended: datetime | None = None
    past: bool = False


class Offsets(Struct, frozen=True, kw_only=True):
    """Places in the topic of alerts, by partition.

    Under the key of a beginning, where the topic ended when a webhook was first told anything: of
    what stands before, only what was still open then is told. Under the key of a place, before what
    nothing waits to be told any more.
    """

    offsets: dict[int, int]


_posting: Final = msgspec.json.Decoder(Posting).decode
_offsets: Final = msgspec.json.Decoder(Offsets).decode


def posting_key(webhook: str, alert_id: str) -> bytes:
    """Return the key of a posting."""
    return f"webhook/{webhook}/alert/{alert_id}".encode()


def beginning_key(webhook: str) -> bytes:
    """Return the key of the beginning of a webhook."""
    return f"webhook/{webhook}/beginning".encode()


def place_key(webhook: str) -> bytes:
    """Return the key of the place up to which a webhook was told everything."""
    return f"webhook/{webhook}/place".encode()


def order_key(webhook: str, alert_id: str, revision: int) -> bytes:
    """Return the key under which a revision stands that is to be sent once more."""
    return f"webhook/{webhook}/again/{alert_id}/{revision}".encode()


def read_key(key: bytes) -> tuple[str, str, str]:
    """Return name, kind and the rest of a key: ``alert``, ``beginning``, ``place`` or ``again``.

    Raises
    ------
    ValueError
        It is none of ours.
    """
    space, _, rest = key.decode().partition("/")
    name, _, rest = rest.partition("/")
    kind, _, rest = rest.partition("/")
    if space != "webhook" or kind not in ("alert", "beginning", "place", "again"):
        raise ValueError("its key is none of ours")
    return name, kind, rest


def is_order(key: bytes | None) -> bool:
    """Return whether a key is one under which a revision stands that is to be sent once more."""
    try:
        return key is not None and read_key(key)[1] == "again"
    except ValueError:
        return False


def decode_posting(value: bytes) -> Posting:
    """Return what a record says; raises msgspec.DecodeError if it is none of ours."""
    return _posting(value)


def decode_offsets(value: bytes) -> dict[int, int]:
    """Return what a record says; raises msgspec.DecodeError if it is none of ours."""
    return _offsets(value).offsets


def encode_offsets(offsets: Mapping[int, int]) -> bytes:
    """Return a record of a beginning or of a place."""
    return msgspec.json.encode(Offsets(offsets=dict(offsets)))
