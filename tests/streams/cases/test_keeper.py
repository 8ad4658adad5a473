"""Several keepers of cases over the same topics, killed and frozen: the last word is right."""

from itertools import islice
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.basis.event_time import Seconds
from detectors.settings import CaseSettings, Settings
from streams.cases.keeper import CaseKeeper, Stored
from streams.stages.actors.alert_records import alert_records
from streams.wire.case_record import erased_case, erased_version
from streams.wire.dead_letter import DeadLetter
from streams.wire.decision_record import decision_record
from streams.wire.topics import Topic
from tests.detectors.cases.lives import Life, lives
from tests.detectors.cases.people import decide, revision
from tests.detectors.cases.test_book import alert_of
from tests.integration.cases.desk_work import expected

NOW: Final = Seconds(2e9)
TOPICS: Final = (Topic.ALERTS, Topic.DECISIONS, Topic.CASES_CURRENT)
ROUNDS: Final = 6
OTHER: Final = b"other"

Logs = dict[Topic, list[Stored]]


def append(logs: Logs, topic: Topic, key: bytes | None, value: bytes | None) -> int:
    offset = len(logs[topic])
    logs[topic].append(Stored(topic, 0, offset, key, value, NOW))
    return offset


class Process:
    """A keeper that reads as far as it is let, and whose writing may be held up."""

    def __init__(self, logs: Logs, kind: type[CaseKeeper]) -> None:
        self._logs: Final = logs
        self._keeper: Final = kind(Settings())
        self._positions: Final = dict.fromkeys(TOPICS, 0)
        self._held = self._keeper.due()

    def read(self, most: int) -> None:
        for topic in TOPICS:
            first = self._positions[topic]
            for record in self._logs[topic][first : first + most]:
                assert self._keeper.add(record) is None
                self._positions[topic] += 1

    def prepare(self) -> None:
        """Say what is due, if everything was read, and freeze before it is written."""
        if not self._held and all(len(self._logs[t]) == self._positions[t] for t in TOPICS):
            self._held = self._keeper.due()

    def write(self) -> None:
        for record in self._held:
            offset = append(self._logs, Topic.CASES_CURRENT, record.key, record.value)
            self._keeper.written(record, offset)
        self._held = []


Step = tuple[str, int]

steps = st.lists(
    st.tuples(
        st.sampled_from(("alert", "decision", "read", "prepare", "write", "kill", "stray")),
        st.integers(0, 1),
    ),
    max_size=40,
)


class Installation:
    """Topics, two keepers, and a life that is told bit by bit."""

    def __init__(self, life: Life, kind: type[CaseKeeper]) -> None:
        self.logs: Final[Logs] = {topic: [] for topic in TOPICS}
        self._kind: Final = kind
        alerts = (alert_records(alert_of(one))[0] for one in life.revisions)
        self._alerts: Final = iter([(one.key, one.value) for one in alerts])
        decisions = map(decision_record, life.decisions)
        self._decisions: Final = iter([(one.key, one.value) for one in decisions])
        self.processes: Final = [Process(self.logs, kind), Process(self.logs, kind)]

    def play(self, what: str, who: int) -> None:
        match what:
            case "alert":
                for key, value in islice(self._alerts, 1):
                    append(self.logs, Topic.ALERTS, key, value)
            case "decision":
                for key, value in islice(self._decisions, 1):
                    append(self.logs, Topic.DECISIONS, key, value)
            case "kill":
                self.processes[who] = Process(self.logs, self._kind)
            case "stray":
                told = self.logs[Topic.CASES_CURRENT]
                append(self.logs, Topic.CASES_CURRENT, told[0].key if told else OTHER, b"stray")
            case "read":
                self.processes[who].read(20)
            case "prepare":
                self.processes[who].prepare()
            case _:
                self.processes[who].write()

    def settle(self) -> dict[bytes | None, bytes | None]:
        """Let all who live come to rest; return what the topic says then."""
        told = self.logs[Topic.CASES_CURRENT]
        for _ in range(ROUNDS):
            before = len(told)
            for process in self.processes:
                process.write()
                process.read(1_000)
                process.prepare()
                process.write()
            if len(told) == before:
                return {one.key: one.value for one in told if one.key != OTHER}
        pytest.fail("they write over each other for ever")


def last_words(
    life: Life, schedule: list[Step], kind: type[CaseKeeper]
) -> dict[bytes | None, bytes | None]:
    """Play a schedule, and what of the life it has left out; return the cases at the end."""
    installation = Installation(life, kind)
    rest = [("alert", 0)] * len(life.revisions) + [("decision", 0)] * len(life.decisions)
    half = len(schedule) // 2
    for what, who in [*schedule[:half], *rest, *schedule[half:]]:
        installation.play(what, who)
    return installation.settle()


