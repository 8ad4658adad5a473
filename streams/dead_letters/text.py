"""Dead letters in words: lines of a list, everything about one of them, and both as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from streams.dead_letters.book import BookedLetter
from streams.dead_letters.replay import is_cut
from streams.printable import printable
from streams.wire.dead_letter import DeadLetter, WrittenLetter, text_or_base64

SHOWN_DIGITS: Final = 12
"""Digits of an id in a list: enough to distinguish millions of letters."""

_LONGEST_PREVIEW: Final = 60
_SHOWN_LOCATIONS: Final = 10
_HEX_BYTES: Final = 16
_PRINTS: Final = range(0x20, 0x7F)
_HEADINGS: Final = ("letter", "status", "reason", "refused at", "times", "bytes", "detail | record")
_RIGHT: Final = ("times", "bytes")


def list_lines(letters: Sequence[BookedLetter]) -> Iterator[str]:
    """Yield a table, one letter a line, under its headings."""
    rows = [_HEADINGS, *map(_row, letters)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if heading in _RIGHT else cell.ljust(width)
            for heading, cell, width in zip(_HEADINGS, row, widths, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def totals(letters: Sequence[BookedLetter]) -> str:
    """Count letters by reason, the most frequent first, and by status."""
    reasons = Counter(printable(letter.latest.reason) for letter in letters)
    statuses = Counter(letter.status.value for letter in letters)
    parts = [
        ", ".join(
            f"{number:,} {name}"
            for name, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        )
        for counts in (reasons, statuses)
    ]
    unsealed = sum(not letter.sealed for letter in letters)
    if unsealed:
        parts.append(f"{unsealed:,} without the seal of this installation")
    number = "1 letter" if len(letters) == 1 else f"{len(letters):,} letters"
    return f"{number}: {'; '.join(parts)}" if letters else "no letters"


def letter_lines(letter: BookedLetter, whole: DeadLetter) -> Iterator[str]:
    """Yield everything about a letter, safe to print; `whole` has all that was kept of its record.

    The record is shown as text if every character of it prints, else byte by byte.
    """
    sent = "" if letter.receipt is None else f", sent to {printable(letter.receipt.location())}"
    yield f"letter   {letter.letter_id}"
    yield f"status   {letter.status}{sent}"
    yield f"reason   {printable(letter.latest.reason)}"
    yield f"detail   {printable(letter.latest.detail)}"
    yield f"refused  {_times(letter)}: {_locations(letter)}"
    yield f"key      {_key_text(letter.key)}"
    if not letter.sealed:
        yield "seal     none of this installation: another program or an earlier release wrote it"
    if whole.null:
        yield "record   none: the record has no value (a tombstone)"
        return
    if is_cut(letter):
        size = "" if whole.size is None else f" of {whole.size:,}"
        kind = f"the first {len(whole.record):,}{size} bytes, the rest was not kept"
    else:
        kind = f"{len(whole.record):,} bytes"
    text = _text_of(whole.record)
    yield f"record   {kind}{'' if text is not None else ', not all of it text'}"
    yield from _hexadecimal(whole.record) if text is None else text


def raw_remark(letter: BookedLetter, whole: DeadLetter) -> str:
    """Return a line on what a file of raw records does not show of this one; "" if nothing."""
    name = letter.letter_id[:SHOWN_DIGITS]
    if whole.null:
        return f"{name} has no value: an empty line stands for it\n"
    if is_cut(letter):
        return f"{name} is only the beginning of its record: the rest was not kept\n"
    if b"\n" in whole.record:
        return f"{name} holds line breaks: `aboveboard replay` takes one record a line\n"
    return ""


def to_json_line(letter: BookedLetter, whole: DeadLetter | None = None) -> bytes:
    """Return a letter as one JSON object, with its record if `whole` is given."""
    record, record_base64 = (None, None) if whole is None else text_or_base64(whole.record)
    key, key_base64 = (None, None) if letter.key is None else text_or_base64(letter.key)
    latest = letter.latest
    return msgspec.json.encode(
        WrittenLetter(
            id=letter.letter_id,
            status=letter.status.value,
            reason=latest.reason,
            detail=latest.detail,
            source=latest.source,
            line=latest.line,
            partition=latest.partition,
            offset=latest.offset,
            refusals=len(letter.locations),
            bytes=letter.kept if latest.size is None else latest.size,
            cut=is_cut(letter),
            null=latest.null,
            sealed=letter.sealed,
            replayed_to=letter.receipt,
            key=key,
            key_base64=key_base64,
            record=record,
            record_base64=record_base64,
        )
    )


def _row(letter: BookedLetter) -> tuple[str, ...]:
    latest = letter.latest
    beginning = "(no value)" if latest.null else latest.record.decode(errors="replace")
    return (
        letter.letter_id[:SHOWN_DIGITS],
        letter.status.value,
        printable(latest.reason),
        printable(_location(latest)),
        f"{len(letter.locations):,}",
        f"{letter.kept if latest.size is None else latest.size:,}",
        f"{_preview(latest.detail)} | {_preview(beginning)}",
    )


def _location(letter: DeadLetter) -> str:
    return letter.location() if letter.source else "unknown"


def _preview(text: str) -> str:
    return printable(
        text if len(text) <= _LONGEST_PREVIEW else f"{text[: _LONGEST_PREVIEW - 3]}..."
    )


def _times(letter: BookedLetter) -> str:
    return "once" if len(letter.locations) == 1 else f"{len(letter.locations):,} times"


def _locations(letter: BookedLetter) -> str:
    latest = letter.latest
    if latest.line is None and latest.partition is None:
        return _location(latest)
    locations = sorted(letter.locations)
    shown = [
        f"{latest.source}:{location.offset}"
        if latest.line is not None
        else f"{latest.source}[{location.partition}]@{location.offset}"
        for location in locations[:_SHOWN_LOCATIONS]
    ]
    more = len(locations) - len(shown)
    return printable(", ".join(shown)) + (f" and {more:,} more" if more else "")


def _key_text(key: bytes | None) -> str:
    if key is None:
        return "none"
    try:
        text = key.decode()
    except UnicodeDecodeError:
        return f"hexadecimal {key.hex()}"
    return f'"{text}"' if text.isprintable() else f"hexadecimal {key.hex()}"


def _text_of(record: bytes) -> list[str] | None:
    """Return the lines of a record, or None if a character of it would not print as it is."""
    try:
        lines = record.decode().split("\n")
    except UnicodeDecodeError:
        return None
    if all(line.replace("\t", " ").isprintable() for line in lines):
        return lines
    return None


def _hexadecimal(record: bytes) -> Iterator[str]:
    for start in range(0, len(record), _HEX_BYTES):
        row = record[start : start + _HEX_BYTES]
        characters = "".join(chr(byte) if byte in _PRINTS else "." for byte in row)
        yield f"{start:08x}  {row.hex(' '):<{3 * _HEX_BYTES - 1}}  {characters}"
