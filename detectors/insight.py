"""What the stages of one process tell of themselves, for whoever shows a run."""

from collections.abc import Mapping

from detectors.agents.alerting.not_judged import Unjudged
from detectors.agents.stage import Agents
from detectors.basis.identifiers import AgentId, GroupKind, PatternName
from detectors.keys.stage import Keys
from detectors.ledger.matches import MatchCounts
from detectors.ledger.stage import Ledger
from detectors.messages.outcomes import ShadowCount, Spread
from detectors.peers.bad_market import Market
from detectors.peers.room import Room
from detectors.peers.stage import Peers
from detectors.sight.stretch import Stretch


class Insight:
    """Counts of the stages, for whoever shows a run.

    Parameters
    ----------
    ledger, keys, agents, peers
        The stages; `keys` is None where no pattern looks across accounts.
    """

    def __init__(self, ledger: Ledger, keys: Keys | None, agents: Agents, peers: Peers) -> None:
        self._ledger = ledger
        self._keys = keys
        self._agents = agents
        self._peers = peers

    def matches(self) -> MatchCounts:
        """Return which of the facts that are forgotten met what they belong to."""
        return self._ledger.matches.counts

    def shadow(self) -> dict[PatternName, ShadowCount]:
        """Return what the shadow null has counted, by pattern; empty without it."""
        return self._agents.shadow()

    def spread(self) -> dict[PatternName, Spread]:
        """Return how much honest agents differ, and the tempering, by pattern."""
        return self._agents.spread()

    def unseen(self) -> list[Stretch]:
        """Return when something could not be seen that a pattern asks for."""
        return self._agents.believed.stretches()

    def left_out(self) -> Mapping[PatternName, int]:
        """Count the outcomes that were left out, for what they rest on could not be seen."""
        return self._agents.screen.left_out

    def untold(self) -> Mapping[PatternName, int]:
        """Count the accounts of which nothing is told, for the same reason."""
        return self._agents.believed.untold

    def groups_not_judged(self) -> dict[GroupKind, int]:
        """Count the groups that are not judged, because there are too few others of their kind."""
        return self._agents.groups.not_judged()

    def incomparable(self) -> dict[PatternName, dict[AgentId, Unjudged]]:
        """Return who is not judged at present, and why, by tier."""
        return {tier.name: tier.not_judged() for tier in self._agents.tiers}

    def markets(self) -> Mapping[PatternName, Market]:
        """Return what is known of the whole market, by pattern."""
        return self._peers.markets

    @property
    def room(self) -> Room:
        """The room that cells take of a review."""
        return self._peers.room

    @property
    def known_agents(self) -> int:
        """How many agents are judged."""
        return self._peers.agents

    @property
    def not_judged(self) -> int:
        """How many outcomes were not judged, because there were too many agents."""
        return self._agents.roster.not_judged

    def crowded(self) -> Mapping[str, int]:
        """Count the payers, contacts and the like of too many sales to be looked at, by field."""
        return {} if self._keys is None else self._keys.crowded

    def groups_without_place(self) -> dict[GroupKind, int]:
        """Count the outcomes of groups that are not judged, because there are too many groups."""
        return self._agents.groups.without_place()

    def held_back(self) -> dict[PatternName, int]:
        """Count the agents of whom, on some day, their group was told instead, by tier."""
        return self._agents.causes.ever_held_back()
