"""One agent under several spellings or ids, and words that mean nobody: read as the settings say.

Only ids of agents are spelt anew. An account is the key of its events: Kafka has placed a record by
its bytes before anybody could spell them otherwise.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from unicodedata import normalize

from msgspec import structs

from detectors.basis.identifiers import AgentId
from detectors.events.event import AccountMerged, AgentMerged, AnyEvent

SPACES: Final = (
    " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000"
)
"""What is left off at both ends; all that Unicode calls a space and that an id may hold."""

_LONGEST: Final = 256  # as `detectors.events.event.Identifier`

NOTHING_MERGED: Final[Mapping[str, str]] = {}


class Spelling:
    """Spells ids of agents; what it returns it leaves as it is.

    Unicode promises that characters which have a form and a folding keep them, so all releases of
    Python agree on ids of characters that they know.

    Parameters
    ----------
    nobody
        Words that mean no agent, in any spelling.
    merged
        Ids of agents who have another one, each with that other one, in any spelling.
    trims, composes, folds
        Whether ids are the same agent that differ in spaces around them, in the form of their
        letters (NFC of the Unicode Standard, annex 15), and in capital letters (its full folding).

    Attributes
    ----------
    merged
        The same, each with the one that counts, however many merges lie between.

    Raises
    ------
    ValueError
        If an id is merged into two, in a circle, or from or into nobody.
    """

    def __init__(
        self,
        nobody: Iterable[str] = (),
        merged: Mapping[str, str] = NOTHING_MERGED,
        *,
        trims: bool,
        composes: bool,
        folds: bool,
    ) -> None:
        self.trims: Final = trims
        self.folds: Final = folds
        self._composes: Final = composes
        self.nobody: Final = frozenset(map(self._spelt, nobody))
        self.merged: Final = self._resolved(merged)

    def agent(self, agent_id: AgentId | None) -> AgentId | None:
        """Return an agent as they are spelt everywhere, or that it is nobody."""
        if agent_id is None:
            return None
        spelt = self._spelt(agent_id)
        if not spelt or spelt in self.nobody:
            return None
        return AgentId(self.merged.get(spelt, spelt))

    def event(self, event: AnyEvent) -> AnyEvent:
        """Return an event with its agent spelt so."""
        if isinstance(event, AccountMerged):
            return event
        agent_id = self.agent(event.agent_id)
        if isinstance(event, AgentMerged):
            into = self.agent(event.into_agent_id)
            if agent_id is None or into is None:  # nobody is merged into itself: that says nothing
                agent_id = into = event.agent_id
            return structs.replace(event, agent_id=agent_id, into_agent_id=into)
        return event if agent_id == event.agent_id else structs.replace(event, agent_id=agent_id)

    def _resolved(self, merged: Mapping[str, str]) -> dict[str, str]:
        """Return for each id that is merged the one that counts."""
        into: dict[str, str] = {}
        for one, other in merged.items():
            old, new = self._spelt(one), self._spelt(other)
            for spelt in (old, new):
                if not spelt or spelt in self.nobody:
                    raise ValueError(f"`merged` names {spelt!r}, which means nobody")
            if into.setdefault(old, new) != new:
                raise ValueError(f"`merged` names two agents for {old!r}: {into[old]!r}, {new!r}")
        return {old: _end(into, old) for old in into}

    def _spelt(self, text: str) -> str:
        spelt = text
        if self.folds:
            if self._composes:
                spelt = normalize("NFD", spelt)  # some letters fold otherwise than their parts
            spelt = spelt.casefold()
        if self._composes:
            spelt = normalize("NFC", spelt)
        if self.trims:
            spelt = spelt.strip(SPACES)
        # A letter may become three. Cut off, two agents would be one; so it stays as it is.
        return text if len(spelt) > _LONGEST else spelt


def _end(into: Mapping[str, str], old: str) -> str:
    """Return where the merges of an id end.

    Raises
    ------
    ValueError
        If they do not.
    """
    passed, now = {old}, into[old]
    while now in into and now not in passed:
        passed.add(now)
        now = into[now]
    if now in passed:
        raise ValueError(f"`merged` leads from {old!r} back to {now!r}: one id has to stay")
    return now
