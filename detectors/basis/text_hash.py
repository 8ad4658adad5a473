"""Hashes of texts: the same on every machine, and small enough for arrays.

All are remainders of the text, read as one large integer, by a prime of 60 bits: numbers below
2**60, of which two differ for two texts but for a chance of about one in 10**18. They are cheap
(0.3 to 0.5 µs) and no secret: `detectors.basis.content_id` has ids that nobody can forge.
"""

from collections.abc import Iterable
from struct import Struct
from typing import Final

from detectors.basis.identifiers import AccountId, SaleId

PRIME: Final = 1_056_036_430_917_876_491
"""Far from every power of two, so that characters at some distance cannot make up for others."""

_amount: Final = Struct("<d").pack
_number: Final = int.from_bytes


# Both texts end in a full stop: the last character is the highest digit, and if it could be zero,
# texts that differ by zeros at the end would be one number.


def sale_hash(sale_id: SaleId, account_id: AccountId) -> int:
    """Return the hash of a sale; neighbouring ids have hashes far apart."""
    return _number(f"{sale_id}\0{account_id}.".encode(), "little") % PRIME


def sale_hashes(sales: Iterable[tuple[SaleId, AccountId]]) -> list[int]:
    """Return the `sale_hash` of each sale and its account, faster than one by one."""
    number, prime = _number, PRIME
    return [
        number(f"{sale_id}\0{account_id}.".encode(), "little") % prime
        for sale_id, account_id in sales
    ]


def batch_number(customer_id: str, product: str, amount: float) -> int:
    """Return a number that is equal for sales that were identical when they were made; never 0."""
    text = f"{product}\0{customer_id}.".encode()
    return _number(_amount(amount) + text, "little") % PRIME or 1


def customer_hash(customer_id: str) -> int:
    """Return the hash of a customer; never 0."""
    return _number(f"{customer_id}.".encode(), "little") % PRIME or 1


def word_number(word: str) -> float:
    """Return a number for a word, exact as a real one; two words have two but for chance."""
    return float((_number(f"{word}.".encode(), "little") % PRIME) >> 8)


def contact_hash(field: str, value: str) -> int:
    """Return the hash of the value of a field, such as that of an address; never 0."""
    return _number(f"{field}\0{value}.".encode(), "little") % PRIME or 1
