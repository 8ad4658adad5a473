"""The whole market by every pattern: whether it has turned bad."""

from collections.abc import Mapping
from typing import Final

from detectors.basis.event_time import Day
from detectors.basis.identifiers import PatternName
from detectors.messages.outcomes import Spread
from detectors.patterns.early import is_early, mature_name
from detectors.peers.bad_market import Market, threshold
from detectors.peers.population import Population
from detectors.settings import Settings


class Markets:
    """Watches the market of each pattern that judges agents.

    Parameters
    ----------
    settings
        All settings.

    Attributes
    ----------
    state
        What is known, by pattern.
    """

    def __init__(self, settings: Settings) -> None:
        patterns = settings.patterns
        judged = len((*patterns.enabled(), *patterns.early_tiers()))
        self._threshold: Final = threshold(judged)
        self.state: dict[PatternName, Market] = {}

    def add(
        self,
        day: Day,
        populations: Mapping[PatternName, Population],
        spreads: Mapping[PatternName, Spread],
    ) -> None:
        """Take in a day that all `populations` have reviewed; `spreads` are those in force."""
        for name, population in populations.items():
            if population.newest is not None:
                mature = spreads[mature_name(name) if is_early(name) else name]
                tempering = min(mature.tempering, spreads.get(name, mature).tempering)
                market = self.state.setdefault(name, Market())
                market.add(day, population.newest, tempering, self._threshold)
