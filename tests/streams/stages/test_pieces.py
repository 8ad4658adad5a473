"""Messages in pieces: read once all pieces are there, whatever repeats, restarts or mingles."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Day
from streams.stages.actors.messages import Messages
from streams.stages.actors.unusable import Unusable
from streams.stages.pieces import (
    MessagesInPieces,
    Piece,
    cut,
    parts_of_segment,
    segment,
)
from tests.detectors.refutation import refuted
from tests.streams.stages.actors.in_memory import Record

SENDERS: Final = 2


class Told(Struct, frozen=True):
    """A message such as a report: who tells of which day, and how much there is to tell."""

    sender: int
    day: Day
    words: str


Reader = MessagesInPieces[Told]


def told_on(sender: int, day: int) -> Told:
    # Of the same length for all: only the checksum tells their pieces apart.
    return Told(sender, Day(day), f"{sender}-{day}-" * 4)


def reader(kind: type[Reader]) -> Reader:
    return kind(Messages(Told, lambda _: ""))


@st.composite
def topics(draw: st.DrawFn) -> list[bytes]:
    """Draw what stands in a topic: senders die and repeat messages, and pieces mingle."""
    logs: list[list[bytes]] = []
    for sender in range(SENDERS):
        size, days = draw(st.integers(3, 60)), range(draw(st.integers(1, 5)))
        messages = [
            cut(sender, Day(day), msgspec.msgpack.encode(told_on(sender, day)), size)
            for day in days
        ]
        log: list[bytes] = []
        sent = 0
        for _ in range(draw(st.integers(0, 2))):
            again = draw(st.integers(0, sent))
            number = draw(st.integers(again, len(messages) - 1))
            log += [piece for message in messages[again:number] for piece in message]
            log += messages[number][: draw(st.integers(0, len(messages[number]) - 1))]  # died
            sent = max(sent, number)
        again = draw(st.integers(0, sent))
        log += [piece for message in messages[again:] for piece in message]
        logs.append(log)
        if draw(st.booleans()):  # a worker that was frozen wakes, after this has been sent once
            since = draw(st.integers(0, len(log) - 1))
            some = log[since : since + draw(st.integers(1, 5))]
            place = draw(st.integers(since + len(some), len(log)))
            log[place:place] = some
    return mingled(draw, logs)


def mingled(draw: st.DrawFn, logs: list[list[bytes]]) -> list[bytes]:
    order = draw(st.permutations([n for n, log in enumerate(logs) for _ in log]))
    rest = [iter(log) for log in logs]
    return [next(rest[number]) for number in order]


def read(kind: type[Reader], topic: Sequence[bytes], data: st.DataObject) -> list[Told]:
    """Read a topic as a stage does that restarts from what was written last."""
    reading, saved, since, position = reader(kind), None, 0, 0
    found: list[Told] = []
    unusable: list[Unusable] = []
    restarts = data.draw(st.integers(0, 3))
    while position < len(topic):
        some = topic[position : position + data.draw(st.integers(1, 4))]
        records = [Record(position + n, b"0", one) for n, one in enumerate(some)]
        found += reading.read(records, unusable)
        position += len(some)
        match data.draw(st.sampled_from(["go on", "write", "restart"])):
            case "write":
                saved, since = reading.snapshot(), position
            case "restart" if restarts:
                restarts -= 1
                reading, position = reader(kind), since
                if saved is not None:
                    reading.restore(saved)
    assert not unusable
    return found


def law(kind: type[Reader], data: st.DataObject) -> None:
    """All messages are read and nothing else, those of a sender in the order of their days."""
    topic = data.draw(topics())
    whole = {(piece.sender, piece.day) for piece in map(piece_in, topic)}
    found = read(kind, topic, data)
    assert {(one.sender, one.day) for one in found} == whole
    assert all(one == told_on(one.sender, one.day) for one in found)
    for sender in range(SENDERS):
        first_told = list(dict.fromkeys(one.day for one in found if one.sender == sender))
        assert first_told == sorted(first_told)


def piece_in(value: bytes) -> Piece:
    return msgspec.msgpack.decode(value, type=Piece)


@given(data=st.data())
def test_every_message_is_read_whole_and_nothing_else_is(data: st.DataObject) -> None:
    law(MessagesInPieces, data)


class TakesWhatIsThere(Reader):
    """Takes a message once a piece of it that ends like one is there, though others are not."""

    def _add(self, piece: Piece) -> bytes | None:
        whole = super()._add(piece)
        if whole is None and piece.number == piece.total - 1:
            return msgspec.msgpack.encode(Told(piece.sender, piece.day, "incomplete"))
        return whole


class ForgetsWhatWaits(Reader):
    """Writes nothing of messages that are not whole."""

    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode([])


class KeepsOneMessage(Reader):
    """Takes the piece of another message for the end of the one before."""

    def _add(self, piece: Piece) -> bytes | None:
        kept = self._waiting.get(piece.whole)
        self._waiting = {} if kept is None else {piece.whole: kept}
        return super()._add(piece)


@pytest.mark.parametrize("broken", [ForgetsWhatWaits, KeepsOneMessage, TakesWhatIsThere])
def test_the_law_catches(broken: type[Reader]) -> None:
    assert refuted(law, broken)


def test_pieces_of_two_contents_of_a_day_are_never_joined() -> None:
    one = cut(0, Day(1), msgspec.msgpack.encode(Told(0, Day(1), "aaaa")), 4)
    other = cut(0, Day(1), msgspec.msgpack.encode(Told(0, Day(1), "bbbb")), 4)
    mixed = [*one[:-1], *other[-1:]]
    assert list(take(mixed)) == []


def test_what_is_no_piece_or_makes_no_message_is_told() -> None:
    unusable: list[Unusable] = []
    message = msgspec.msgpack.encode(told_on(0, 1))
    (whole,) = cut(0, Day(1), message)
    lying = msgspec.structs.replace(piece_in(whole), checksum=7)
    absurd = msgspec.structs.replace(piece_in(whole), number=1)
    (other,) = cut(0, Day(1), b"\xc1")
    values = [b"", message, *map(msgspec.msgpack.encode, (lying, absurd)), other, whole]
    assert list(take(values, unusable)) == [told_on(0, 1)]
    reasons = [one.why for one in unusable]
    assert [one.record.offset for one in unusable] == [0, 1, 2, 3, 4]
    assert reasons[2] == "its pieces make no message of ours"
    assert "piece 1 of 1" in reasons[3]


def take(values: Sequence[bytes], unusable: list[Unusable] | None = None) -> Iterator[Told]:
    records = [Record(n, b"0", value) for n, value in enumerate(values)]
    return reader(MessagesInPieces).read(records, [] if unusable is None else unusable)


def test_a_piece_is_never_longer_than_it_may_be() -> None:
    for size in (1, 7, 100):
        pieces = [piece_in(value) for value in cut(3, Day(2), bytes(100), size)]
        assert max(len(piece.body) for piece in pieces) == size
        assert b"".join(piece.body for piece in pieces) == bytes(100)


def test_a_segment_is_one_message_and_comes_back() -> None:
    held = b"".join(segment(b"waiting", b"stage" * 100))
    assert msgspec.msgpack.decode(held) == [b"waiting", b"stage" * 100]
    assert parts_of_segment(held, "a stage") == (b"waiting", b"stage" * 100)
    with pytest.raises(IncompatibleSnapshot, match="not a state of the peers stage"):
        parts_of_segment(b"\xc1", "the peers stage")
