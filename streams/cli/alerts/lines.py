"""An alert in one line: for people, and as JSON."""

from typing import Final

from detectors.alerts.alert import Alert
from streams.printable import printable

_BLANKS: Final = frozenset("\t\n\r")
_BASIC: Final = 0x10000


def line_of(alert: Alert) -> str:
    """Return the line for people: id, when, how severe, about whom, what, status and the sentence.

    Last comes what the events lack on which it rests.
    """
    lacking = "".join(f"  [{sentence}]" for sentence in alert.data_quality or ())
    subject = f"{alert.subject.type} {alert.subject.id}"
    return printable(
        f"{alert.alert_id}  {alert.opened_at:%Y-%m-%d %H:%M}  {alert.severity:<8}  "
        f"{subject:<20}  {alert.pattern:<18}  {alert.status:<9}  {alert.summary}{lacking}"
    )


def json_line(value: bytes) -> bytes:
    """Return the JSON of a record as it is stored, on one line, and safe to print.

    A character that does not print is escaped, as JSON allows: the value stays the same.
    """
    text = value.decode(errors="replace")  # in fields that nobody reads, anything may stand
    return (text if text.isprintable() else "".join(map(_escaped, text))).encode()


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    if character in _BLANKS:  # between two parts of the JSON: none may stand in a text
        return " "
    code = ord(character)
    if code < _BASIC:
        return f"\\u{code:04x}"
    high, low = divmod(code - _BASIC, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
