"""A person as the server knows them, and what a request brings to say who it is."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from detectors.cases.person import is_clear_login
from detectors.events.decision import Role
from streams.config.desk import Mode
from streams.errors import AccessRefused

_LONGEST_LOGIN: Final = 256
"""Of an identifier, as a decision takes it."""


class Person(NamedTuple):
    """Who is there: their login, their role, and by what they are known.

    ``session`` names the session in which they logged in, and does not open it; empty without one.
    """

    login: str
    role: Role
    mode: Mode
    session: str = ""


class Caller(NamedTuple):
    """What a request brings along.

    ``address`` is that of the other end of the connection, ``headers`` are all, repeated ones too,
    ``certificate`` is what the client has shown and our TLS has verified, None without one.
    ``by_itself`` is what an open page may have asked for without anybody before it.
    """

    address: str
    headers: Sequence[tuple[str, str]]
    certificate: Mapping[str, Any] | None
    by_itself: bool = False

    def header(self, name: str) -> str | None:
        """Return the value of a header that may be there once; None without it.

        Raises
        ------
        AccessRefused
            It is there twice: two programs would each believe another one.
        """
        found = [value for known, value in self.headers if known.lower() == name.lower()]
        if len(found) > 1:
            raise AccessRefused(400, f"the header {name} is there {len(found)} times: send one")
        return found[0] if found else None


class Door(Protocol):
    """Tells who a caller is."""

    async def person(self, caller: Caller) -> Person:
        """Return the person.

        Raises
        ------
        AccessRefused
            Nobody whom we know: says why, and the remedy.
        """


def known_person(login: object, role: Role, mode: Mode) -> Person:
    """Return a person under this login.

    Raises
    ------
    AccessRefused
        The login could be taken for another's, or is none: no decision of theirs would count.
    """
    if not isinstance(login, str) or not 0 < len(login) <= _LONGEST_LOGIN:
        raise AccessRefused(403, f"there is no login of 1 to {_LONGEST_LOGIN} characters")
    if not login.isprintable() or login != login.strip() or not is_clear_login(login):
        raise AccessRefused(
            403, "the login has no letters, mixes alphabets, or holds what nobody sees"
        )
    return Person(login, role, mode)
