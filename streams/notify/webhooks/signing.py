"""Signs what a webhook is sent: whoever holds a key knows that it is ours, whole and recent."""

import hmac
from collections.abc import Sequence
from typing import Final

from streams.config.secret import Secret

SIGNATURE: Final = "Aboveboard-Signature"
"""The name of the header."""


def signature(body: bytes, seconds: int, keys: Sequence[Secret]) -> str:
    """Return the header for a body that is sent so many seconds after 1970.

    Of several keys each signs: so a receiver may know the old one or the new one.
    """
    signed = f"{seconds}.".encode() + body
    digests = [hmac.digest(key.reveal().encode(), signed, "sha256").hex() for key in keys]
    return ",".join([f"t={seconds}", *(f"v1={digest}" for digest in digests)])
