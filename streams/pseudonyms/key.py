"""The key of pseudonyms, from the file that the environment names."""

from typing import Final

from streams.config.host import HostSettings, variable
from streams.errors import InvalidPseudonymKey
from streams.pseudonyms.cipher import KEY_BYTES, Pseudonyms

_VARIABLE: Final = variable("pseudonym_key_file")


def pseudonyms_of(settings: HostSettings) -> Pseudonyms:
    """Return the pseudonyms under the key of the host.

    Raises
    ------
    InvalidPseudonymKey
        No file is named, it cannot be read, or it holds something else.
    """
    path = settings.pseudonym_key_file
    how = f"Make one with `openssl rand -hex {KEY_BYTES}`, and name its file in {_VARIABLE}"
    if path is None:
        raise InvalidPseudonymKey(f"pseudonyms need a key. {how}")
    try:
        key = bytes.fromhex(path.read_bytes().decode("ascii").strip())
    except OSError as error:
        raise InvalidPseudonymKey(f"{_VARIABLE}: cannot read {path}: {error.strerror}") from None
    except ValueError:  # whose message would show a part of the file
        key = b""
    if len(key) != KEY_BYTES:
        raise InvalidPseudonymKey(
            f"{_VARIABLE}: {path} does not hold {2 * KEY_BYTES} hexadecimal digits and nothing "
            f"else. {how}"
        )
    return Pseudonyms(key)
