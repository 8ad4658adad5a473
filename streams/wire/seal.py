"""The seal: a header that tells the records of an installation from whatever else lies in a topic.

It is a digest over the place (topic with its prefix, and partition), the key and the value. It is
no secret, and anyone can compute one: it tells accident from ours, such as a mistyped name of a
topic or a record copied from elsewhere. Against malice stand the ACLs of the broker, nothing else.

The number before the digest is the version of everything that is sealed: whoever changes the form
of messages between stages raises it. A worker then knows the records of another release as such,
and does not take them for those of a stranger, which it may leave out.
"""

from collections.abc import Iterable
from enum import Enum
from hashlib import sha256
from re import compile as compiled_pattern
from typing import Final
from zlib import crc32

SEAL: Final = "seal"
"""The name of the header."""

VERSION: Final = b"7"

_DIGITS: Final = 32
"""Hexadecimal digits of SHA-256: 128 bits."""

_FORM: Final = compiled_pattern(rb"(\d{1,4}):[0-9a-f]{32}")

Headers = Iterable[tuple[str, bytes | None]]


class SealCheck(Enum):
    """What the seal of a record says."""

    RIGHT = "ours, as it was written"
    ABSENT = "it has no seal of Aboveboard"
    WRONG = "its seal is that of another place or of other bytes"
    OTHER_RELEASE = "its seal is of another version"


def place_of(topic: str, partition: int | None = None) -> str:
    """Return what a seal says of where the record belongs; `topic` is a name with its prefix.

    Without a partition, it belongs into any one of them: of letters and receipts the key decides.
    """
    return topic if partition is None else f"{topic}/{partition}"


def seal_of(place: str, key: bytes | None, value: bytes | None, headers: Headers = ()) -> bytes:
    """Return the seal of a record; `headers` are those that are believed, where some are."""
    # Of the value, which may have megabytes, goes in what its checksum says: three times as fast,
    # and as good against accidents.
    parts = [place.encode(), key, None if value is None else b"%d" % crc32(value)]
    for name, content in headers:
        parts += [name.encode(errors="surrogateescape"), content]
    # The lengths go first: no two records have the same parts cut differently. None has -1.
    lengths = b" ".join(b"%d" % (-1 if part is None else len(part)) for part in parts)
    whole = b"%d %b %b" % (len(value or b""), lengths, b"".join(part or b"" for part in parts))
    return VERSION + b":" + sha256(whole).hexdigest()[:_DIGITS].encode()


def check_seal(
    place: str,
    key: bytes | None,
    value: bytes | None,
    headers: Headers,
    believed: Headers = (),
) -> SealCheck:
    """Return what the seal among `headers` says of a record in this place."""
    found = None
    for name, content in headers:
        if name == SEAL:
            found = content
    form = None if found is None else _FORM.fullmatch(found)
    if form is None:
        return SealCheck.ABSENT
    if form[1] != VERSION:
        return SealCheck.OTHER_RELEASE
    right = found == seal_of(place, key, value, believed)
    return SealCheck.RIGHT if right else SealCheck.WRONG
