"""What the summary says of the whole market, and of those who are not judged."""

from detectors.agents.alerting.not_judged import Unjudged
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.peers.bad_market import BadMarket, Market
from streams.files.market_lines import market_lines
from streams.files.unjudged import MOST_NAMED, unjudged_lines

QUICK, BURST = PatternName("quick_cancellation"), PatternName("burst")
DAY = Day(20_000)
NOW = "since 2024-10-04 (found 2024-10-09); lately 3.4 times the bad outcomes of its own past"
ALL = "nearly all of the market of what they sell is theirs"


def test_a_market_as_always_is_not_told() -> None:
    assert [*market_lines({QUICK: Market()})] == []


def test_a_market_that_turned_bad_is_told_with_its_level() -> None:
    bad = Market(level=3.44, told=[BadMarket(DAY, Day(DAY + 5))])
    well = Market(told=[BadMarket(DAY, Day(DAY + 5), Day(DAY + 40))])
    assert [*market_lines({QUICK: bad, BURST: well})] == [
        "The whole market turned bad: nobody is accused of what all do at once",
        "  burst: from 2024-10-04 (found 2024-10-09) until 2024-11-13",
        f"  quick_cancellation: {NOW}",
    ]


def test_who_is_not_judged_is_named_with_the_reason() -> None:
    large, lone = Unjudged("too_large", DAY), Unjudged("no_peers", Day(DAY + 1))
    told = {QUICK: {AgentId("shop"): large}, BURST: {AgentId("shop"): lone}}
    assert [*unjudged_lines(told)] == [
        "1 agent is not judged: that nothing is told of them says nothing",
        '  "shop": nobody else has an outcome to compare with (burst since 2024-10-05)',
        f'  "shop": {ALL} (quick_cancellation since 2024-10-04)',
    ]
    assert [*unjudged_lines({QUICK: {}})] == []


def test_of_many_the_first_are_named() -> None:
    many = {AgentId(f"{number:03}\x1b"): Unjudged("too_large", DAY) for number in range(25)}
    first, *lines, last = unjudged_lines({QUICK: many})
    assert first.startswith("25 agents are not judged")
    assert len(lines) == MOST_NAMED
    assert last == "  and 15 more"
    assert not any("\x1b" in line for line in lines)
