"""What was told of an alert, as it stands in the log of deliveries."""

from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from detectors.alerts.alert import Severity


class Delivery(Struct, frozen=True, kw_only=True):
    """One alert at one severity, as its receivers were told of it.

    ``labels``
        What it was told under. It stays that for its life, whatever the settings say later: under
        other labels it would be another alert to them, and this one would look as if it had ended.
    ``starts_at``
        When it was first told, by the wall clock.
    ``revision``
        The newest revision that was told; an older one that turns up later is no news.
    ``ended_at``
        When its end was told; null while it is firing.
    """

    alert_id: str
    severity: Severity
    labels: dict[str, str]
    starts_at: datetime
    revision: int
    ended_at: datetime | None = None


_decode: Final = msgspec.json.Decoder(Delivery).decode


def delivery_key(alert_id: str, severity: str) -> bytes:
    """Return the key of a delivery in its topic."""
    return f"{alert_id}/{severity}".encode()


def encode_delivery(delivery: Delivery) -> bytes:
    """Return the bytes of a record."""
    return msgspec.json.encode(delivery)


def decode_delivery(value: bytes) -> Delivery:
    """Return what a record says.

    Raises
    ------
    msgspec.DecodeError
        If it is none of ours.
    """
    return _decode(value)
