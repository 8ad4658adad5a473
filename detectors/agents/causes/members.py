"""Which group each agent belongs to, as their sales say."""

from collections.abc import Collection, Sequence
from typing import Final

from detectors.basis.identifiers import AgentId, GroupKind
from detectors.messages.outcome_columns import in_columns
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

    def learn(self, outcomes: Sequence[Outcome]) -> None:
        """Learn from outcomes in their order: the last one of an agent decides."""
        columns = in_columns(outcomes)
        for kind, members in self.of.items():
            told = zip(columns.agents, columns.groups(kind), strict=True)
            members.update(
                {who: name for who, name in told if who is not None and name is not None}
            )

    def keep(self, agents: Collection[AgentId]) -> None:
        """Forget all others."""
        for members in self.of.values():
            for who in members.keys() - set(agents):
                del members[who]

    def restore(self, state: MembersState) -> None:
        """Restore what `of` was, into an object that is still empty."""
        for kind, members in state.items():
            self.of[kind].update(members)
