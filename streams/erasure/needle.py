"""Whether a record holds the id of an account, whatever form its bytes have.

A text holds an id where it stands by itself: not beside a letter, a digit, ``_`` or ``-``, which
would make it another id. So 7 is found neither in 17 nor in 7-b.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

import msgspec

from streams.wire.record import KafkaRecord
from streams.wire.texts import texts_in

_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""Text that is no UTF-8, and nesting without end, are no errors of msgspec's own."""

_ESCAPE: Final = b"\\"
_ZERO: Final = b"\0"
_WIDE: Final = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
"""How text may be written that was refused, since it is no UTF-8."""


class Needle:
    """The id that is looked for.

    Parameters
    ----------
    account_id
        As events spell it.
    """

    def __init__(self, account_id: str) -> None:
        self.account_id: Final = account_id
        self._bytes: Final = account_id.encode()
        self._alone: Final = re.compile(rf"(?<![\w-]){re.escape(account_id)}(?![\w-])")

    def in_text(self, text: str) -> bool:
        """Return whether a text holds the id."""
        return self.account_id in text and self._alone.search(text) is not None

    def in_bytes(self, content: bytes | None) -> bool:
        """Return whether bytes that people or sources wrote hold it: JSON, or any text."""
        if not content:
            return False
        if _ESCAPE in content:  # JSON may spell any letter as an escape
            try:
                return self.among(texts_in(msgspec.json.decode(content)))
            except _UNREADABLE:
                pass
        if _ZERO in content and any(
            self.in_text(content.decode(form, errors="replace")) for form in _WIDE
        ):
            return True
        if self._bytes not in content:
            return False
        return self.in_text(content.decode(errors="surrogateescape"))

    def in_packed(self, content: bytes) -> bool:
        """Return whether MessagePack holds it; of bytes that are none, whether they contain it."""
        if self._bytes not in content:
            return False
        try:
            found = msgspec.msgpack.decode(content)
        except _UNREADABLE:
            return True
        # A number alone is how nearly any bytes can be read.
        return self.among(texts_in(found)) if isinstance(found, dict | list) else True

    def among(self, texts: Iterable[str | bytes]) -> bool:
        """Return whether one of some texts, or of some bytes in a message, holds it."""
        return any(
            self.in_text(text) if isinstance(text, str) else self.in_packed(text) for text in texts
        )

    def in_record(self, record: KafkaRecord) -> bool:
        """Return whether a record that is no message between stages holds it: anywhere in it."""
        return (
            self.in_bytes(record.key)
            or self.in_bytes(record.value)
            or any(self._in_header(content) for _, content in record.headers if content)
        )

    def _in_header(self, content: bytes) -> bool:
        if content.isdigit():  # a partition, an offset, a line
            return False
        # Subjects of CloudEvents are percent-encoded.
        text = content.decode(errors="replace")
        return self.in_text(text) or self.in_text(unquote(text))
