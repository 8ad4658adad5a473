"""Metrics of the whole market: what is told of nobody, because all do it."""

from collections.abc import Mapping
from typing import Final

from detectors.basis.event_time import start_of_day
from detectors.basis.identifiers import PatternName
from detectors.peers.bad_market import Market
from streams.metrics.instruments import Instruments


class MarketMetrics(Instruments):
    """Says how bad the market is beside its own past."""

    def __init__(self) -> None:
        super().__init__()
        self._level: Final = self.gauge(
            "aboveboard_market_level",
            "Bad outcomes lately, over what the rates over all time lead one to expect.",
            "pattern",
            "partition",
        )
        self._bad_since: Final = self.gauge(
            "aboveboard_market_bad_since_timestamp_seconds",
            "Event time since when the whole market has been bad, 0 while it is as always.",
            "pattern",
            "partition",
        )

    def markets(self, partition: int, markets: Mapping[PatternName, Market]) -> None:
        """Set the level of every market, and since when it has been bad."""
        for pattern, market in markets.items():
            bad = market.bad
            since = 0.0 if bad is None else start_of_day(bad.since)
            self._level.labels(pattern, str(partition)).set(market.level)
            self._bad_since.labels(pattern, str(partition)).set(since)
