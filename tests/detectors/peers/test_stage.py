from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.errors import IncompatibleSnapshot
from detectors.outcomes import DayReport, DayReview, Totals
from detectors.peers.stage import NO_DISCOVERIES, Peers
from detectors.settings import Evidence, Settings

SETTINGS = Settings(evidence=Evidence(false_discovery_rate=0.1))
PATTERN = "quick_cancellation"


def report(
    day: int,
    partition: int = 0,
    matured: int = 0,
    bad: int = 0,
    hypotheses: int = 0,
    evidence: tuple[float, ...] = (),
) -> DayReport:
    totals = {PATTERN: {"card": Totals(matured, bad)}} if matured or bad else {}
    return DayReport(partition, day, totals, hypotheses, evidence)


def test_totals_add_up_over_partitions_and_days() -> None:
    peers = Peers(SETTINGS, 2)
    assert peers.receive(report(1, 0, 10, 1)) == []
    [first] = peers.receive(report(1, 1, 5, 2))
    assert first == DayReview(1, {PATTERN: {"card": Totals(15, 3)}}, NO_DISCOVERIES)
    peers.receive(report(2, 1, -1, 1))
    [second] = peers.receive(report(2, 0))
    assert second.totals == {PATTERN: {"card": Totals(14, 4)}}


def test_a_report_that_is_told_again_changes_nothing() -> None:
    peers = Peers(SETTINGS, 2)
    peers.receive(report(1, 0, 10, 1))
    peers.receive(report(1, 0, 10, 1))
    [first] = peers.receive(report(1, 1))
    assert first.totals == {PATTERN: {"card": Totals(10, 1)}}
    assert peers.receive(report(1, 0, 10, 1)) == []
    assert peers.receive(report(1, 1)) == []


def test_partitions_need_not_begin_on_the_same_day() -> None:
    peers = Peers(SETTINGS, 2)
    assert peers.receive(report(1, 0, 1)) == []
    assert peers.receive(report(2, 0, 1)) == []
    assert [review.day for review in peers.receive(report(2, 1))] == [1, 2]


def test_the_discovery_threshold_is_that_of_e_bh_over_all_partitions() -> None:
    peers = Peers(SETTINGS, 2)
    peers.receive(report(1, 0, hypotheses=50, evidence=(1_200.0, 40.0)))
    [review] = peers.receive(report(1, 1, hypotheses=50, evidence=(600.0, 300.0)))
    # 100 hypotheses at 10 %: 1000 / k is needed of the k-th largest, and 300 is less than 1000 / 3
    assert review.discovery_threshold == 600.0
    peers.receive(report(2, 0, hypotheses=50, evidence=(1_200.0, 400.0)))
    [review] = peers.receive(report(2, 1, hypotheses=50, evidence=(600.0, 300.0)))
    assert review.discovery_threshold == 300.0


def test_without_evidence_there_are_no_discoveries() -> None:
    [review] = Peers(SETTINGS).receive(report(1, hypotheses=10))
    assert review.discovery_threshold == NO_DISCOVERIES


@given(st.randoms(use_true_random=True), st.integers(1, 4), st.integers(0, 40))
def test_the_interleaving_of_partitions_and_a_restart_change_no_review(
    random: Random, partitions: int, cut: int
) -> None:
    days = range(1, 8)
    told = {
        partition: [
            report(day, partition, random.randrange(9), 0, 20, (random.random() * 2_000,))
            for day in days
        ]
        for partition in range(partitions)
    }
    results = []
    for number in range(2):
        peers, reviews, left = Peers(SETTINGS, partitions), [], [*range(partitions)] * len(days)
        if number:
            random.shuffle(left)
        taken = dict.fromkeys(range(partitions), 0)
        for step, partition in enumerate(left):
            reviews += peers.receive(told[partition][taken[partition]])
            taken[partition] += 1
            if number and step == cut:
                saved = peers.snapshot()
                peers = Peers(SETTINGS, partitions)
                peers.restore(saved)
        results.append([msgspec.json.encode(review) for review in reviews])
    assert results[0] == results[1]
    assert len(results[0]) == len(days)


@pytest.mark.parametrize("snapshot", [b"", b"\x80", b"nonsense"])
def test_what_is_no_snapshot_is_refused(snapshot: bytes) -> None:
    with pytest.raises(IncompatibleSnapshot, match="not a snapshot"):
        Peers(SETTINGS).restore(snapshot)
