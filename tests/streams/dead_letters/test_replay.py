"""Laws of replaying dead letters: nothing is lost, whatever dies; nothing is sent twice without."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.basis.errors import InvalidEvent
from streams.dead_letters.book import BookedLetter, LetterBook, LetterStatus
from streams.dead_letters.replay import (
    SLICE_BYTES,
    SLICE_RECORDS,
    ReplayOutcome,
    destination,
    plan_replays,
    send_replays,
)
from streams.stages.set_aside import Reason, SetAside
from streams.wire.dead_letter import KEPT_OF_TOO_LARGE, from_file
from streams.wire.letter_replay import Receipt, Replay
from streams.wire.routing import LARGEST_RECORD
from streams.wire.seal import SEAL, VERSION, seal_of
from streams.wire.sealed_letter import seal_letter
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.streams.dead_letters.stored_letters import (
    REFUSAL,
    Stored,
    booked,
    letter_record,
    receipt_record,
    refused,
)
from tests.streams.hostile_corpus import APPLIED, CORPUS

PARTITIONS: Final = dict.fromkeys(EVENT_TOPICS, 2)
TOO_LARGE: Final = InvalidEvent("too_large", "the record has many bytes")


class Crash(Exception):
    """The process is gone, between one record and the next."""


class MemoryBroker:
    """What a broker holds. Storing one record is a step; the process dies after so many."""

    def __init__(self, letters: Iterable[Stored], crashes: Iterable[int] = ()) -> None:
        self.letters: Final = list(letters)
        self.receipts: Final[list[Stored]] = []
        self.logs: Final[dict[tuple[Topic, int], list[Replay]]] = {
            (topic, partition): [] for topic in EVENT_TOPICS for partition in range(2)
        }
        self._crashes: Final = iter(crashes)
        self._steps_left = next(self._crashes, None)

    def step(self) -> None:
        if self._steps_left == 0:
            self._steps_left = next(self._crashes, None)
            raise Crash
        if self._steps_left is not None:
            self._steps_left -= 1

    def sent(self) -> list[Replay]:
        return [replay for log in self.logs.values() for replay in log]

    def book(self) -> list[BookedLetter]:
        book = LetterBook()
        for record in self.letters:
            book.add(record)
        for record in self.receipts:
            book.acknowledge(record)
        return book.letters()


class MemorySender:
    """Stores one record after the other, as a broker would."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.broker: Final = broker

    def send(self, replays: Sequence[Replay]) -> list[Receipt | str]:
        return [self.store(replay) for replay in replays]

    def store(self, replay: Replay) -> Receipt:
        self.broker.step()
        log = self.broker.logs[replay.topic, replay.partition]
        log.append(replay)
        return Receipt(replay.topic.value, replay.partition, len(log) - 1)

    def store_receipts(self, receipts: Mapping[str, Receipt]) -> None:
        for letter_id, receipt in receipts.items():
            self.broker.step()
            number = len(self.broker.receipts)
            self.broker.receipts.append(receipt_record(letter_id, receipt, number))


class ReceiptsFirst(MemorySender):
    """Says that records are stored, and stores them after their receipts."""

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__(broker)
        self._waiting: list[Replay] = []

    def send(self, replays: Sequence[Replay]) -> list[Receipt | str]:
        self._waiting = list(replays)
        return [Receipt(replay.topic.value, replay.partition, 0) for replay in replays]

    def store_receipts(self, receipts: Mapping[str, Receipt]) -> None:
        super().store_receipts(receipts)
        for replay in self._waiting:
            self.store(replay)


class NoReceipts(MemorySender):
    """Forgets what it sent."""

    def store_receipts(self, receipts: Mapping[str, Receipt]) -> None:
        pass


def replay(sender: MemorySender, *, again: bool = False) -> dict[str, ReplayOutcome]:
    broker = sender.broker
    destinations, results = plan_replays(broker.book(), PARTITIONS, again=again)
    return {
        result.letter_id: result.outcome
        for result in (*results, *send_replays(broker.letters, destinations, sender))
    }


def replay_until_done(sender: MemorySender) -> int:
    """Replay as often as the process dies, and once more; give how often it died."""
    crashes = 0
    while True:
        try:
            replay(sender)
        except Crash:
            crashes += 1
        else:
            return crashes


