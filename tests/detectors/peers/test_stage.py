from collections.abc import Mapping
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Day
from detectors.basis.identifiers import Cell, PatternName
from detectors.messages.cell_columns import CellTable, integers
from detectors.messages.outcomes import DayReport, Dispersion, ShadowCount, Spread
from detectors.peers.stage import NO_DISCOVERIES, Peers
from detectors.settings import EvidenceSettings, Settings, ShadowNull
from tests.detectors.peers.columns import (
    NO_KEYS,
    NOBODY,
    CellTotals,
    by_cell,
    day_totals,
    table_of,
)

CARD, LINE = Cell("card"), Cell("line")
SETTINGS = Settings(evidence=EvidenceSettings(false_discovery_rate=0.1))
PATTERN = PatternName("quick_cancellation")


def report(
    day: int,
    partition: int = 0,
    matured: int = 0,
    bad: int = 0,
    left_out: Mapping[Cell, tuple[int, int]] = NOBODY,
    random_keys: Mapping[Cell, list[int]] = NO_KEYS,
    **rest: Any,  # noqa: ANN401 - the fields of a report
) -> DayReport:
    totals = {}
    if matured or bad or left_out or random_keys:
        totals[PATTERN] = day_totals({CARD: (matured, bad)}, left_out, random_keys)
    return DayReport(partition, Day(day), totals, **rest)


def cell(table: CellTable) -> tuple[int, int, float]:
    return by_cell(table)[CARD][:3]


def test_totals_add_up_over_partitions_and_days() -> None:
    peers = Peers(SETTINGS, 2)
    assert peers.receive(report(1, 0, 10, 1)) == []
    [first] = peers.receive(report(1, 1, 5, 2))
    known = first.known[PATTERN]
    assert cell(known.of_peers()) == cell(known.of_everybody()) == (15, 3, 3.0)
    assert first.discovery_threshold == NO_DISCOVERIES
    peers.receive(report(4, 1, -1, 1))
    [second] = peers.receive(report(4, 0))
    assert cell(second.known[PATTERN].of_peers()) == (14, 4, 2.5)


def test_recent_bad_outcomes_stand_beside_those_expected_of_their_days() -> None:
    peers = Peers(SETTINGS)
    [first] = peers.receive(report(1, 0, 1_000, 100))
    before = (100 + 100 * 105 / 1_010) / 1_100
    known = by_cell(first.known[PATTERN].of_peers())[CARD]
    assert known.recent_expected == pytest.approx(1_000 * before)
    [second] = peers.receive(report(4, 0, 1_000, 300))
    now = (400 + 100 * 405 / 2_010) / 2_100
    known = by_cell(second.known[PATTERN].of_peers())[CARD]
    assert known.recent_expected == pytest.approx(500 * before + 1_000 * now)
    assert known.recent_bad == 350.0


def test_who_is_left_out_is_among_everybody_but_not_among_the_peers() -> None:
    peers = Peers(SETTINGS)
    peers.receive(report(1, 0, 10, 4))
    [review] = peers.receive(
        report(
            4,
            0,
            10,
            4,
            left_out={CARD: (3, 2)},
            forgotten={PATTERN: table_of({CARD: CellTotals(5, 3, 3.0, 1.0)})},
        )
    )
    assert cell(review.known[PATTERN].of_everybody()) == (17, 6, 4.0)  # with what they had before
    assert cell(review.known[PATTERN].of_peers()) == (12, 3, 2.5)


def test_without_the_shadow_null_everybody_is_not_sent() -> None:
    settings = Settings(shadow_null=ShadowNull(enabled=False))
    [review] = Peers(settings).receive(report(1, 0, 10, 1))
    assert review.known[PATTERN].everybody == review.known[PATTERN].null_cutoffs == b""
    assert cell(review.known[PATTERN].of_peers()) == (10, 1, 1.0)


def test_a_report_that_is_sent_again_changes_nothing() -> None:
    peers = Peers(SETTINGS, 2)
    peers.receive(report(1, 0, 10, 1))
    peers.receive(report(1, 0, 10, 1))
    [first] = peers.receive(report(1, 1))
    assert cell(first.known[PATTERN].of_peers()) == (10, 1, 1.0)
    before = peers.snapshot()
    assert peers.receive(report(1, 0, 10, 1)) == []
    assert peers.receive(report(1, 1)) == []
    assert peers.snapshot() == before


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


