"""Numbers drawn for sales, which nobody without the key can foretell."""

from hashlib import blake2b
from typing import Final

from detectors.basis.identifiers import AccountId, SaleId

_BYTES: Final = 8
_ONE: Final = 2.0**53


class Draw:
    """Draws one number for each sale: the same for one key, whatever else is known of the sale.

    It is the keyed hash BLAKE2b (RFC 7693) of both ids. Whoever chooses ids cannot choose numbers.

    Parameters
    ----------
    key
        The secret.
    """

    def __init__(self, key: str) -> None:
        self._key: Final = blake2b(key.encode()).digest()

    def __repr__(self) -> str:
        """Return no word of the key."""
        return "Draw()"

    def number(self, sale_id: SaleId, account_id: AccountId) -> float:
        """Return the number of a sale: uniform in [0, 1), a multiple of 2^-53."""
        text = f"sale\0{sale_id}\0{account_id}.".encode()
        digest = blake2b(text, digest_size=_BYTES, key=self._key).digest()
        return (int.from_bytes(digest, "little") >> 11) / _ONE

    def mark(self) -> str:
        """Return 16 hexadecimal digits that tell two keys apart, and nothing of either."""
        return blake2b(b"mark", digest_size=_BYTES, key=self._key).hexdigest()
