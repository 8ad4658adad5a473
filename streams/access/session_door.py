"""Mode ``oidc`` for people: a session of theirs, or else a token as programs bring it."""

from typing import Final

from streams.access.code_flow import CodeFlow
from streams.access.person import Caller, Door, Person
from streams.access.sessions import Sessions
from streams.errors import AccessRefused


class SessionDoor:
    """Knows people by a cookie, and programs by what another door knows them by.

    Parameters
    ----------
    programs
        Knows those who bring the header Authorization.
    sessions
        Who has logged in.
    flow
        How people log in.
    secure
        Whether browsers come by TLS.

    Attributes
    ----------
    cookie
        Its name: with ``__Host-``, no neighbour of the desk can set it, nor anybody in clear text.
    """

    def __init__(self, programs: Door, sessions: Sessions, flow: CodeFlow, *, secure: bool) -> None:
        self._programs: Final = programs
        self.sessions: Final = sessions
        self.flow: Final = flow
        self.secure: Final = secure
        self.cookie: Final = "__Host-aboveboard" if secure else "aboveboard"

    async def person(self, caller: Caller) -> Person:
        """Return who it is; errors as `Door.person`."""
        if caller.header("Authorization") is not None:
            return await self._programs.person(caller)
        session_id = cookie_of(caller.header("Cookie"), self.cookie)
        if session_id is None:
            raise AccessRefused(401, "log in at /login; programs: Authorization: Bearer TOKEN")
        found = self.sessions.person(session_id, by_itself=caller.by_itself)
        if found is None:
            raise AccessRefused(401, "your session has ended: log in again")
        return found


def cookie_of(header: str | None, name: str) -> str | None:
    """Return the value of a cookie; None if it is not there.

    Raises
    ------
    AccessRefused
        It is there twice: one of them is not ours.
    """
    pairs = [part.strip().partition("=") for part in (header or "").split(";")]
    found = [value for known, sign, value in pairs if known == name and sign]
    if len(found) > 1:
        raise AccessRefused(
            400, f"the cookie {name} is there {len(found)} times: clear the cookies of this site"
        )
    return found[0] if found else None
