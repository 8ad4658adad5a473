"""Which group each agent belongs to, as their sales say."""

from collections.abc import Collection, Iterable
from typing import Final

from detectors.basis.identifiers import AgentId, GroupKind
from detectors.messages.groups import group_of
from detectors.messages.outcomes import Outcome

MembersState = dict[GroupKind, dict[AgentId, str]]


class Members:
    """The group of each kind in which an agent made the sale that was judged last.

    Parameters
    ----------
    kinds
        The kinds of groups.

    Attributes
    ----------
    of
        By kind the group of each agent; without those of whose sales none names a group.
    """

    def __init__(self, kinds: Collection[GroupKind]) -> None:
        self.of: Final[MembersState] = {kind: {} for kind in kinds}

    def learn(self, outcomes: Iterable[Outcome]) -> None:
        """Learn from outcomes in their order: the last one of an agent decides."""
        told = [outcome for outcome in outcomes if outcome.agent_id is not None]
        for kind, members in self.of.items():
            group = group_of[kind]
            for outcome in told:
                name = group(outcome)
                if name is not None and outcome.agent_id is not None:
                    members[outcome.agent_id] = name

    def restore(self, state: MembersState) -> None:
        """Restore what `of` was, into an object that is still empty."""
        for kind, members in state.items():
            self.of[kind].update(members)