def test_spread_and_shadow_stay_in_force_until_they_are_reported_anew() -> None:
    peers = Peers(SETTINGS, 2)
    reported = {PATTERN: Dispersion(agents=500, squares=10**10, noise=10**8, weight=2 * 10**10)}
    peers.receive(report(1, 0))
    [first] = peers.receive(report(1, 1))
    assert first.spread[PATTERN] == Spread(0.25, 0.875)
    assert set(first.spread) == {pattern.name for pattern in SETTINGS.patterns.enabled()}
    assert first.shadow == {}
    peers.receive(report(2, 0, dispersion=reported, shadow={PATTERN: ShadowCount(1, 100)}))
    [second] = peers.receive(
        report(2, 1, dispersion=reported, shadow={PATTERN: ShadowCount(2, 50)})
    )
    assert second.spread[PATTERN].between_agent_sd > 0.4
    assert second.shadow == {PATTERN: ShadowCount(3, 150)}
    peers.receive(report(3, 0))
    [third] = peers.receive(report(3, 1))
    assert (third.spread, third.shadow) == (second.spread, second.shadow)
    peers.receive(report(4, 0, shadow={PATTERN: ShadowCount(1, 200)}))
    [fourth] = peers.receive(report(4, 1, shadow={PATTERN: ShadowCount(2, 90)}))
    assert fourth.shadow == {PATTERN: ShadowCount(3, 290)}


def test_as_many_of_the_smallest_keys_count_as_bad_as_outcomes_were() -> None:
    peers = Peers(SETTINGS, 2)
    for day, bad, cutoff in (
        (1, 2, 3),
        (2, 0, -1),
        (3, -1, -1),
        (4, 5, 2**63 - 1),
        (5, 9, 2**63 - 1),
    ):
        peers.receive(report(day, 0, 3, bad, random_keys={CARD: [7, 1, 9]}))
        [review] = peers.receive(report(day, 1, 2, 0, random_keys={CARD: [2**63 - 1, 3]}))
        assert review.known[PATTERN].cells == (CARD,)
        assert integers(review.known[PATTERN].null_cutoffs).tolist() == [cutoff]


@given(st.randoms(use_true_random=True), st.integers(1, 4), st.integers(0, 40))
def test_the_interleaving_of_partitions_and_a_restart_change_no_review(
    random: Random, partitions: int, cut: int
) -> None:
    days = range(1, 8)
    reported = {
        partition: [
            report(
                day,
                partition,
                random.randrange(9),
                0,
                hypotheses=20,
                evidence=(random.random() * 2_000,),
                left_out={LINE: (random.randrange(3), 1)},
                forgotten={
                    PATTERN: table_of({LINE: CellTotals(2, 1, random.randrange(9) / 8, 0.5)})
                },
                random_keys={CARD: [random.randrange(2**63)]},
                dispersion={PATTERN: Dispersion(9, random.randrange(10**9), 10**6, 10**9, 7, 5)},
                shadow={PATTERN: ShadowCount(random.randrange(9), day)},
            )
            for day in days
        ]
        for partition in range(partitions)
    }
    results = []
    for number in range(2):
        peers, reviews, left = Peers(SETTINGS, partitions), [], [*range(partitions)] * len(days)
        if number:
            random.shuffle(left)
        received = dict.fromkeys(range(partitions), 0)
        for step, partition in enumerate(left):
            again = reported[partition][max(0, received[partition] - random.randrange(3)) :]
            for one in (reported[partition][received[partition]], again[0]):
                if one.day <= days[received[partition]]:
                    reviews += peers.receive(one)
            received[partition] += 1
            if number and step == cut:
                saved = peers.snapshot()
                peers = Peers(SETTINGS, partitions)
                peers.restore(saved)
                assert peers.snapshot() == saved
        results.append([msgspec.json.encode(review) for review in reviews])
    assert results[0] == results[1]
    assert len(results[0]) == len(days)


@pytest.mark.parametrize("snapshot", [b"", b"\x80", b"nonsense"])
def test_what_is_no_snapshot_is_refused(snapshot: bytes) -> None:
    with pytest.raises(IncompatibleSnapshot, match="not a snapshot"):
        Peers(SETTINGS).restore(snapshot)


def subjects_over(counted: tuple[int, ...]) -> int:
    """Return how many sites a review tells of, where so many partitions counted so many."""
    peers = Peers(SETTINGS, len(counted))
    reviews = [
        review
        for partition, number in enumerate(counted)
        for review in peers.receive(
            report(1, partition, groups={"site": report(1, partition, subjects=number)})
        )
    ]
    return reviews[-1].groups["site"].subjects


def test_a_review_tells_of_as_many_groups_whatever_the_partitions() -> None:
    """Each partition counts as far as it matters: whether there are others enough."""
    enough = SETTINGS.groups.fewest_others + 1
    assert subjects_over((enough,)) == subjects_over((enough, enough, 1)) == enough
    assert subjects_over((1, 1)) == subjects_over((2,)) == 2
