"""Events with pseudonyms in the place of ids; all else stays as it was sent, byte for byte."""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Raw

from streams.errors import NotHidden
from streams.pseudonyms.cipher import Pseudonyms

KINDS: Final[Mapping[str, str]] = {
    "account_id": "account",
    "counterparty_account_id": "account",
    "into_account_id": "account",
    "customer_id": "customer",
    "email_hash": "email",
    "phone_hash": "phone",
    "address_hash": "address",
    "payer_hash": "payer",
}
"""Fields that name a customer or their account, with the kind of their pseudonyms.

Agents are not among them: people have to talk with whoever an alert is about. Hashes are: one of an
address or a telephone number is found by trying all of them.
"""

_decode: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_encode: Final = msgspec.json.encode
_text: Final = msgspec.json.Decoder(str | None).decode


class EventHider:
    """Replaces the ids in lines of events.

    Parameters
    ----------
    pseudonyms
        Under the key.
    also
        Further fields, each a kind of its own.
    """

    def __init__(self, pseudonyms: Pseudonyms, also: tuple[str, ...] = ()) -> None:
        self._pseudonyms: Final = pseudonyms
        self._kinds: Final = {**KINDS, **{name: _kind_of(name) for name in also}}

    def hidden(self, line: bytes) -> bytes:
        """Return a line with pseudonyms.

        Raises
        ------
        NotHidden
            It is no object of JSON, or an id in it is no text, or too long.
        """
        try:
            event = _decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise NotHidden(f"no object of JSON ({error})") from None
        for name in self._kinds.keys() & event.keys():
            try:
                text = _text(event[name])
                if text:
                    event[name] = Raw(_encode(self._pseudonyms.of(self._kinds[name], text)))
            except (msgspec.MsgspecError, ValueError) as error:
                raise NotHidden(f"{name}: {error}") from None
        return _encode(event)


def _kind_of(field: str) -> str:
    """Return a kind for a field, whose name has letters and underscores."""
    return field.removesuffix("_id").replace("_", "")
