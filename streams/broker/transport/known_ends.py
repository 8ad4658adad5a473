"""Where a partition ends, as far as the client knows: nowhere, once it is somebody else's."""

from aiokafka import AIOKafkaConsumer, TopicPartition


def known_ends(
    client: AIOKafkaConsumer, topic_partition: TopicPartition
) -> tuple[int | None, int | None]:
    """Return the end of the log, and the offset up to which it can be read.

    None for what is not known. That offset is of the first record of a transaction that is open, or
    else the end. May be called in any thread: each step takes what the one before returned.
    """
    # Not by `highwater` and `last_stable_offset`, which demand that the partition is assigned: the
    # client's thread may take it away at any moment, and the worker would end by an assertion.
    subscription = client._subscription.subscription  # noqa: SLF001 - see tests/streams/broker/transport/private_names.py
    assignment = None if subscription is None else subscription.assignment
    state = None if assignment is None else assignment.state_value(topic_partition)
    return (None, None) if state is None else (state.highwater, state.lso)
