"""What could not be seen is told first, and never as absent."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from detectors.events.event import AccountActivity, Cancellation, Sale
from detectors.ledger.matches import MatchCounts
from streams.files.record_counts import RecordCounts
from streams.files.shortfall import Refusals, Tally
from streams.reports.unseen import (
    NO_GAP,
    SILENT_AFTER,
    TopicRead,
    Unseen,
    unseen_in_files,
    unseen_in_topic,
)
from tests.streams.reports.reported import DAY, END

KINDS = (Sale, Cancellation, AccountActivity)


def counted(*refused: str) -> RecordCounts:
    return RecordCounts(
        applied=Counter(dict.fromkeys(KINDS, 100)),
        rejected=Counter(refused),
        newest=dict.fromkeys(KINDS, END),
    )


def tally(*holes: str, refusals: Refusals | None = None) -> Tally:
    return Tally(300, 0, Refusals() if refusals is None else refusals, {}, holes)


def seen(
    counts: RecordCounts,
    *holes: str,
    matches: MatchCounts | None = None,
    until: datetime | None = END,
) -> Unseen:
    return unseen_in_files(
        counts, tally(*holes), MatchCounts() if matches is None else matches, (), until
    )


def test_where_all_was_read_that_is_told_and_its_limit() -> None:
    unseen = seen(counted())
    assert unseen.loud() == ()
    assert unseen.told()[0] == NO_GAP
    assert len(unseen.told()) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_without_events_is_no_absence_of_what_it_tells(kind: type[Sale]) -> None:
    counts = counted()
    counts.applied[kind] = 0
    del counts.newest[kind]
    (sentence,) = seen(counts).sources
    assert " were read. " in sentence


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_that_fell_silent_is_told_with_the_time(kind: type[Sale]) -> None:
    counts = counted()
    counts.newest[kind] = END - SILENT_AFTER
    assert seen(counts).sources == ()
    counts.newest[kind] = END - SILENT_AFTER - timedelta(minutes=1)
    (sentence,) = seen(counts).sources
    assert "28 May 2025, 23:59 UTC, 3 days before the end" in sentence


def test_refused_records_are_told_with_why_and_where_the_first_one_stands() -> None:
    refusals = Refusals(first={"invalid_field": "a.jsonl:7: \x1b["})
    counts = counted("invalid_field", "invalid_field")
    (sentence,) = unseen_in_files(counts, tally(refusals=refusals), MatchCounts(), (), END).lost
    assert sentence == (
        "2 records of 302 did not count: a field that cannot be used. The first: a.jsonl:7: \ufffd["
    )


def test_every_reason_to_refuse_has_words() -> None:
    for reason in ("not_json", "invalid_field", "impossible_time", "too_large", "too_late"):
        (sentence,) = seen(counted(reason)).lost
        assert reason not in sentence
    (sentence,) = seen(counted("of_tomorrow")).lost
    assert "did not count: of_tomorrow" in sentence


def test_a_file_without_an_ending_is_told() -> None:
    assert seen(counted(), "a.jsonl.gz has no ending").lost == ("Input: a.jsonl.gz has no ending.",)


def test_ids_that_two_systems_spell_differently_are_told_loudly() -> None:
    few = MatchCounts(sales=500, used=1, lone_sales=400, lone_accounts=400)
    assert any("account_id" in sentence for sentence in seen(counted(), matches=few).lost)
    many = MatchCounts(sales=500, used=400, lone_sales=10, lone_accounts=400)
    unseen = seen(counted(), matches=many)
    assert unseen.lost == ()
    assert len(unseen.notes) == 2


def test_where_nothing_was_judged_that_is_told() -> None:
    assert seen(counted(), until=None).lost[0].startswith("Nothing was judged")


def test_a_topic_tells_what_it_cannot_know_and_what_is_not_ours() -> None:
    read = TopicRead()
    assert "No alert was ever published here" in unseen_in_topic(read, ()).lost[0]
    read.saw(END)
    read.saw(END - DAY)
    unseen = unseen_in_topic(read, ())
    assert unseen.lost == ()
    assert "it cannot see" in unseen.told()[1]
    assert "1 June 2025" in unseen.told()[1]
    read.strangers = 2
    lost = unseen_in_topic(read, ("sales lack 1 record",)).lost
    assert lost == ("sales lack 1 record", "2 records of the topic are no alert of ours.")
