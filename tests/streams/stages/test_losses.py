"""What people accept is exactly what is lost, and what they cannot accept they are told."""

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import InvalidArguments, LogMismatch, LogTooShort, LostRecords, LostState
from streams.stages.log_bounds import LogBounds
from streams.stages.losses import AcceptedLosses, Loss, accepted_losses
from streams.stages.plan import Reached
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.streams.stages.stage_bench import Bench

LOSS = Loss(Topic.SALES, 3, 100, 149)


@given(
    st.builds(
        lambda topic, partition, first, more: Loss(topic, partition, first, first + more),
        st.sampled_from(list(EVENT_TOPICS)),
        st.integers(0, 11),
        st.integers(0, 10**12),
        st.integers(0, 10**6),
    ),
    st.sampled_from(["", "shop.", "a:b-"]),
)
def test_the_option_that_a_refusal_names_accepts_it(loss: Loss, prefix: str) -> None:
    told = str(AcceptedLosses().refusal([loss]))
    word = told.rpartition(" ")[2]
    assert accepted_losses([word], prefix, 12).contain(loss)
    assert accepted_losses([prefix + word], prefix, 12).contain(loss)
    for other in (loss._replace(last=loss.last + 1), loss._replace(partition=12)):
        assert not accepted_losses([word], prefix, 12).contain(other)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("sales", "write TOPIC:PARTITION:FROM-TO"),
        ("sales:0", "write TOPIC:PARTITION:FROM-TO"),
        ("sales:0:5", "write TOPIC:PARTITION:FROM-TO"),
        ("sales:0:-5", "write TOPIC:PARTITION:FROM-TO"),
        ("sales:0:5-", "write TOPIC:PARTITION:FROM-TO"),
        ("sales:x:5-6", "write TOPIC:PARTITION:FROM-TO"),
        ("sales:0:5-6-7", "write TOPIC:PARTITION:FROM-TO"),
        ("sales:0:\u0665-6", "write TOPIC:PARTITION:FROM-TO"),
        ("shop.outcomes:0:5-6", "only records of these can be left out"),
        ("other.sales:0:5-6", "other.sales is none of sales, cancellations, account-activity"),
        ("sales:12:5-6", "the partitions of sales are 0 to 11"),
        ("sales:0:6-5", "6 comes after 5"),
    ],
)
def test_what_cannot_be_meant_is_refused(word: str, why: str) -> None:
    with pytest.raises(InvalidArguments, match="--accept-loss") as refused:
        accepted_losses([word], "shop.", 12)
    assert why in str(refused.value)


def test_another_range_than_the_real_one_is_named() -> None:
    accepted = AcceptedLosses([LOSS._replace(last=120), LOSS._replace(partition=4)])
    told = str(accepted.refusal([LOSS]))
    assert "sales partition 3 offsets 100 to 120, which were accepted" in told
    assert "partition 4" not in told
    assert told.endswith("--accept-loss sales:3:100-149")


def test_all_that_is_lost_is_named_at_once() -> None:
    other = Loss(Topic.CANCELLATIONS, 0, 0, 9)
    told = str(AcceptedLosses().refusal([LOSS, other]))
    assert told.endswith("--accept-loss sales:3:100-149 --accept-loss cancellations:0:0-9")


def test_messages_between_the_stages_cannot_be_left_out() -> None:
    told = str(AcceptedLosses().refusal([Loss(Topic.OUTCOMES, 0, 5, 9)]))
    assert "outcomes partition 0 offsets 5 to 9" in told
    assert "ABOVEBOARD_TOPIC_PREFIX" in told
    assert "--accept-loss" not in told


@pytest.mark.parametrize(
    ("bounds", "error", "words"),
    [
        (LogBounds(0, None), None, ""),
        (LogBounds(0, 1), None, ""),
        (LogBounds(1, 1), None, ""),
        (LogBounds(4, 1), LostRecords, "sales partition 0 offsets 1 to 3"),
        # The log begins anew, and the group has been told to.
        (LogBounds(0, 0), None, ""),
        (LogBounds(0, 5), LostState, "has a state up to offset 1 of sales partition 0"),
        # What lies between is gone from the log as well.
        (LogBounds(7, 5), LostRecords, "sales partition 0 offsets 1 to 6"),
        (LogBounds(0, None, ends_early=True), LogTooShort, "up to offset 1, and its log ends"),
    ],
)
def test_a_restored_state_is_compared_before_anything_is_applied(
    bounds: LogBounds, error: type[LogMismatch] | None, words: str
) -> None:
    async def scene(bench: Bench) -> None:
        bench.runner.assign([0], 1)
        await bench.give(b"3")
        bench.now = 2
        await bench.turn()
        await bench.release()
        bench.runner.close()
        bench.runner.assign([0], 2)
        before = list(bench.journal.steps)

        async def told(reached: Reached) -> Mapping[tuple[Topic, int], LogBounds]:
            assert reached == {(Topic.SALES, 0): 1}
            return {(Topic.SALES, 0): bounds}

        bench.tell_bounds(told)
        await bench.give(b"4", generation=2)
        if error is None:
            await bench.turn()
            return
        with pytest.raises(error, match=words):
            await bench.turn()
        assert bench.journal.steps == before

    asyncio.run(scene(Bench()))


@pytest.mark.parametrize(("committed", "lost"), [(None, False), (0, False), (5, True)])
def test_no_state_beside_commits_is_a_lost_state(committed: int | None, *, lost: bool) -> None:
    async def scene(bench: Bench) -> None:
        async def told(reached: Reached) -> Mapping[tuple[Topic, int], LogBounds]:
            return dict.fromkeys(reached, LogBounds(0, committed))

        bench.tell_bounds(told)
        bench.runner.assign([0], 1)
        if lost:
            with pytest.raises(LostState, match="has no state of sales partition 0"):
                await bench.turn()
        else:
            await bench.turn()

    asyncio.run(scene(Bench()))
