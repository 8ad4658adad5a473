"""Another program writes to the inner topics and the state: the alerts are the same as without."""

from collections.abc import Iterable
from random import Random
from typing import Final

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import Day, Seconds
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.group_settings import GroupSettings
from detectors.messages.cell_columns import (
    CellTable,
    DayTotals,
    KnownTotals,
    held_integers,
    held_reals,
)
from detectors.messages.holes import Hole
from detectors.messages.outcomes import (
    DayReport,
    DayReview,
    Outcome,
    OutcomeBundle,
    SalesDay,
    Spread,
)
from streams.metrics.registry import Metrics, total
from streams.stages import seals
from streams.stages.actors.actor import Output
from streams.stages.actors.sense import Sense
from streams.stages.seals import INNER_TOPICS
from streams.wire.seal import SealCheck
from streams.wire.topics import Topic
from tests.streams.stages.actors.in_memory import Broker, Partition, Record, run_installation
from tests.streams.stages.actors.small_stream import SETTINGS, expected_revisions
from tests.streams.stages.actors.test_crashes import values

QUICK: Final = PatternName("quick_cancellation")
UNKNOWN: Final = PatternName("x")
FAR: Final = Seconds(4e9)
NAN: Final = Seconds(float("nan"))
_encode: Final = msgspec.msgpack.encode


def outcome(pattern: str = QUICK) -> Outcome:
    return Outcome(
        PatternName(pattern), SaleId("s"), AgentId("agent-0001"), Cell("a"), FAR, FAR, Verdict.BAD
    )


def whole(*numbers: int) -> bytes:
    return held_integers(np.array(numbers, np.int64))


def real(*numbers: float) -> bytes:
    return held_reals(np.array(numbers, np.float64))


def of_a_day(
    cells: str, numbers: bytes, keys_of: bytes = b"", random_keys: bytes = b""
) -> DayReport:
    totals = DayTotals(tuple(map(Cell, cells)), numbers, keys_of, random_keys)
    return DayReport(0, Day(20_000), {QUICK: totals})


def review_of(peers: bytes, everybody: bytes = b"", null_cutoffs: bytes = b"") -> DayReview:
    known = KnownTotals((Cell("a"),), peers, everybody, null_cutoffs)
    return DayReview(Day(20_000), {QUICK: known}, 1.0)


STRANGE: Final = (
    None,
    b"",
    b"poison",
    b'{"type": "sale"}',
    b"\x00\x00\x00\x00\x07\x0aavro",
    b"\x91" * 100_000,
    b"\xa2\xff\xfe",
    _encode({"type": "state-3"}),
    _encode([1, 2, 3]),
    _encode(OutcomeBundle(0, FAR)),
    _encode(OutcomeBundle(-1, FAR, [outcome()])),
    _encode(DayReport(0, Day(20_200), {})),
    _encode(DayReview(Day(20_110), {}, 1.0)),
)
"""Values that other programs write; the last ones are messages of ours, and no less foreign."""


class BusyTopics(Broker):
    """A broker with a program that writes anything anywhere, and copies what others wrote."""

    def __init__(self, partitions: int, crashes: Iterable[int], seed: int, share: float) -> None:
        self._chance: Final = Random(seed)  # noqa: S311 - to choose what happens, not a secret
        self._share: Final = share
        self._ours: Final[set[tuple[Partition, bytes | None, bytes | None]]] = set()
        self.strays: Final[set[tuple[Topic, int, int]]] = set()
        super().__init__(partitions, crashes)

    def produce(self, output: Output) -> None:
        super().produce(output)
        if output.topic in INNER_TOPICS and output.partition is not None:
            self._ours.add(((output.topic, output.partition), output.key, output.value))
            self._disturb()

    def write(self, place: Partition, key: bytes, value: bytes | None) -> None:
        super().write(place, key, value)
        self._disturb()

    def _disturb(self) -> None:
        while self._chance.random() < self._share:
            inner = [place for place in self.logs if place[0] in INNER_TOPICS]
            record = self._anything(self.logs, inner)
            place = self._chance.choice(inner)
            if record.headers and (place, record.key, record.value) in self._ours:
                continue  # a message that its receiver gets again changes nothing: law 3
            stray = self.append(place, record.key, record.value, record.headers)
            self.strays.add((*place, stray.offset))
            if self.changelogs:
                copied = self._anything(self.changelogs, list(self.changelogs))
                changelog = self._chance.choice(list(self.changelogs))
                if copied not in self.changelogs[changelog]:
                    self.stray(changelog, copied.key, copied.value, copied.headers)

    def _anything(self, logs: dict[Partition, list[Record]], places: list[Partition]) -> Record:
        written = [place for place in places if logs[place]]
        if not written or self._chance.random() < 0.5:
            return Record(0, b"0", self._chance.choice(STRANGE))
        copied = self._chance.choice(logs[self._chance.choice(written)])
        with_its_seal = self._chance.random() < 0.5
        return copied if with_its_seal else copied._replace(headers=())


