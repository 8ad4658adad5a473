"""Records of other programs in a changelog: they change no state, and hide none for long."""

import asyncio
from typing import Final, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.basis.errors import IncompatibleSnapshot
from streams.stages.state import sieve
from streams.stages.state.head import Head
from streams.stages.state.names import BEFORE_ALL, PartName, head_key, twin_key
from streams.wire.seal import SEAL, SealCheck, place_of, seal_of
from streams.wire.topics import Topic
from tests.streams.stages.actors.in_memory import Broker, MemoryJournal, Record
from tests.streams.stages.state.ledgers import TOPIC, KeptCopy, Words, small_parts, words_in

PLACE: Final = (TOPIC, 0)
FIRST: Final = BEFORE_ALL.followed_by(1)
OTHER_PLACE: Final = place_of("other-ledger-state", 0)


class Stray(NamedTuple):
    """A record of another program, written after so many writes of ours."""

    after: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


def head_bytes(words: int = 1) -> bytes:
    return msgspec.msgpack.encode(Head("elsewhere", words, (), {"sales": 7}, b"7"))


def copied(key: bytes, value: bytes | None) -> tuple[tuple[str, bytes | None], ...]:
    return ((SEAL, seal_of(OTHER_PLACE, key, value)),)


keys = st.one_of(
    st.binary(max_size=8),
    st.sampled_from([head_key(FIRST), twin_key(FIRST), b"head", b"head/9.9", b"segment/x"]),
    st.builds(
        lambda number, part: PartName(FIRST, number, part).key(),
        st.integers(0, 5),
        st.integers(0, 2),
    ),
)
values = st.none() | st.binary(max_size=8) | st.just(head_bytes())
strays = st.builds(
    lambda after, key, value, copy: Stray(after, key, value, copied(key, value) if copy else ()),
    st.integers(0, 6),
    keys,
    values,
    st.booleans(),
)


def compact(broker: Broker, upto: int | None = None) -> None:
    """Keep the last record of every key, as a broker does with what is old."""
    log = broker.changelogs[PLACE]
    old, new = log[:upto], log[upto:] if upto is not None else []
    kept = list({record.key: record for record in old}.values())
    broker.changelogs[PLACE] = [*kept, *new]


async def written(
    broker: Broker, found: list[Stray], copy: KeptCopy | None = None, *, again: bool = True
) -> list[str]:
    """Write words with strays in between, as one worker, and as another; return the words."""
    words: list[str] = []
    for generation in (1, 2) if again else (1,):
        writer = Words(broker, copy)
        await writer.open(generation)
        assert writer.words == words
        for number in range(3):
            for stray in found:
                if stray.after == 3 * (generation - 1) + number:
                    broker.stray(PLACE, *stray[1:])
            words.append(f"w{generation}.{number}")
            writer.add(words[-1])
            await writer.write()
            await writer.log.remove_dead()
    for stray in found:
        if stray.after == 6:
            broker.stray(PLACE, *stray[1:])
    return words


@settings(deadline=None)
@given(found=st.lists(strays, max_size=8), with_copy=st.booleans())
def test_records_of_others_change_no_state(found: list[Stray], with_copy: bool) -> None:  # noqa: FBT001 - Hypothesis names it
    async def scene() -> None:
        broker, copy = Broker(1, ()), KeptCopy() if with_copy else None
        words = await written(broker, found, copy)
        assert await words_in(broker, copy) == words

    with small_parts():
        asyncio.run(scene())


def test_taking_every_record_for_ours_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sieve, "check_seal", lambda *_: SealCheck.RIGHT)

    async def fails(stray: Stray) -> bool:
        broker = Broker(1, ())
        try:
            return await words_in(broker) != await written(broker, [stray])
        except (IncompatibleSnapshot, AssertionError):
            return True

    async def scene() -> list[bool]:
        part = PartName(FIRST, 2, 0).key()
        found = [Stray(3, head_key(FIRST), b"x"), Stray(3, part, None), Stray(3, part, b"\x00no ")]
        return [await fails(stray) for stray in found]

    assert asyncio.run(scene()) == [True, True, True]


@settings(deadline=None)
@given(key=keys, value=values)
def test_compaction_takes_nothing_away_that_one_stray_record_hides(
    key: bytes, value: bytes | None
) -> None:
    """What is hidden is written once more by whoever meets the stray record, then compacted."""

    async def scene() -> None:
        broker = Broker(1, ())
        words = await written(broker, [Stray(2, key, value)])
        compact(broker)
        assert await words_in(broker) == words

    with small_parts():
        asyncio.run(scene())


@pytest.mark.parametrize("met", ["while running", "at the start"])
def test_what_is_hidden_and_still_needed_is_written_once_more(met: str) -> None:
    async def scene() -> None:
        broker = Broker(1, ())
        writer = Words(broker, round_of=99)
        await writer.open(1)
        for word in ("a", "b"):
            writer.add(word)
            await writer.write()
        broker.stray(PLACE, PartName(FIRST, 0, 0).key(), b"stray")
        if met == "at the start":
            writer = Words(broker, round_of=99)
            await writer.open(2)
        for word in ("c", "d"):
            writer.add(word)
            await writer.write()
        assert writer.log.drain_ignored() == 1
        compact(broker)
        assert await words_in(broker) == ["a", "b", "c", "d"]

    asyncio.run(scene())


def test_writing_it_only_once_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sieve, "is_key_of_state", lambda _: False)
    with pytest.raises(IncompatibleSnapshot, match=r"lacks segment/0.1/0/0: another program"):
        test_what_is_hidden_and_still_needed_is_written_once_more("while running")


