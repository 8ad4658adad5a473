"""Metrics of what is bounded: how much of each limit is used, and what lies beyond it."""

from collections.abc import Mapping
from typing import Final

from detectors.basis.identifiers import GroupKind
from detectors.peers.stage import Peers
from streams.metrics.instruments import Instruments


class LimitMetrics(Instruments):
    """Says how near the limits of agents, groups and cells are."""

    def __init__(self) -> None:
        super().__init__()
        self._used: Final = self.gauge(
            "aboveboard_limit_used_ratio",
            "Share of a limit that is used; beyond a half only who is frequent gets a place.",
            "limit",
            "partition",
        )
        self._known_agents: Final = self.gauge(
            "aboveboard_known_agents", "Agents who are judged, of all partitions.", "partition"
        )
        self._cells: Final = self.gauge(
            "aboveboard_cells", "Cells of which totals are kept, of all patterns.", "partition"
        )
        self._unjudged: Final = self.gauge(
            "aboveboard_unjudged_outcomes",
            "Outcomes of agents beyond limits.most_agents, which were not judged.",
            "partition",
        )
        self._unjudged_groups: Final = self.gauge(
            "aboveboard_unjudged_group_outcomes",
            "Outcomes of sites and teams beyond limits.most_groups, which were not judged.",
            "kind",
            "partition",
        )
        self._crowded: Final = self.gauge(
            "aboveboard_crowded_values",
            "Payers, contacts and the like of too many sales to be looked at, by field, so far.",
            "field",
            "partition",
        )

    def limits(self, partition: int, peers: Peers) -> None:
        """Set how much of the limits is used, as the peers stage knows it."""
        number = str(partition)
        self._known_agents.labels(number).set(peers.agents)
        self._cells.labels(number).set(peers.room.cells)
        self._used.labels("most_agents", number).set(peers.agents / peers.most)
        self._used.labels("most_groups", number).set(peers.groups_used)
        self._used.labels("largest_review", number).set(peers.room.share)

    def unjudged(self, partition: int, outcomes: int) -> None:
        """Set how many outcomes of an agents partition were not judged."""
        self._unjudged.labels(str(partition)).set(outcomes)

    def unjudged_groups(self, partition: int, outcomes: Mapping[GroupKind, int]) -> None:
        """Set how many outcomes of groups were not judged, by kind."""
        for kind, number in outcomes.items():
            self._unjudged_groups.labels(kind, str(partition)).set(number)

    def crowded(self, partition: int, values: Mapping[str, int]) -> None:
        """Set how many values had too many sales, by the field that holds them."""
        for field, number in values.items():
            self._crowded.labels(field, str(partition)).set(number)