def faults(broker: BusyTopics, metrics: Metrics) -> list[str]:
    found = []
    if set(values(broker, Topic.ALERTS)) != expected_revisions():
        found.append("other alerts")
    letters = {
        (Topic(headers["source"].decode()), int(headers["partition"]), int(headers["offset"]))
        for (topic, _, _), headers in broker.headers.items()
        if topic is Topic.DEAD_LETTERS and headers["reason"] == b"foreign_record"
    }
    if letters != broker.strays:
        found.append("other letters")
    if total(metrics.exposition("")[1].decode(), "aboveboard_dead_letters_total") == 0:
        found.append("not counted")
    return found


def run(partitions: int, seed: int, crashes: Iterable[int], share: float) -> list[str]:
    broker, metrics = BusyTopics(partitions, crashes, seed, share), Metrics()
    run_installation(broker, seed, 40, metrics=metrics)
    assert broker.strays
    return faults(broker, metrics)


@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(
    partitions=st.sampled_from([1, 3]),
    seed=st.integers(0, 2**32),
    crashes=st.lists(st.integers(0, 1_500), max_size=4),
)
def test_the_alerts_are_those_of_an_undisturbed_run(
    partitions: int, seed: int, crashes: list[int]
) -> None:
    assert run(partitions, seed, crashes, 0.1) == []


def test_believing_every_seal_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "check_seal", lambda *_: SealCheck.RIGHT)
    try:
        found = run(3, 1, [], 0.05)
    except (KeyError, OverflowError, ValueError):
        found = ["a stage failed"]
    assert found


ALONE: Final = structs.replace(SETTINGS, groups=GroupSettings(site=False, team=False))
SENSE: Final = Sense(ALONE, ledger_partitions=2, agents_partitions=2)
WITH_GROUPS: Final = Sense(SETTINGS, ledger_partitions=2, agents_partitions=2)


