"""Accounts are placed as Kafka's own clients place them."""

from aiokafka.partitioner import murmur2 as murmur2_of_aiokafka
from hypothesis import example, given
from hypothesis import strategies as st
from kafka.partitioner import murmur2 as murmur2_of_kafka

from streams.wire.partitioner import misplaced, partition_of

ACCOUNTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(ACCOUNTS, max_size=12), st.integers(2, 2_000), st.data())
@example(["", "\0", "a\0b", "abcd", "Zürich", "口座-1", "😀"], 7, None)
def test_they_stand_where_the_clients_put_them(
    accounts: list[str], partitions: int, data: st.DataObject | None
) -> None:
    partition = 0 if data is None else data.draw(st.integers(0, partitions - 1))
    for murmur2 in (murmur2_of_kafka, murmur2_of_aiokafka):
        places = [(murmur2(one.encode()) & 0x7FFF_FFFF) % partitions for one in accounts]
        assert [partition_of(one, partitions) for one in accounts] == places
        wrong = [number for number, place in enumerate(places) if place != partition]
        assert misplaced(accounts, partition, partitions) == wrong


def test_with_one_partition_nothing_can_be_misplaced() -> None:
    assert misplaced(["a", "b"], 0, 1) == []
