"""Sessions of people who have logged in: known to this process alone, and they end.

A session is opened by a random id, which only the browser has: kept here is its SHA-256. Method and
times: OWASP Session Management Cheat Sheet; NIST SP 800-63B, section 7.2.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from streams.access.person import Person

MOST_OF_ONE_PERSON: Final = 10
"""Whoever logs in once more ends their oldest one."""


class _Session(NamedTuple):
    person: Person
    begun_at: float
    used_at: float


class Sessions:
    """Who has logged in.

    Parameters
    ----------
    idle
        Seconds without a request of theirs after which a session ends.
    longest
        Seconds after which it ends in any case.
    clock
        Gives seconds.
    """

    def __init__(
        self, idle: float, longest: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._idle: Final = idle
        self._longest: Final = longest
        self._clock: Final = clock
        self._open: Final[dict[str, _Session]] = {}

    def __len__(self) -> int:
        """Return how many are kept, ended ones that nobody asked for among them."""
        return len(self._open)

    def begin(self, person: Person) -> str:
        """Begin a session; return the id that opens it, which is kept nowhere else."""
        now = self._clock()
        for name in [name for name, one in self._open.items() if self._has_ended(one, now)]:
            del self._open[name]
        theirs = [name for name, one in self._open.items() if one.person.login == person.login]
        for name in theirs[: max(0, len(theirs) - MOST_OF_ONE_PERSON + 1)]:
            del self._open[name]  # the oldest: they stand in the order in which they began
        session_id = secrets.token_urlsafe(32)
        name = _name_of(session_id)
        self._open[name] = _Session(person._replace(session=name), now, now)
        return session_id

    def person(self, session_id: str, *, by_itself: bool = False) -> Person | None:
        """Return whose session this is; None if there is none, or it has ended.

        What a page asks for by itself does not keep a session going.
        """
        name, now = _name_of(session_id), self._clock()
        found = self._open.get(name)
        if found is None:
            return None
        if self._has_ended(found, now):
            del self._open[name]
            return None
        if not by_itself:
            self._open[name] = found._replace(used_at=now)
        return found.person

    def end(self, person: Person) -> None:
        """End the session in which this person was known."""
        self._open.pop(person.session, None)

    def _has_ended(self, session: _Session, now: float) -> bool:
        return now - session.used_at >= self._idle or now - session.begun_at >= self._longest


def _name_of(session_id: str) -> str:
    return hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()
