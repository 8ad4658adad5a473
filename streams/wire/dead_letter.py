"""Dead letters: records that could not be applied, with the reason and every original byte.

In Kafka a letter is a record: its value are the original bytes, its key the original key, all the
rest stands in headers. `to_message` writes one and `from_message` reads it.
"""

from base64 import b64encode
from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from detectors.basis.errors import InvalidEvent
from streams.wire.letter_replay import Receipt
from streams.wire.routing import LARGEST_RECORD

KEPT_OF_TOO_LARGE: Final = 65_536
"""Bytes kept of a rejected record that does not fit a message once more, now with headers."""

_LARGEST_NUMBER: Final = 2**63 - 1

FOREIGN: Final = "foreign"
"""Stands for the reason of a record among the letters that is none of ours."""

UNDELIVERED: Final = "undelivered"
"""Reason of a letter with an alert that a webhook did not take."""

LEFT_OUT: Final = "left_out"
"""Reason of a letter with a record that people left out of a copy."""

WITHOUT_RECORD: Final = frozenset({"corrupt_batch", "lost"})
"""Reasons of letters about offsets of which no record could be read."""


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A rejected record.

    ``source`` is the path of a file, with its ``line`` counted from 1, or the name of a topic, with
    ``partition`` and ``offset``. ``last_offset``: of the last record, where the letter is about
    several. ``reason`` is one of `InvalidEvent.REASONS`, of `streams.stages.set_aside.Reason`,
    `UNDELIVERED` or `LEFT_OUT`.
    ``null``: the record had no value at all, which an empty one is not. ``size``: of how many bytes
    ``record`` is only the beginning; None if it is whole.
    """

    reason: str
    detail: str
    source: str
    line: int | None = None
    partition: int | None = None
    offset: int | None = None
    last_offset: int | None = None
    record: bytes
    null: bool = False
    size: int | None = None

    def location(self) -> str:
        """Return where the record came from."""
        if self.line is not None:
            return f"{self.source}:{self.line}"
        if self.offset is None:
            return f"{self.source}[{self.partition}]"
        last = "" if self.last_offset is None else f"-{self.last_offset}"
        return f"{self.source}[{self.partition}]@{self.offset}{last}"


class WrittenLetter(Struct, kw_only=True, omit_defaults=True):
    """A letter as a JSON object; what is not known of it is left out.

    ``detect`` writes what it knows of a line of a file, ``dead-letters`` also what became of a
    record since. Bytes that are no UTF-8 text travel in base64.
    """

    id: str | None = None
    status: str | None = None
    reason: str
    detail: str
    source: str
    line: int | None = None
    partition: int | None = None
    offset: int | None = None
    refusals: int | None = None
    bytes: int | None = None
    cut: bool | None = None
    null: bool | None = None
    sealed: bool | None = None
    replayed_to: Receipt | None = None
    key: str | None = None
    key_base64: str | None = None
    record: str | None = None
    record_base64: str | None = None


def from_file(error: InvalidEvent, source: str, line: int, record: bytes) -> DeadLetter:
    """Return the dead letter for a line of a file."""
    return DeadLetter(
        reason=error.reason, detail=error.detail, source=source, line=line, record=record
    )


def from_topic(
    error: InvalidEvent, topic: str, partition: int, offset: int, record: bytes | None
) -> DeadLetter:
    """Return the dead letter for a record of a topic (by its name without prefix)."""
    return DeadLetter(
        reason=error.reason,
        detail=error.detail,
        source=topic,
        partition=partition,
        offset=offset,
        record=record or b"",
        null=record is None,
    )


def to_json(letter: DeadLetter) -> bytes:
    """Write a dead letter as one JSON object without a line break.

    The record stands in ``record`` if it is UTF-8 text, else in ``record_base64``.
    """
    record, record_base64 = text_or_base64(letter.record)
    return msgspec.json.encode(
        WrittenLetter(
            reason=letter.reason,
            detail=letter.detail,
            source=_as_text(letter.source),
            line=letter.line,
            partition=letter.partition,
            offset=letter.offset,
            record=record,
            record_base64=record_base64,
        )
    )


def text_or_base64(content: bytes) -> tuple[str | None, str | None]:
    """Return content as text, or if it is none in base64."""
    try:
        return content.decode(), None
    except UnicodeDecodeError:
        return None, b64encode(content).decode()


def to_message(letter: DeadLetter) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Write a letter as value and headers of a record, a record that is too large cut short."""
    if len(letter.record) > LARGEST_RECORD:
        letter = msgspec.structs.replace(
            letter, record=letter.record[:KEPT_OF_TOO_LARGE], size=len(letter.record)
        )
    return letter.record, to_headers(letter)


def to_headers(letter: DeadLetter) -> list[tuple[str, bytes]]:
    """Write all of a dead letter but its record, which is the message itself, as Kafka headers."""
    values = {
        "reason": letter.reason,
        "detail": letter.detail,
        "source": letter.source,
        "line": letter.line,
        "partition": letter.partition,
        "offset": letter.offset,
        "last_offset": letter.last_offset,
        "null": "true" if letter.null else None,
        "size": letter.size,
    }
    return [
        (name, _as_text(str(value)).encode()) for name, value in values.items() if value is not None
    ]


def from_message(value: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> DeadLetter:
    """Read what `to_message` wrote, whatever else may stand there.

    A record without the headers of a letter was written by another program. It is given as a letter
    of the reason `FOREIGN` without a source.
    """
    found = {name: (text or b"").decode(errors="replace") for name, text in headers}
    try:
        numbers = {
            name: _number(found[name])
            for name in ("line", "partition", "offset", "last_offset", "size")
            if name in found
        }
        letter = DeadLetter(
            reason=found["reason"],
            detail=found["detail"],
            source=found["source"],
            line=numbers.get("line"),
            partition=numbers.get("partition"),
            offset=numbers.get("offset"),
            last_offset=numbers.get("last_offset"),
            record=value or b"",
            null=value is None or "null" in found,
            size=numbers.get("size"),
        )
    except (KeyError, ValueError):
        return DeadLetter(
            reason=FOREIGN,
            detail="the headers are not those of a dead letter: another program wrote this record",
            source="",
            record=value or b"",
            null=value is None,
        )
    return letter


def _as_text(source: str) -> str:
    """Return the path of a file, which may be no text, with escapes for what cannot be encoded."""
    return source.encode(errors="backslashreplace").decode()


def _number(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _LARGEST_NUMBER:
        raise ValueError(f"{number} is no offset, partition or line")
    return number
