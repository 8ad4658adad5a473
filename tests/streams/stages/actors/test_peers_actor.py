"""When a decision counts: settled before anything follows from it, and by no later replay moved."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.basis.event_time import DAY, Day, day_of, seconds_at
from detectors.events.decision import Decision
from detectors.messages.outcomes import DayReport, DayReview
from detectors.settings import Settings
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Capture, Output
from streams.stages.actors.peers_actor import PeersActor
from streams.stages.pieces import Piece, cut
from streams.wire.topics import Topic
from tests.detectors.cases.people import START, decide
from tests.detectors.refutation import refuted
from tests.streams.stages.actors.in_memory import Record

METRICS = Metrics()
SETTINGS: Final = Settings()
FIRST: Final = day_of(seconds_at(START))
DAYS: Final = 6
MUCH_LATER: Final = int((seconds_at(START) + 100 * DAY) * 1_000)


class Log(NamedTuple):
    """What stands in the two topics, and what the host does about it, step by step.

    The first `there` decisions are in their topic before the host begins.
    """

    reports: list[Record]
    decisions: list[Record]
    there: int
    steps: list[str]


@st.composite
def logs(draw: st.DrawFn) -> Log:
    hours = draw(st.lists(st.integers(0, 24 * DAYS - 1), max_size=5))
    cases = [draw(st.sampled_from(["case-1", "case-2"])) for _ in hours]
    said = [
        decide("note", hour, case_id=case, words="x", decision_id=f"{number}")
        for number, (hour, case) in enumerate(zip(hours, cases, strict=True))
    ]
    some = st.sampled_from(
        [
            ["report", "turn"],
            ["report"],
            ["arrival", "decision", "turn"],
            ["decision"],
            ["arrival"],
            ["flush"],
            ["crash"],
        ]
    )
    beginning = draw(st.sampled_from([[], [*["decision"] * 5, "flush"]]))
    steps = [step for few in draw(st.lists(some, max_size=15)) for step in few]
    return Log(
        [_record(n, _report(Day(FIRST + n))) for n in range(DAYS)],
        [_record(number, msgspec.json.encode(one)) for number, one in enumerate(said)],
        draw(st.integers(0, len(said))),
        [*beginning, *steps],
    )


def _report(day: Day) -> bytes:
    (piece,) = cut(0, day, msgspec.msgpack.encode(DayReport(0, day, {})))
    return piece


def _review(held: bytes) -> DayReview:
    return msgspec.msgpack.decode(msgspec.msgpack.decode(held, type=Piece).body, type=DayReview)


def _record(offset: int, value: bytes) -> Record:
    return Record(offset, b"key", value, MUCH_LATER)


class Host:
    """Runs the actor as the runner of a stage does, and keeps what it sent."""

    def __init__(self, log: Log, actor: type[PeersActor]) -> None:
        self._log: Final = log
        self._type: Final = actor
        self._saved: tuple[bytes, bytes, tuple[int, int]] | None = None
        self._there = log.there
        self._reported = 0
        self.sent: dict[int, set[bytes]] = {}
        self._begin()

    def _begin(self) -> None:
        self._actor = self._type(SETTINGS, 0, 1, METRICS)
        self._read = [0, 0]
        if self._saved is not None:
            rest, state, positions = self._saved
            self._actor.restore(rest, [state])
            self._read = [*positions]

    def run(self) -> None:
        for step in self._log.steps:
            self._do(step)
        everything = [*["arrival"] * 5, *["decision"] * 5, "flush", *["report"] * DAYS, "turn"]
        for step in everything:
            self._do(step)

    def _do(self, step: str) -> None:
        match step:
            case "report":
                self._deliver(0, Topic.PEER_TOTALS, self._log.reports)
            case "decision":
                self._deliver(1, Topic.DECISIONS, self._log.decisions[: self._there])
            case "arrival":
                self._there = min(self._there + 1, len(self._log.decisions))
            case "turn":
                self._turn()
            case "flush":
                self._turn()
                capture = self._actor.capture(0)
                segment = b"".join(capture.segment)
                self._saved = (capture.rest, segment, (self._read[0], self._read[1]))
            case _:
                self._begin()

    def _deliver(self, place: int, topic: Topic, log: Sequence[Record]) -> None:
        some = log[self._read[place] : self._read[place] + 1]
        self._read[place] += len(some)
        if some:
            self._actor.apply(topic, some)

    def _turn(self) -> None:
        self._reported = max(self._reported, self._read[0])
        idle = {
            Topic.PEER_TOTALS: float(self._read[0] == self._reported),
            Topic.DECISIONS: float(self._read[1] == self._there),
        }
        self._actor.tick(idle, 0.0)
        for output in self._actor.outputs():
            self.sent.setdefault(int(output.key or b""), set()).add(output.value)


def law(log: Log, actor: type[PeersActor]) -> None:
    """Every day has one review; a decision is in one, in log order, and in that of its day.

    One that comes when its day has been reviewed is in a later one; in none, if all have.
    """
    host = Host(log, actor)
    host.run()
    assert sorted(host.sent) == [FIRST + n for n in range(DAYS)]
    assert {len(contents) for contents in host.sent.values()} == {1}, "sent again otherwise"
    counted: list[Decision] = []
    on: dict[str, int] = {}
    for day in sorted(host.sent):
        (value,) = host.sent[day]
        for decision in _review(value).decisions:
            counted.append(decision)
            on[decision.decision_id] = day
    assert len(on) == len(counted), "counts twice"
    all_said = [msgspec.json.decode(r.value or b"", type=Decision) for r in log.decisions]
    for case in ("case-1", "case-2"):
        expected = [one for one in all_said if one.case_id == case]
        found = [one for one in counted if one.case_id == case]
        assert found == expected[: len(found)], "not in log order"
        own_day = FIRST
        for one in expected:
            own_day = Day(max(own_day, day_of(seconds_at(one.occurred_at))))
            in_time = one in all_said[: log.there]
            assert not in_time or on.get(one.decision_id) == own_day, "counts from another day on"
            assert on.get(one.decision_id, own_day) >= own_day, "counts before its day"


@settings(max_examples=300)
@given(log=logs())
def test_a_decision_counts_from_its_day_on_whatever_is_replayed(log: Log) -> None:
    law(log, PeersActor)


class ReviewsAtOnce(PeersActor):
    """Reviews days before all decisions have been read once."""

    def __init__(
        self, settings: Settings, partition: int, agents_partitions: int, metrics: Metrics
    ) -> None:
        super().__init__(settings, partition, agents_partitions, metrics)
        self._peers.release()


class ReleasesBeforeItIsWritten(PeersActor):
    """Reviews days as soon as there is nothing left to read, which a replay sees elsewhere."""

    def outputs(self) -> list[Output]:
        if self._all_read:
            self._peers.release()
        return super().outputs()


class CountsTheNewestFirst(PeersActor):
    """Gives decisions to the stage in the order of their times."""

    def capture(self, number: int) -> Capture:
        self._new.sort(key=lambda decision: decision.occurred_at)
        return super().capture(number)


class CountsBeforeItHasCaughtUp(PeersActor):
    """Lets decisions count while reports are read again that were answered before a crash."""

    def tick(self, idle: Mapping[Topic, float], now: float) -> bool:
        return super().tick({**idle, Topic.PEER_TOTALS: 1.0}, now)


class CountsBeforeItIsWritten(PeersActor):
    """Lets a decision count as soon as it was read, which a replay does elsewhere."""

    def tick(self, idle: Mapping[Topic, float], now: float) -> bool:
        for decision in self._new:
            self._peers.decide(decision)
        self._new.clear()
        return super().tick(idle, now)


@pytest.mark.parametrize(
    "broken",
    [
        ReviewsAtOnce,
        ReleasesBeforeItIsWritten,
        CountsTheNewestFirst,
        CountsBeforeItIsWritten,
        CountsBeforeItHasCaughtUp,
    ],
)
def test_the_law_catches(broken: type[PeersActor]) -> None:
    def check(actor: type[PeersActor], data: st.DataObject) -> None:
        law(data.draw(logs()), actor)

    assert refuted(check, broken, examples=3_000)


@pytest.mark.parametrize(
    ("value", "timestamp"),
    [
        (b"no JSON", MUCH_LATER),
        (None, MUCH_LATER),
        (msgspec.json.encode(decide("note", 24 * 200, words="x")), MUCH_LATER),  # of the future
    ],
)
def test_what_is_no_decision_counts_for_nothing_and_stops_nothing(
    value: bytes | None, timestamp: int
) -> None:
    actor = PeersActor(SETTINGS, 0, 1, METRICS)
    # The letter about it is for `aboveboard cases` to write.
    assert not actor.apply(Topic.DECISIONS, [Record(0, b"key", value, timestamp)])
    actor.tick({Topic.PEER_TOTALS: 0.0, Topic.DECISIONS: 1.0}, 0.0)
    actor.capture(0)
    actor.apply(Topic.PEER_TOTALS, [_record(0, _report(FIRST))])
    (output,) = actor.outputs()
    assert _review(output.value).decisions == ()