contents = st.none() | st.binary(max_size=3)
logs = st.lists(
    st.tuples(contents, st.sampled_from(list(EVENT_TOPICS)), st.integers(0, 1)), max_size=15
).map(
    lambda log: [
        letter_record(refused(record, offset, topic=topic, partition=partition), offset=offset)
        for offset, (record, topic, partition) in enumerate(log)
    ]
)
crash_points = st.lists(st.integers(0, 40), max_size=5)


def faults(broker: MemoryBroker, crashes: int) -> list[str]:
    """Return what is wrong after everything was replayed."""
    found = []
    wanted = {letter.letter_id for letter in broker.book()}
    sent = [replay.letter_id for replay in broker.sent()]
    if set(sent) != wanted:
        found.append("letters were lost")
    if any(sent.count(letter_id) > 1 + crashes for letter_id in wanted):
        found.append("letters were sent more often than the process died")
    if any(letter.receipt is None for letter in broker.book()):
        found.append("letters have no receipt")
    return found


@settings(max_examples=300, deadline=None)
@given(logs, crash_points)
def test_whatever_dies_every_letter_is_sent_and_none_without_need_twice(
    log: list[Stored], crashes_at: list[int]
) -> None:
    broker = MemoryBroker(log, crashes_at)
    crashes = replay_until_done(MemorySender(broker))
    assert faults(broker, crashes) == []
    before = len(broker.sent())
    while_left = replay_until_done(MemorySender(broker))
    assert (len(broker.sent()), while_left) == (before, 0)


@pytest.mark.parametrize("kind", [ReceiptsFirst, NoReceipts])
def test_another_order_or_no_receipts_are_noticed(kind: type[MemorySender]) -> None:
    log = [letter_record(refused(b"%d" % number, number), offset=number) for number in range(5)]

    def goes_wrong(crash_at: int) -> bool:
        broker = MemoryBroker(log, [crash_at])
        return bool(faults(broker, replay_until_done(kind(broker))))

    assert any(map(goes_wrong, range(12)))


def test_letters_that_are_refused_again_do_not_multiply() -> None:
    broker = MemoryBroker([letter_record(refused(b"x", 17)), letter_record(refused(b"y", 18))])
    sender = MemorySender(broker)
    for _ in range(3):
        replay(sender)
        # The worker refuses what came back, at its new place, for the same reason.
        broker.letters[2:] = [
            letter_record(refused(replay.value, offset), replay.key, offset=10 + offset)
            for offset, replay in enumerate(broker.logs[Topic.SALES, 0])
        ]
    assert [replay.value for replay in broker.sent()] == [b"x", b"y"]
    assert [(letter.status, len(letter.locations)) for letter in broker.book()] == [
        (LetterStatus.REFUSED_AGAIN, 2),
        (LetterStatus.REFUSED_AGAIN, 2),
    ]
    assert set(replay(sender, again=True).values()) == {ReplayOutcome.SENT}
    assert len(broker.sent()) == 4


def test_what_is_sent_has_the_key_the_bytes_and_the_partition_it_had() -> None:
    letters = [
        letter_record(refused(None, 1, partition=1), b"a-1"),
        letter_record(refused(b"", 2, topic="cancellations"), None),
        letter_record(refused(b"\xff", 3, topic="account-activity", partition=1), b"\xfe"),
    ]
    broker = MemoryBroker(letters)
    replay(MemorySender(broker))
    assert {
        place: [(replay.key, replay.value) for replay in log]
        for place, log in broker.logs.items()
        if log
    } == {
        (Topic.SALES, 1): [(b"a-1", None)],
        (Topic.CANCELLATIONS, 0): [(None, b"")],
        (Topic.ACCOUNT_ACTIVITY, 1): [(b"\xfe", b"\xff")],
    }


