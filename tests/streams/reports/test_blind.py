"""A time in which a source could not be seen is the first thing that a report says."""

from detectors.basis.event_time import Day
from detectors.basis.identifiers import PatternName
from detectors.ledger.matches import MatchCounts
from detectors.sight.stretch import EVERYWHERE, Stretch
from streams.reports.run_report import MOST_NAMED, blind_in_words
from streams.reports.unseen import unseen_in_files
from tests.streams.reports.reported import END
from tests.streams.reports.test_unseen import counted, tally

UNUSED = PatternName("unused_account")
STOPPED = Stretch("account_activity", EVERYWHERE, Day(20_000), Day(20_010))


def test_it_says_what_and_when_and_how_much_is_left_unsaid() -> None:
    assert list(blind_in_words([STOPPED], {UNUSED: 1_200}, {UNUSED: 1})) == [
        "Account activity could not be seen from 2024-10-04 to 2024-10-14, though sales went on.",
        "For this 1,200 outcomes and 1 account were left out: that nothing is told says nothing.",
    ]


def test_it_stands_before_everything_else() -> None:
    blind = blind_in_words([STOPPED], {UNUSED: 3}, {})
    told = unseen_in_files(counted("too_late"), tally(), MatchCounts(), (), END, blind).told()
    assert told[0].startswith("Account activity could not be seen")
    assert "did not count" in told[2]


def test_of_many_times_the_first_are_named() -> None:
    many = [
        Stretch("cancellation", f"site {number}", Day(20_000), Day(20_010)) for number in range(9)
    ]
    told = list(blind_in_words(many, {}, {}))
    assert len(told) == MOST_NAMED + 1
    assert told[-1] == "So it was at 4 more times."


def test_where_all_was_seen_nothing_is_said() -> None:
    assert list(blind_in_words([], {UNUSED: 0}, {})) == []
