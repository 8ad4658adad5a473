"""A state counts wholly or not at all, whoever else writes, and however often it changes hands."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import IncompatibleSnapshot
from streams.stages.actors.actor import Capture
from streams.stages.state.journal import Entries
from streams.stages.state.names import BEFORE_ALL, Epoch
from streams.stages.state.state_log import StateLog
from streams.wire.topics import Topic
from tests.streams.stages.actors.in_memory import Broker, Crash, MemoryJournal
from tests.streams.stages.state.ledgers import (
    TOPIC,
    KeptCopy,
    Words,
    recreated,
    small_parts,
    words_in,
)


def test_a_new_changelog_has_no_state() -> None:
    assert not asyncio.run(Words(Broker(1, ())).open(1))


@given(steps=st.lists(st.integers(0, 40), max_size=4), round_of=st.integers(1, 4))
def test_wherever_writing_is_cut_short_a_whole_state_counts(
    steps: list[int], round_of: int
) -> None:
    broker = Broker(1, ())
    broker.fail_after(steps)
    durable: list[str] = []

    async def life(generation: int) -> None:
        writer = Words(broker, round_of=round_of)
        await writer.open(generation)
        assert writer.words in (durable, [*durable, *written])
        durable[:] = writer.words
        for number in range(5):
            written[:] = [f"w{generation}.{number}"]
            writer.add(*written)
            await writer.write()
            durable.extend(written)
            written.clear()
            await writer.log.remove_dead()

    written: list[str] = []
    with small_parts():
        for generation in range(len(steps) + 1):
            try:
                asyncio.run(life(generation))
            except Crash:
                continue
    assert asyncio.run(words_in(broker))[: len(durable)] == durable


@given(
    turns=st.lists(st.sampled_from(["old", "new", "commit"]), max_size=25),
    round_of=st.integers(1, 4),
)
def test_a_writer_that_was_replaced_changes_nothing(turns: list[str], round_of: int) -> None:
    """The old one goes on writing; its commits are refused, so that it never removes.

    Nor does what it writes make its local copy, or that of the new one, pass over anything.
    """

    async def scene() -> None:
        broker = Broker(1, ())
        copies = KeptCopy(), KeptCopy()
        old, new = (Words(broker, copy, round_of) for copy in copies)
        await old.open(1)
        old.add("a", "b")
        await old.write()
        await old.log.remove_dead()
        await new.open(2)
        written = False
        for number, turn in enumerate(turns):
            if turn == "old":
                old.add(f"o{number}")
                await old.write()
            elif turn == "new":
                new.add(f"n{number}")
                await new.write()
                written = True
            elif written:
                await new.log.remove_dead()
        for copy in (None, *copies):
            assert await words_in(broker, copy) == (new.words if written else old.words)

    with small_parts():
        asyncio.run(scene())


def test_removing_before_the_commit_would_be_noticed() -> None:
    async def scene() -> None:
        broker = Broker(1, ())
        old, new = Words(broker, round_of=2), Words(broker, round_of=9)
        await old.open(1)
        for word in "ab":
            old.add(word)
            await old.write()
        await new.open(2)
        old.add("c")
        await old.write()
        await old.log.remove_dead()  # although its commit was refused
        new.add("d")
        await new.write()
        with pytest.raises(IncompatibleSnapshot, match="lacks segment"):
            await words_in(broker)

    asyncio.run(scene())


def test_what_is_not_needed_goes_and_what_died_unwritten_too() -> None:
    async def scene() -> None:
        broker = Broker(1, ())
        writer = Words(broker, round_of=2)
        await writer.open(1)
        for number in range(20):
            writer.add(f"w{number}")
            await writer.write()
            await writer.log.remove_dead()
        await MemoryJournal(broker).write(TOPIC, 0, {b"segment/0.1/99/0": b"\x00orphan"})
        follower = Words(broker, round_of=2)
        await follower.open(2)
        follower.add("x", "y")
        await follower.write()
        await follower.log.remove_dead()
        left = (await MemoryJournal(broker).read(TOPIC, 0)).entries
        kept = sorted(key for key, value in left.items() if value is not None)
        assert b"segment/0.1/99/0" not in kept
        assert len(kept) <= 4

    asyncio.run(scene())


def test_a_partition_that_comes_back_untouched_is_carried_on() -> None:
    async def scene() -> None:
        broker = Broker(1, ())
        writer = Words(broker)
        await writer.open(1)
        writer.add("a")
        await writer.write()
        assert await writer.log.reopen(2)
        writer.add("b")
        await writer.write()
        other = Words(broker)
        await other.open(3)
        other.add("c")
        await other.write()
        assert not await writer.log.reopen(4)
        assert await words_in(broker) == ["a", "b", "c"]

    asyncio.run(scene())


@pytest.mark.parametrize("last", ["remove_dead", "write"])
def test_one_that_was_overtaken_while_it_wrote_does_not_carry_on(last: str) -> None:
    """It froze in a write, woke when another had the partition, and gets the partition back."""

    async def scene() -> None:
        broker = Broker(1, ())
        writer = Words(broker)
        await writer.open(1)
        for word in ("a", "b"):
            writer.add(word)
            await writer.write()
            await writer.log.reopen(1)  # so that there is a dead head to remove
        other = Words(broker)
        await other.open(2)
        other.add("c")
        await other.write()
        await (writer.log.remove_dead() if last == "remove_dead" else writer.write())
        assert not await writer.log.reopen(3)

    asyncio.run(scene())


@given(st.lists(st.binary(max_size=11), max_size=6))
def test_a_segment_of_any_pieces_is_cut_and_put_together(pieces: list[bytes]) -> None:
    async def scene() -> None:
        broker = Broker(1, ())
        log = StateLog(MemoryJournal(broker), TOPIC, 0, KeptCopy())
        await log.open(1)
        await log.write(Capture(pieces, b"", 0), {})
        state = await StateLog(MemoryJournal(broker), TOPIC, 0, KeptCopy()).open(2)
        assert state is not None
        assert state.segments == [segment for segment in [b"".join(pieces)] if segment]

    with small_parts():
        asyncio.run(scene())


def test_the_pieces_of_a_segment_are_not_all_made_at_once() -> None:
    made: list[int] = []
    seen: list[int] = []

    class Watched(MemoryJournal):
        async def write(self, topic: Topic, partition: int, entries: Entries) -> int:
            seen.append(len(made))
            return await super().write(topic, partition, entries)

    def pieces() -> Iterator[bytes]:
        for number in range(20):
            made.append(number)
            yield b"0123"

    async def scene() -> None:
        log = StateLog(Watched(Broker(1, ())), TOPIC, 0, KeptCopy())
        await log.open(1)
        await log.write(Capture(pieces(), b"", 0), {})

    with small_parts(length=4, at_once=2):
        asyncio.run(scene())
    # In each go two, and the one that told that another part follows; then the head.
    assert seen == [*range(3, 20, 2), 20, 20]


@given(
    gaps=st.lists(st.booleans(), min_size=1, max_size=8),
    round_of=st.integers(1, 3),
)
def test_a_local_copy_gives_the_same_state(gaps: list[bool], round_of: int) -> None:
    """A partition goes to and fro between a worker with a copy and one without."""

    async def scene() -> None:
        broker, copy = Broker(1, ()), KeptCopy()
        words: list[str] = []
        for generation, away in enumerate(gaps):
            writer = Words(broker, None if away else copy, round_of)
            await writer.open(generation)
            assert writer.words == words
            writer.add(f"w{generation}")
            await writer.write()
            await writer.log.remove_dead()
            words = writer.words
        assert await words_in(broker) == words

    with small_parts():
        asyncio.run(scene())


@pytest.mark.parametrize("writes", [1, 30])
def test_the_copy_of_a_changelog_that_was_deleted_is_forgotten(writes: int) -> None:
    async def scene() -> None:
        broker, copy = Broker(1, ()), KeptCopy()
        first = Words(broker, copy)
        await first.open(50)
        for number in range(5):
            first.add(f"old{number}")
            await first.write()
        recreated(broker)
        second = Words(broker)
        await second.open(1)
        for number in range(writes):
            second.add(f"new{number}")
            await second.write()
        third = Words(broker, copy)
        await third.open(2)
        assert third.words == second.words

    asyncio.run(scene())


def test_a_restart_with_a_copy_reads_only_what_is_new() -> None:
    async def scene() -> None:
        broker, copy = Broker(1, ()), KeptCopy()
        writer = Words(broker, copy)
        await writer.open(1)
        writer.add("a")
        await writer.write()
        await Words(broker, copy).open(2)
        assert copy.loads == [0, len(broker.changelogs[TOPIC, 0])]

    asyncio.run(scene())


def test_a_group_that_begins_anew_is_a_new_era() -> None:
    assert BEFORE_ALL.followed_by(0) == Epoch(0, 0)
    assert Epoch(0, 7).followed_by(8) == Epoch(0, 8)
    assert Epoch(0, 7).followed_by(7) == Epoch(1, 7) > Epoch(0, 7)
    assert Epoch(1, 7).followed_by(2) == Epoch(2, 2) > Epoch(1, 7)