def test_of_hostile_records_all_but_the_cut_ones_come_back_byte_for_byte() -> None:
    hostile = [case for case in CORPUS if case.fate != APPLIED]
    broker = MemoryBroker(
        letter_record(refused(case.record, offset), case.name.encode(), offset=offset)
        for offset, case in enumerate(hostile)
    )
    fates = replay(MemorySender(broker))
    whole = {case.record for case in hostile if len(case.record) <= LARGEST_RECORD}
    assert {replay.value for replay in broker.sent()} == whole
    cut = [letter.letter_id for letter in broker.book() if letter.latest.size is not None]
    assert [found for found, fate in fates.items() if fate is ReplayOutcome.CANNOT] == cut
    assert len(cut) == len(hostile) - len(whole) > 0


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (Stored(b"x"), "another program"),
        (letter_record(from_file(REFUSAL, "events.jsonl", 7, b"x")), "aboveboard replay"),
        (letter_record(refused(b"x", topic="outcomes")), "no topic of events"),
        (letter_record(refused(b"x", partition=2)), "no partition 2"),
        (letter_record(refused(b"x" * (LARGEST_RECORD + 1))), "only its beginning"),
        (letter_record(refused(b"x" * KEPT_OF_TOO_LARGE, error=TOO_LARGE)), "only its beginning"),
    ],
    ids=["foreign", "file", "stage", "partition", "cut", "cut by the first version"],
)
def test_what_cannot_be_sent_is_said_with_its_reason(record: Stored, words: str) -> None:
    (letter,) = booked(record)
    why = destination(letter, PARTITIONS)
    assert isinstance(why, str)
    assert words in why


@pytest.mark.parametrize("reason", ["foreign_record", "corrupt_batch", "lost"])
@pytest.mark.parametrize("source", [Topic.SALES, Topic.OUTCOMES])
def test_what_is_for_people_only_is_never_sent(reason: Reason, source: Topic) -> None:
    aside = SetAside(
        topic=source, partition=0, first=3, last=3, reason=reason, detail="why", value=b"x"
    )
    output = aside.output()
    value, headers = output.value, [*output.headers]
    seal = (SEAL, seal_of(Topic.DEAD_LETTERS, None, value, headers))
    (letter,) = booked(Stored(value, None, [*headers, seal]))
    assert letter.sealed
    why = destination(letter, PARTITIONS, unsealed=True)
    assert isinstance(why, str)
    assert "nothing to send" in why


def test_a_letter_without_our_seal_is_sent_only_where_that_is_insisted_on() -> None:
    """A name of another partition, a copy from another installation, and headers alone."""
    ours = letter_record(refused(b"x", partition=1))
    elsewhere = {"partition": b"0", "source": b"cancellations", "seal": VERSION + b":" + b"0" * 32}
    forged = [
        *(
            [(n, elsewhere[name] if n == name else v) for n, v in ours.headers]
            for name in elsewhere
        ),
        ours.headers[:-1],
        seal_letter("other-", refused(b"x", partition=1), b"a-1")[1],
    ]
    assert destination(booked(ours)[0], PARTITIONS) == (Topic.SALES, 1)
    for headers in forged:
        (letter,) = booked(Stored(b"x", b"a-1", headers))
        why = destination(letter, PARTITIONS)
        assert isinstance(why, str)
        assert "--unsealed" in why
        assert not isinstance(destination(letter, PARTITIONS, unsealed=True), str)
    for key, value in ((b"a-2", b"x"), (None, b"x"), (b"a-1", b"y"), (b"a-1", None)):
        assert not booked(Stored(value, key, ours.headers))[0].sealed


def test_a_whole_record_that_a_setting_refused_as_too_large_is_sent() -> None:
    (letter,) = booked(letter_record(refused(b"x" * (KEPT_OF_TOO_LARGE + 1), error=TOO_LARGE)))
    assert destination(letter, PARTITIONS) == (Topic.SALES, 0)


def test_a_letter_that_vanished_meanwhile_is_told() -> None:
    broker = MemoryBroker([letter_record(refused(b"x"))])
    ways, _ = plan_replays(broker.book(), PARTITIONS, again=False)
    (fate,) = send_replays([], ways, MemorySender(broker))
    assert fate.outcome is ReplayOutcome.CANNOT


def test_receipts_are_written_after_every_slice() -> None:
    small = [letter_record(refused(b"%d" % number)) for number in range(2 * SLICE_RECORDS)]
    large = [letter_record(refused(b"%d" % n + b"x" * (SLICE_BYTES // 10))) for n in range(20)]
    for letters, slice_size in ((small, SLICE_RECORDS), (large, 10)):
        broker = MemoryBroker(letters, [slice_size + slice_size])
        with pytest.raises(Crash):
            replay(MemorySender(broker))
        assert len(broker.receipts) == slice_size
