"""Compares a restored state with the logs that it was made from, before anything is applied."""

from collections.abc import Iterable, Mapping
from typing import Any

from streams.errors import LogTooShort, LostState
from streams.stages.log_bounds import LogBounds, too_short
from streams.stages.losses import Loss
from streams.stages.partition import StagePartition
from streams.stages.plan import Membership, Reached, StagePlan
from streams.wire.topics import Topic


async def check_logs(
    plan: StagePlan[Any],
    restored: Mapping[int, StagePartition[Any]],
    membership: Membership,
) -> None:
    """Accept, or raise for, what is lost to these partitions; all of it at once.

    Raises
    ------
    LostRecords
        If records were deleted that the state has not seen, and nobody has accepted that.
    LostState
        If the state has not seen what the group has committed.
    LogTooShort
        If a log ends before what the state has seen of it.
    aiokafka.errors.KafkaError
        If the broker does not answer.
    """
    reached = {
        (topic, number): held.reached(topic)
        for topic in plan.inputs
        for number, held in restored.items()
    }
    losses = list(_losses(plan, reached, await membership.bounds(reached)))
    refused = [loss for loss in losses if not restored[loss.partition].can_lose(loss)]
    if refused:
        raise restored[refused[0].partition].accepted.refusal(refused)
    for loss in losses:
        restored[loss.partition].lose(loss)


def _losses(
    plan: StagePlan[Any],
    read: Reached,
    bounds: Mapping[tuple[Topic, int], LogBounds],
) -> Iterable[Loss]:
    for (topic, number), (start, committed, ends_early) in bounds.items():
        reached = read[topic, number]
        if reached is not None and ends_early:
            raise LogTooShort(too_short(topic, number, reached))
        # State is written before offsets are committed: it can be ahead of them, never behind.
        # Where the group begins with the log again, somebody has told it to.
        if committed is not None and committed > start and (reached or 0) < committed:
            raise LostState(_explained(plan, topic, number, reached, committed))
        if reached is not None and reached < start:
            yield Loss(topic, number, reached, start - 1)


def _explained(
    plan: StagePlan[Any], topic: Topic, number: int, reached: int | None, committed: int
) -> str:
    has = "has no state" if reached is None else f"has a state up to offset {reached}"
    return (
        f"the {plan.name} stage {has} of {topic} partition {number}, and its group has read up to "
        f"offset {committed}: {plan.changelog} was deleted, emptied or put back. Bring it back as "
        "it was, or read the event topics into a new ABOVEBOARD_TOPIC_PREFIX"
    )
