"""Settings of what is judged beside agents: the groups that they belong to."""

from typing import Annotated

from msgspec import Meta, Struct

from detectors.basis.identifiers import GROUP_KINDS, GroupKind


class GroupSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which groups of agents are judged as agents are, each against the others of its kind.

    ``site``, ``team``: whether those of the sales are. ``false_alarms_per_1000_group_years``: the
    budget of warnings of each kind, over all patterns together. ``fewest_others``: with how many
    others of its kind a group is judged; with fewer it is not, and counted as such.
    """

    site: bool = True
    team: bool = True
    false_alarms_per_1000_group_years: Annotated[float, Meta(gt=0, le=1e12)] = 10.0
    fewest_others: Annotated[int, Meta(ge=1, le=1_000)] = 1

    @property
    def enabled(self) -> bool:
        """Whether any kind of groups is judged."""
        return bool(self.kinds)

    @property
    def kinds(self) -> tuple[GroupKind, ...]:
        """The kinds of groups that are judged."""
        return tuple(kind for kind in GROUP_KINDS if getattr(self, kind))
