"""Batches as a broker keeps them: which codec each one in a log bears."""

import socket
import struct
from contextlib import closing
from typing import Final

from tests.streams.broker.batches.made import CODECS, exactly

_FETCH: Final = 1
_VERSION: Final = 4
_LARGEST: Final = 50_000_000
_BEFORE_LENGTH: Final = 8
_BEFORE_BODY: Final = 12
_ATTRIBUTES: Final = 21
_CODEC_BITS: Final = 7


def stored_codecs(bootstrap: str, topic: str, partition: int = 0) -> set[str]:
    """Return the codecs of all batches of a log that begins at offset 0."""
    names = {number: name for name, number in CODECS.items()}
    content, codecs = _log(bootstrap, topic, partition), set()
    while len(content) > _ATTRIBUTES:
        (length,) = struct.unpack_from(">i", content, _BEFORE_LENGTH)
        (attributes,) = struct.unpack_from(">h", content, _ATTRIBUTES)
        codecs.add(names[attributes & _CODEC_BITS])
        content = content[_BEFORE_BODY + length :]
    return codecs


def _log(bootstrap: str, topic: str, partition: int) -> bytes:
    """Fetch a log as it is: every client would unpack it."""
    host, _, port = bootstrap.rpartition(":")
    name = topic.encode()
    question = b"".join(
        (
            struct.pack(">hhih", _FETCH, _VERSION, 1, 4),
            b"test",
            struct.pack(">iiiibi", -1, 1_000, 0, _LARGEST, 0, 1),
            struct.pack(">h", len(name)),
            name,
            struct.pack(">iiqi", 1, partition, 0, _LARGEST),
        )
    )
    with closing(socket.create_connection((host, int(port)), 10)) as connection:
        connection.sendall(struct.pack(">i", len(question)) + question)
        answer = exactly(connection, *struct.unpack(">i", exactly(connection, 4)))
    # Correlation id, throttle time, one topic with its name, one partition with its number.
    at = 4 + 4 + 4 + 2 + len(name) + 4 + 4
    code, _, _, aborted = struct.unpack_from(">hqqi", answer, at)
    assert code == 0, f"the broker answers with error {code}"
    at += 22 + 16 * max(0, aborted)
    (length,) = struct.unpack_from(">i", answer, at)
    return answer[at + 4 : at + 4 + length]
