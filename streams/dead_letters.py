"""Dead letters: records that could not be applied, with the reason and every original byte."""

from base64 import b64encode

import msgspec
from msgspec import Struct

from detectors.errors import InvalidEvent


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A rejected record.

    ``source`` is the path of a file, with its ``line`` counted from 1, or the name of a topic, with
    ``partition`` and ``offset``. ``reason`` is one of `InvalidEvent.REASONS`.
    """

    reason: str
    detail: str
    source: str
    line: int | None = None
    partition: int | None = None
    offset: int | None = None
    record: bytes

    def place(self) -> str:
        """Say where the record came from."""
        if self.line is not None:
            return f"{self.source}:{self.line}"
        return f"{self.source}[{self.partition}]@{self.offset}"


class _WrittenLetter(Struct, kw_only=True, omit_defaults=True):
    """A dead letter as a JSON object: bytes that are no UTF-8 text travel in base64."""

    reason: str
    detail: str
    source: str
    line: int | None = None
    partition: int | None = None
    offset: int | None = None
    record: str | None = None
    record_base64: str | None = None


def from_file(error: InvalidEvent, source: str, line: int, record: bytes) -> DeadLetter:
    """Give the dead letter for a line of a file."""
    return DeadLetter(
        reason=error.reason, detail=error.detail, source=source, line=line, record=record
    )


def from_topic(
    error: InvalidEvent, topic: str, partition: int, offset: int, record: bytes
) -> DeadLetter:
    """Give the dead letter for a record of a topic."""
    return DeadLetter(
        reason=error.reason,
        detail=error.detail,
        source=topic,
        partition=partition,
        offset=offset,
        record=record,
    )


def to_json(letter: DeadLetter) -> bytes:
    """Write a dead letter as one JSON object without a line break.

    The record stands in ``record`` if it is UTF-8 text, else in ``record_base64``.
    """
    text: str | None
    encoded: str | None
    try:
        text, encoded = letter.record.decode(), None
    except UnicodeDecodeError:
        text, encoded = None, b64encode(letter.record).decode()
    return msgspec.json.encode(
        _WrittenLetter(
            reason=letter.reason,
            detail=letter.detail,
            source=letter.source,
            line=letter.line,
            partition=letter.partition,
            offset=letter.offset,
            record=text,
            record_base64=encoded,
        )
    )


def to_headers(letter: DeadLetter) -> list[tuple[str, bytes]]:
    """Write all of a dead letter but its record, which is the message itself, as Kafka headers."""
    values = {
        "reason": letter.reason,
        "detail": letter.detail,
        "source": letter.source,
        "line": letter.line,
        "partition": letter.partition,
        "offset": letter.offset,
    }
    return [(name, str(value).encode()) for name, value in values.items() if value is not None]