@pytest.mark.parametrize("spoilt", [head_key(FIRST), twin_key(FIRST)])
@pytest.mark.parametrize("value", [b"x", None, head_bytes()])
def test_of_the_two_heads_one_is_enough(spoilt: bytes, value: bytes | None) -> None:
    async def scene() -> None:
        broker = Broker(1, ())
        words = await written(broker, [Stray(3, spoilt, value)], again=False)
        broker.stray(PLACE, spoilt, value)
        compact(broker)
        assert await words_in(broker) == words

    asyncio.run(scene())


@pytest.mark.parametrize("with_copy", [False, True])
@pytest.mark.parametrize("compacted", [False, True])
def test_an_old_head_that_comes_once_more_is_not_the_state(
    *, with_copy: bool, compacted: bool
) -> None:
    """With its right seal, as from a program that copies a topic into itself."""

    async def scene() -> None:
        broker, copy = Broker(1, ()), KeptCopy() if with_copy else None
        words = await written(broker, [], copy, again=False)
        log = broker.changelogs[PLACE]
        old = [record for record in log if record.key in {head_key(FIRST), twin_key(FIRST)}]
        for record in old[:1] if compacted else old[:2]:
            broker.stray(PLACE, *record[1:3], record.headers)
        if compacted:
            compact(broker)
        assert await words_in(broker, None if compacted else copy) == words

    asyncio.run(scene())


def test_a_head_that_is_gone_is_no_new_beginning() -> None:
    async def scene() -> None:
        broker = Broker(1, ())
        await written(broker, [], again=False)
        for key in (head_key(FIRST), twin_key(FIRST)):
            broker.stray(PLACE, key, b"x")
        compact(broker)
        with pytest.raises(IncompatibleSnapshot, match=r"head of the state is gone.*TOPIC_PREFIX"):
            await words_in(broker)

    asyncio.run(scene())


def test_a_segment_that_is_gone_is_refused() -> None:
    async def scene() -> None:
        broker = Broker(1, ())
        await written(broker, [], again=False)
        broker.stray(PLACE, PartName(FIRST, 2, 0).key(), None)
        compact(broker)
        with pytest.raises(IncompatibleSnapshot, match=r"lacks segment/0.1/2/0.*TOPIC_PREFIX"):
            await words_in(broker)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("key", "tag", "said"),
    [
        (b"head/0.3", "state-2", "version 'state-2' without seals"),
        (b"head/0.3", "state-3", "version 'state-3' without seals"),
        (b"head", "ledger-1", "version 'ledger-1'"),
    ],
)
@pytest.mark.parametrize("with_copy", [False, True])
def test_a_head_without_a_seal_is_another_version_where_there_is_no_other(
    key: bytes, tag: str, said: str, *, with_copy: bool
) -> None:
    async def scene() -> None:
        broker, copy = Broker(1, ()), KeptCopy() if with_copy else None
        broker.stray(PLACE, key, msgspec.msgpack.encode({"type": tag, "origin": "x"}))
        for _ in range(2):
            with pytest.raises(IncompatibleSnapshot, match=said):
                await Words(broker, copy).open(1)

    asyncio.run(scene())


def test_a_sealed_head_of_another_version_is_refused() -> None:
    async def scene() -> None:
        broker = Broker(1, ())
        head = msgspec.msgpack.encode({"type": "state-4", "origin": "x"})
        await MemoryJournal(broker).write(TOPIC, 0, {head_key(FIRST): head})
        with pytest.raises(IncompatibleSnapshot, match=r"version 'state-4'.* reads 'state-3'"):
            await Words(broker).open(2)

    asyncio.run(scene())


@pytest.mark.parametrize("with_copy", [False, True])
def test_what_a_release_with_other_seals_wrote_over_ours_is_refused(*, with_copy: bool) -> None:
    """Ours is still there, and would count, though that release went on from it."""

    async def scene() -> None:
        broker, copy = Broker(1, ()), KeptCopy() if with_copy else None
        await written(broker, [], copy, again=False)
        broker.stray(PLACE, b"head/0.9", b"new", ((SEAL, b"2:" + b"0" * 32),))
        for _ in range(2):
            with pytest.raises(IncompatibleSnapshot, match="another release has written"):
                await Words(broker, copy).open(2)

    asyncio.run(scene())


def test_a_head_copied_from_another_partition_is_no_state_where_there_is_none() -> None:
    async def scene() -> None:
        broker = Broker(1, ())
        seal = (SEAL, seal_of(place_of(TOPIC, 1), head_key(FIRST), head_bytes()))
        broker.stray(PLACE, head_key(FIRST), head_bytes(), (seal,))
        reader = Words(broker)
        assert not await reader.open(1)
        assert reader.log.drain_ignored() == 1

    asyncio.run(scene())


def test_a_sieve_counts_names_the_first_and_keeps_the_order_of_last_writes() -> None:
    taken = sieve.Sieve(place_of(Topic.PEERS_STATE, 0))
    ours = {b"a": b"1", b"b": b"2"}
    for offset, (key, value) in enumerate([*ours.items(), (b"a", b"1")]):
        seal = (SEAL, seal_of(place_of(Topic.PEERS_STATE, 0), key, value))
        taken.add(Record(offset, key, value, headers=(seal,)))
    for offset in (3, 4):
        taken.add(Record(offset, None, b"x"))
    reading = taken.reading(5)
    assert list(reading.entries) == [b"b", b"a"]
    assert (reading.foreign.number, reading.foreign.first) == (2, "peers-state/0 offset 3")
