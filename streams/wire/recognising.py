"""What bytes look like that are no events: the true reason why nothing could be read of them.

For the beginning of a file, and for one record of a topic. A guess is only told where records were
refused; what is certain, because such bytes can hold no line of JSON, refuses a file at once.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

BEGINNING: Final = 4_096
"""Bytes of a file that are looked at."""


class Kind(NamedTuple):
    """What bytes look like, and what is to be done about it."""

    name: str
    remedy: str
    is_certain: bool = False

    @property
    def sentence(self) -> str:
        """Say both in one sentence, without a full stop."""
        return f"looks like {self.name}; {self.remedy}"


_UNPACK: Final = "unpack it first"
_CONVERT: Final = "convert it to JSON, one object a line"
_PLAIN: Final = "let the source write plain JSON, without the framing"
_UTF8: Final = "convert it to UTF-8, with `iconv -t UTF-8` say"

_SIGNATURES: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"\x1f\x8b", Kind("gzip (packed twice)", _UNPACK, is_certain=True)),
    (b"\x28\xb5\x2f\xfd", Kind("zstd (packed twice)", _UNPACK, is_certain=True)),
    (b"\xfd7zXZ\x00", Kind("xz", f"{_UNPACK}, with `xz -dc` say", is_certain=True)),
    (b"PK\x03\x04", Kind("zip (or a spreadsheet)", f"{_UNPACK}, with `unzip -p`", is_certain=True)),
    (b"PK\x05\x06", Kind("an empty zip", "look for what it should have held", is_certain=True)),
    (b"7z\xbc\xaf\x27\x1c", Kind("7z", _UNPACK, is_certain=True)),
    (b"\x04\x22\x4d\x18", Kind("lz4", f"{_UNPACK}, with `lz4 -dc` say", is_certain=True)),
    (b"\xff\x06\x00\x00sNaPpY", Kind("snappy", _UNPACK, is_certain=True)),
    (b"PAR1", Kind("Parquet", _CONVERT, is_certain=True)),
    (b"Obj\x01", Kind("an Avro file", f"{_CONVERT}, with `avro-tools tojson`", is_certain=True)),
    (b"ORC\x00", Kind("ORC", _CONVERT, is_certain=True)),
    (b"ARROW1", Kind("Arrow", _CONVERT, is_certain=True)),
    (b"SQLite format 3\x00", Kind("an SQLite database", _CONVERT, is_certain=True)),
    (b"%PDF-", Kind("PDF", _CONVERT, is_certain=True)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind("an old spreadsheet", _CONVERT, is_certain=True)),
    (b"\xff\xfe\x00\x00", Kind("UTF-32", _UTF8, is_certain=True)),
    (b"\x00\x00\xfe\xff", Kind("UTF-32", _UTF8, is_certain=True)),
    (b"\xff\xfe", Kind("UTF-16", _UTF8, is_certain=True)),
    (b"\xfe\xff", Kind("UTF-16", _UTF8, is_certain=True)),
    (
        b"\x1e",
        Kind("a JSON text sequence", "leave out its record separators, with `tr -d '\\036'`"),
    ),
    (b"<", Kind("XML or HTML", "look whether it is the page of an error, else convert it to JSON")),
    (b"{'", Kind("what Python prints", "write it with `json.dumps`")),
    (b"eyJ", Kind("base64", "decode it first")),
)
_PATTERNS: Final[tuple[tuple[re.Pattern[bytes], Kind], ...]] = (
    (
        re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
        Kind("bzip2", f"{_UNPACK}, with `bzip2 -dc` say", is_certain=True),
    ),
    (
        re.compile(rb".{257}ustar", re.DOTALL),
        Kind("a tar archive", f"{_UNPACK}, with `tar -xO` say", is_certain=True),
    ),
    (
        re.compile(rb"\x00{3}[\[{]\x00{3}[^\x00]|[\[{]\x00{3}[^\x00]\x00{3}"),
        Kind("UTF-32", _UTF8),
    ),
    (re.compile(rb"\x00[\[{]\x00[^\x00]|[\[{]\x00[^\x00]\x00"), Kind("UTF-16", _UTF8)),
    (re.compile(rb"\x00+\Z"), Kind("nothing but zeros", "get a fresh copy of it")),
    (
        re.compile(rb"\x03[\x00\x05].{16}", re.DOTALL),
        Kind("a record framed by the Glue schema registry", _PLAIN),
    ),
)
_FRAME: Final = 5

_MARK: Final = b"\xef\xbb\xbf"
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_TWO_OBJECTS: Final = re.compile(rb"\}[ \t]*\{[ \t]*\"")
_SEPARATORS: Final[Mapping[bytes, str]] = {
    b",": "commas",
    b";": "semicolons",
    b"\t": "tabs",
    b"|": "bars",
}
_SEVERAL: Final = 2
"""Separators that make a table of a single row."""


def recognise(beginning: bytes) -> Kind | None:
    """Return what bytes look like, None for what may be events or is not known.

    Only the first `BEGINNING` bytes are looked at.
    """
    looked_at = beginning[:BEGINNING]
    for look in (_signature, _framing, _json, _prefixed, _table):
        found = look(looked_at)
        if found is not None:
            return found
    return None


def _signature(content: bytes) -> Kind | None:
    text = content.removeprefix(_MARK).lstrip()
    for signature, kind in _SIGNATURES:
        if content.startswith(signature) or (not kind.is_certain and text.startswith(signature)):
            return kind
    return next((kind for pattern, kind in _PATTERNS if pattern.match(content)), None)


def _framing(content: bytes) -> Kind | None:
    """Recognise what the serialisers of a schema registry put before a record."""
    number = int.from_bytes(content[1:_FRAME], "big")
    if len(content) > _FRAME and content[0] == 0 and number:
        return Kind(f"a record framed by a schema registry (schema id {number})", _PLAIN)
    return None


def _json(content: bytes) -> Kind | None:
    text = content.removeprefix(_MARK).strip()
    if text.startswith(b"["):
        return Kind("a JSON array", "write one object a line, with `jq -c '.[]'` say")
    if text.startswith(b'"{'):
        return Kind("JSON in a JSON string", "encode it once, with `jq -c fromjson` say")
    return _objects(text) if text.startswith(b"{") else None


def _objects(text: bytes) -> Kind | None:
    first, *others = text.splitlines()
    found = _object(first)
    if found is not None:
        return _envelope(found)
    if others and _is_cut_off(first):
        return Kind("JSON over several lines", "write one object a line, with `jq -c .` say")
    if _TWO_OBJECTS.search(first):
        return Kind("several JSON objects in one line", "write one a line, with `jq -c .` say")
    if first.endswith(b",") and _object(first.removesuffix(b",")) is not None:
        return Kind("JSON with a comma after each object", "leave it out, with `sed 's/,$//'` say")
    return None


def _prefixed(content: bytes) -> Kind | None:
    """Recognise events behind a key, a time or a word, as consumers and logs print them.

    Their commas are those of the object, so this must come before tables are looked for.
    """
    first = content.removeprefix(_MARK).lstrip().partition(b"\n")[0]
    before, brace, rest = first.partition(b"{")
    found = _object(brace + rest) if before and brace else None
    if found is None or "account_id" not in found:
        return None
    remedy = "leave out what stands before the brace, with `sed 's/^[^{]*//'` say"
    return Kind("events behind something else in their lines", remedy)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _is_cut_off(line: bytes) -> bool:
    """Return whether a line is the first one of a printed object: it opens more than it closes."""
    end = line.rstrip()[-1:]
    return end in (b"{", b"[", b",") and line.count(b"{") > line.count(b"}")


def _envelope(found: dict[str, Any]) -> Kind | None:
    """Recognise what wraps an event; an event itself has a type, or at least an account."""
    if "account_id" in found:
        return None
    payload = found.get("payload")
    inside = payload if isinstance(payload, dict) else found
    if "op" in inside and ("after" in inside or "before" in inside):
        remedy = "unwrap it, with the transformation ExtractNewRecordState say"
        return Kind("the envelope of Debezium", remedy)
    if "schema" in found and "payload" in found:
        return Kind("JSON of Kafka Connect with its schema", "set `schemas.enable=false`")
    if "specversion" in found:
        return Kind("the envelope of CloudEvents", "send its `data` alone")
    for name, value in found.items():
        # A name that could be anything is not repeated: it comes from the file.
        is_event = isinstance(value, dict) and "account_id" in value
        if is_event and name.isidentifier() and name.isascii():
            return Kind("an envelope around events", f"unwrap it, with `jq -c .{name}` say")
    return None


def _table(content: bytes) -> Kind | None:
    """Recognise rows of columns: two of as many, or one of several."""
    lines = content.removeprefix(_MARK).splitlines()
    # Where there is more than was looked at, the last line was cut.
    rows = [line for line in (lines[:-1] if len(content) == BEGINNING else lines) if line.strip()]
    # An object has commas, too: what is wrong with it, its own refusal says.
    if not rows or rows[0].lstrip().startswith(b"{") or _CONTROL.search(rows[0]):
        return None
    separator = max(_SEPARATORS, key=rows[0].count)
    parted = rows[0].count(separator)
    # A quoted column may hold separators of its own: then the first row has to do.
    alike = len(rows) > 1 and (rows[1].count(separator) == parted or b'"' in rows[1])
    if parted >= _SEVERAL or (parted and alike):
        return Kind(f"CSV (columns parted by {_SEPARATORS[separator]})", _CONVERT)
    return None
