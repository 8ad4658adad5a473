"""Content ids: the same content has the same id on every machine, in every run."""

from hashlib import blake2b

import msgspec


def content_id(*parts: str) -> str:
    """Return 24 hexadecimal digits (96 bits of BLAKE2b) of the parts, in their order."""
    digest = blake2b(digest_size=12)
    for part in parts:
        encoded = part.encode()
        # The length keeps ("ab", "c") apart from ("a", "bc").
        digest.update(len(encoded).to_bytes(4, "big"))
        digest.update(encoded)
    return digest.hexdigest()


def settings_id(settings: msgspec.Struct) -> str:
    """Return 16 hexadecimal digits that depend on every value in `settings`."""
    canonical = msgspec.json.encode(settings, order="deterministic")
    return blake2b(canonical, digest_size=8).hexdigest()
