"""What the summary says of the whole market: whether it has turned bad."""

from collections.abc import Iterator, Mapping

from detectors.basis.event_time import day_name
from detectors.basis.identifiers import PatternName
from detectors.peers.bad_market import Market


def market_lines(markets: Mapping[PatternName, Market]) -> Iterator[str]:
    """Yield when the market of each pattern was bad, since when and until when."""
    told = {pattern: market for pattern, market in sorted(markets.items()) if market.told}
    if not told:
        return
    yield "The whole market turned bad: nobody is accused of what all do at once"
    for pattern, market in told.items():
        for finding in market.told:
            since, told_on = day_name(finding.since), day_name(finding.told_on)
            if finding.until is None:
                times = f"lately {market.level:.1f} times the bad outcomes of its own past"
                yield f"  {pattern}: since {since} (found {told_on}); {times}"
            else:
                until = day_name(finding.until)
                yield f"  {pattern}: from {since} (found {told_on}) until {until}"
