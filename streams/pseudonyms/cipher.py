"""A pseudonym is the id itself, enciphered: who holds the key needs no table to turn it back.

The cipher is AES-SIV (RFC 5297), which is deterministic: one id has one pseudonym under a key, so
that events of one account still meet, and two ids never share one, since each can be turned back.
It is authenticated: a pseudonym that was changed, or made under another key, is recognised. A keyed
hash would need a table to be turned back, and the table would be what has to be protected.

What stays visible is which pseudonyms are equal, and of what kind. The length of an id is hidden in
steps of 16 bytes. Letters are those of base32 in lower case: systems that change case or form leave
them as they are.
"""

import re
from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from streams.errors import InvalidPseudonymKey

KEY_BYTES: Final = 64
"""Of AES-256: half of them authenticate."""

LONGEST: Final = 256
"""Characters that an id of an event may have."""

_FORM: Final = re.compile(r"pn1\.([a-z]+)\.([a-z2-7]{52,})")
_BLOCK: Final = 16
_END: Final = b"\x80"
_QUANTUM: Final = 8
"""Letters of base32 that are a whole number of bytes."""


class Pseudonyms:
    """Turns ids into pseudonyms, and back.

    Parameters
    ----------
    key
        `KEY_BYTES` random bytes.

    Raises
    ------
    InvalidPseudonymKey
        The key has another length.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise InvalidPseudonymKey(f"a key has {KEY_BYTES} bytes, this one has {len(key)}")
        self._cipher: Final = AESSIV(key)

    def of(self, kind: str, text: str) -> str:
        """Return the pseudonym of an id; one that is a pseudonym already stays.

        Parameters
        ----------
        kind
            Whose id it is, in small letters: equal ids of two kinds have unlike pseudonyms.
        text
            The id.

        Raises
        ------
        ValueError
            The pseudonym would be longer than the id of an event may be.
        """
        if self.reveal(text) is not None:
            return text
        padded = text.encode() + _END
        padded += bytes(-len(padded) % _BLOCK)
        letters = b32encode(self._cipher.encrypt(padded, [kind.encode()])).decode()
        pseudonym = f"pn1.{kind}.{letters.rstrip('=').lower()}"
        if len(pseudonym) > LONGEST:
            raise ValueError("its pseudonym would be longer than an id may be")
        return pseudonym

    def reveal(self, text: str) -> str | None:
        """Return the id behind a pseudonym; None if the text is none under this key."""
        found = _FORM.fullmatch(text)
        return None if found is None else self._turned_back(found)

    def revealed(self, text: str, written: Callable[[str], str]) -> str:
        """Return a text with every pseudonym in it turned back; others stay as they are.

        Parameters
        ----------
        text
            Any text.
        written
            Writes an id, which may hold anything, as such a text may hold it.
        """

        def turned(found: re.Match[str]) -> str:
            known = self._turned_back(found)
            return found[0] if known is None else written(known)

        return _FORM.sub(turned, text)

    def _turned_back(self, found: re.Match[str]) -> str | None:
        letters = found[2].upper()
        try:
            sealed = b32decode(letters + "=" * (-len(letters) % _QUANTUM))
            padded = self._cipher.decrypt(sealed, [found[1].encode()])
            text, end, _ = padded.rpartition(_END)
            return text.decode() if end else None
        except (InvalidTag, NotBase32, UnicodeDecodeError):
            return None