@pytest.mark.parametrize(
    ("bundle", "said"),
    [
        (OutcomeBundle(0, FAR, [outcome()]), ""),
        (OutcomeBundle(1, Seconds(float("-inf")), empty=True), ""),
        (OutcomeBundle(2, FAR), "no ledger partition 2"),
        (OutcomeBundle(-1, FAR), "no ledger partition -1"),
        (OutcomeBundle(0, NAN), "watermark is nan"),
        (OutcomeBundle(0, Seconds(float("inf"))), "watermark is inf"),
        (OutcomeBundle(0, Seconds(1e15)), "watermark is 1000000000000000.0"),
        (OutcomeBundle(0, FAR, [outcome("no_such")]), "no enabled pattern is called 'no_such'"),
        (OutcomeBundle(0, FAR, days={Day(10**9): SalesDay()}), "no day 1000000000"),
        (OutcomeBundle(0, FAR, holes=(Hole("sales", 0, 1, 2, FAR, FAR),)), ""),
        (OutcomeBundle(0, FAR, holes=(Hole("sales", 0, 1, 2, until=NAN),)), "from None to nan"),
        (OutcomeBundle(0, FAR, days={Day(20_000): SalesDay(ended={UNKNOWN: []})}), "called 'x'"),
    ],
)
def test_a_bundle_that_makes_no_sense_is_told(bundle: OutcomeBundle, said: str) -> None:
    found = SENSE.bundle(bundle)
    assert said in found if said else found == ""


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (DayReport(1, Day(20_000), {QUICK: DayTotals()}), ""),
        (DayReport(2, Day(20_000), {}), "no agents partition 2"),
        (DayReport(0, Day(-(10**9)), {}), "no day -1000000000"),
        (DayReport(0, Day(20_000), {UNKNOWN: DayTotals()}), "called 'x'"),
        (DayReport(0, Day(20_000), {}, hypotheses=1, evidence=(float("nan"),)), "evidence"),
        (DayReport(0, Day(20_000), {}, hypotheses=0, evidence=(1.0,)), "evidence"),
        (of_a_day("a", bytes(31)), "cut short"),
        (of_a_day("a", bytes(32), whole(1), bytes(8)), ""),
        (of_a_day("a", bytes(32), whole(1), bytes(7)), "cut short"),
        (of_a_day("a", bytes(32), whole(2), bytes(8)), "cut short"),
        (of_a_day("a", bytes(32), b"", bytes(8)), "cut short"),
        (of_a_day("a", bytes(32), whole(1, 1), bytes(16)), "cut short"),
        (of_a_day("ab", bytes(64), whole(2, -1), bytes(8)), "cut short"),
        (of_a_day("ab", bytes(64), whole(2**62, 2**62)), "cut short"),
        (of_a_day("aa", bytes(64)), "cut short"),
        (
            DayReport(
                0, Day(20_000), {}, forgotten={QUICK: CellTable((Cell("a"),), real(1, 0, NAN, 0))}
            ),
            "no numbers",
        ),
    ],
)
def test_a_report_that_makes_no_sense_is_told(report: DayReport, said: str) -> None:
    found = SENSE.report(report)
    assert said in found if said else found == ""


@pytest.mark.parametrize(
    ("review", "said"),
    [
        (DayReview(Day(20_000), {QUICK: KnownTotals()}, float("inf")), ""),
        (DayReview(Day(10**9), {}, 1.0), "no day"),
        (DayReview(Day(20_000), {UNKNOWN: KnownTotals()}, 1.0), "called 'x'"),
        (DayReview(Day(20_000), {}, NAN), "no number"),
        (DayReview(Day(20_000), {}, 1.0, spread={QUICK: Spread(NAN, 1.0)}), "spread"),
        (DayReview(Day(20_000), {}, 1.0, spread={QUICK: Spread(0.2, 7.0)}), "spread"),
        (review_of(real(1, 0, 0, 0), real(1, 0, 0, 0), whole(-1)), ""),
        (review_of(real(1, 0, 0, NAN)), "no numbers"),
        (review_of(real(1, 0, 0)), "no numbers"),
        (review_of(real(1, 0, 0, 0), real(1, 0, 0, NAN)), "no numbers"),
        (review_of(real(1, 0, 0, 0), b"", whole(1, 2)), "no numbers"),
    ],
)
def test_a_review_that_makes_no_sense_is_told(review: DayReview, said: str) -> None:
    found = SENSE.review(review)
    assert said in found if said else found == ""


def test_what_makes_no_sense_about_groups_is_told() -> None:
    day = Day(20_000)
    strange = OutcomeBundle(0, FAR, groups={"team": [outcome("no_such")]})
    assert "called 'no_such'" in WITH_GROUPS.bundle(strange)
    elsewhere = DayReport(0, day, {}, groups={"site": DayReport(2, day, {})})
    assert "no agents partition 2" in WITH_GROUPS.report(elsewhere)
    of_kind = DayReview(day, {}, 1.0)
    assert (
        WITH_GROUPS.review(DayReview(day, {}, 1.0, groups={"site": of_kind, "team": of_kind})) == ""
    )
    assert "about site: a worker with other settings" in WITH_GROUPS.review(
        DayReview(day, {}, 1.0, groups={"site": of_kind})
    )
    assert "about no groups" in WITH_GROUPS.review(of_kind)
    unknown = DayReview(day, {UNKNOWN: KnownTotals()}, 1.0)
    told = WITH_GROUPS.review(DayReview(day, {}, 1.0, groups={"site": of_kind, "team": unknown}))
    assert "called 'x'" in told