def right(life: Life) -> dict[bytes | None, bytes | None]:
    cases = expected([alert_of(one) for one in life.revisions], life.decisions)
    return dict(cases.items())


@given(life=lives(), schedule=steps)
@settings(max_examples=100)
def test_the_last_word_is_right_whoever_is_killed_or_frozen(
    life: Life, schedule: list[Step]
) -> None:
    assert last_words(life, schedule, CaseKeeper) == right(life)


class _BelievesItsOwn(CaseKeeper):
    """Never looks whether somebody has written over what it wrote."""

    def add(self, record: Stored) -> None:
        if record.topic is not Topic.CASES_CURRENT:
            super().add(record)


def test_a_keeper_that_does_not_look_again_is_caught() -> None:
    life = Life([revision()], [])
    told = [(what, who) for who in (0, 1) for what in ("read", "prepare", "write")]
    schedule = [("alert", 0), *[("read", 0)] * len(told), *told, ("stray", 0)]
    assert last_words(life, schedule, CaseKeeper) == right(life)
    assert last_words(life, schedule, _BelievesItsOwn) != right(life)


def test_two_that_disagree_write_once_each() -> None:
    """They run under other settings: both are right by theirs, and neither insists."""
    logs: Logs = {topic: [] for topic in TOPICS}
    alert = alert_records(alert_of(revision()))[0]
    append(logs, Topic.ALERTS, alert.key, alert.value)
    for hour in (1, 2):
        note = decision_record(decide("note", hour, words="Called."))
        append(logs, Topic.DECISIONS, note.key, note.value)
    strict = Settings(cases=CaseSettings(most_decisions=1))
    keepers = [CaseKeeper(Settings()), CaseKeeper(strict)]
    for topic in (Topic.ALERTS, Topic.DECISIONS):
        for record in logs[topic]:
            for keeper in keepers:
                keeper.add(record)
    read = [0, 0]
    for _ in range(5):
        for number, keeper in enumerate(keepers):
            for record in logs[Topic.CASES_CURRENT][read[number] :]:
                keeper.add(record)
            read[number] = len(logs[Topic.CASES_CURRENT])
            for due in keeper.due():
                keeper.written(due, append(logs, Topic.CASES_CURRENT, due.key, due.value))
    assert len(logs[Topic.CASES_CURRENT]) == 2
    assert keepers[0].disagreements == 1


class _TakesAnErasureForAnAccident(CaseKeeper):
    """Writes again whatever somebody deleted."""

    def add(self, record: Stored) -> DeadLetter | None:
        return super().add(msgspec.structs.replace(record, erased=None))


def cases_after_an_erasure(kind: type[CaseKeeper]) -> list[int]:
    """Return how many cases are written: by the one that runs, by the next, after a new fact."""
    logs: Logs = {topic: [] for topic in TOPICS}
    alert = alert_records(alert_of(revision()))[0]
    append(logs, Topic.ALERTS, alert.key, alert.value)
    running, written = kind(Settings()), []
    running.add(logs[Topic.ALERTS][0])
    (record,) = running.due()
    running.written(record, append(logs, Topic.CASES_CURRENT, record.key, record.value))
    (version,) = (case.version for case in running.cases.values())
    headers = erased_case("p-cases-current", record.key, version)
    erased = erased_version("p-cases-current", record.key, headers)
    assert erased == version
    assert erased_version("q-cases-current", record.key, headers) is None
    assert erased_version("p-cases-current", b"another", headers) is None
    logs[Topic.CASES_CURRENT].append(
        Stored(Topic.CASES_CURRENT, 0, 1, record.key, None, NOW, erased)
    )
    running.add(logs[Topic.CASES_CURRENT][-1])
    written.append(len(running.due()))

    restarted = kind(Settings())
    for stored in (*logs[Topic.ALERTS], *logs[Topic.CASES_CURRENT]):
        restarted.add(stored)
    written.append(len(restarted.due()))
    assert not restarted.disagreements
    note = decision_record(decide("note", 1, words="Called."))
    append(logs, Topic.DECISIONS, note.key, note.value)
    restarted.add(logs[Topic.DECISIONS][0])
    written.append(len(restarted.due()))
    return written


def test_an_erased_case_stays_so_until_something_new_is_told() -> None:
    assert cases_after_an_erasure(CaseKeeper) == [0, 0, 1]
    assert cases_after_an_erasure(_TakesAnErasureForAnAccident) != [0, 0, 1]
