"""Metrics of what cannot be seen, and of what is left out for it."""

from collections.abc import Iterable, Mapping
from typing import Final

from detectors.basis.event_time import start_of_day
from detectors.basis.identifiers import PatternName
from detectors.sight.stretch import EVERYWHERE, KINDS, Stretch
from streams.metrics.instruments import Instruments


class SightMetrics(Instruments):
    """Says which kinds of events cannot be seen."""

    def __init__(self) -> None:
        super().__init__()
        self._blind_since: Final = self.gauge(
            "aboveboard_blind_since_timestamp_seconds",
            "Event time since when events of a kind cannot be seen at all, 0 while they can.",
            "kind",
            "partition",
        )
        self._blind_sites: Final = self.gauge(
            "aboveboard_blind_sites",
            "Sites of which events of a kind cannot be seen now.",
            "kind",
            "partition",
        )
        self._left_out: Final = self.gauge(
            "aboveboard_left_out_outcomes",
            "Outcomes left out because what they rest on could not be seen, by pattern.",
            "pattern",
            "partition",
        )
        self._untold: Final = self.gauge(
            "aboveboard_untold_accounts",
            "Accounts of which nothing is told because it could not be seen, by pattern.",
            "pattern",
            "partition",
        )

    def blind(self, partition: int, stretches: Iterable[Stretch]) -> None:
        """Set what cannot be seen, as one agents partition knows it; all know the same."""
        lasting = [stretch for stretch in stretches if stretch.until is None]
        for kind in KINDS:
            own = [stretch for stretch in lasting if stretch.kind == kind]
            since = [start_of_day(one.since) for one in own if one.site == EVERYWHERE]
            self._blind_since.labels(kind, str(partition)).set(min(since, default=0.0))
            self._blind_sites.labels(kind, str(partition)).set(len(own) - len(since))

    def left_out(self, partition: int, counts: Mapping[PatternName, int]) -> None:
        """Set how many outcomes of the agents of a partition were left out, by pattern."""
        for pattern, number in counts.items():
            self._left_out.labels(pattern, str(partition)).set(number)

    def untold(self, partition: int, counts: Mapping[PatternName, int]) -> None:
        """Set of how many accounts of a partition nothing is told for that, by pattern."""
        for pattern, number in counts.items():
            self._untold.labels(pattern, str(partition)).set(number)
