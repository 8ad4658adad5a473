"""Commits in the name of one generation of the group, or not at all.

The client's own `commit` fills in whatever generation it has when the request leaves, and may wait
and repeat before. A worker that lost its membership and joined again would record, as the new
member, offsets of batches that another worker owns by now. Here the generation is that of the
batches, and the broker compares it with its own.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from aiokafka import errors
from aiokafka.errors import KafkaError, KafkaTimeoutError
from aiokafka.protocol.commit import OffsetCommitRequest

from streams.broker.transport.offsets import PartitionId
from streams.errors import MembershipLost

RETRY_SECONDS: Final = 0.1

_FENCED_INSTANCE: Final = 82
"""A newer process has replaced this static member; aiokafka has no class for it."""

_LOST: Final = (
    errors.UnknownMemberIdError,
    errors.IllegalGenerationError,
    errors.RebalanceInProgressError,
)
_COORDINATOR_GONE: Final = (
    errors.GroupCoordinatorNotAvailableError,
    errors.NotCoordinatorForGroupError,
    errors.RequestTimedOutError,
)


async def commit(
    coordinator: Any,  # noqa: ANN401 - aiokafka publishes no types
    generation: int,
    offsets: Mapping[PartitionId, int],
    seconds: float,
) -> float:
    """Commit these offsets; return the moment (monotonic) at which the broker was asked.

    Parameters
    ----------
    coordinator
        `aiokafka.consumer.group_coordinator.GroupCoordinator`; this runs in its loop.
    generation
        That of the batches.
    seconds
        How long to try again while the coordinator is away.

    Raises
    ------
    MembershipLost
        If the group has another generation, or does not know this member.
    aiokafka.errors.KafkaTimeoutError
        If the coordinator stayed away. Whether the commit was recorded is not known then.
    aiokafka.errors.KafkaError
        If the broker refused for another reason.
    """
    try:
        async with asyncio.timeout(seconds):
            while True:
                await coordinator.ensure_coordinator_known()
                sent = time.monotonic()
                if await _commit_once(coordinator, generation, offsets):
                    return sent
                await asyncio.sleep(RETRY_SECONDS)
    except TimeoutError:
        raise KafkaTimeoutError(f"no coordinator took a commit within {seconds:g} s") from None


async def confirm(
    coordinator: Any,  # noqa: ANN401 - aiokafka publishes no types
    generation: int,
    seconds: float,
) -> None:
    """Ask the group whether this member is in it, under this generation.

    Raises
    ------
    MembershipLost
        If it is not, or the coordinator did not say so within `seconds`.
    """
    # There is no request that only asks. A heartbeat is the nearest: the coordinator answers it
    # with an error to whoever is no member of its present generation.
    until = time.monotonic() + seconds
    while coordinator.generation == generation and time.monotonic() < until:
        known = await coordinator._do_heartbeat()  # noqa: SLF001 - see the contract
        if known and coordinator.generation == generation:
            return
        await asyncio.sleep(RETRY_SECONDS)
    raise MembershipLost(
        f"this member was in generation {generation} and is in {coordinator.generation}, or "
        "the group does not answer"
    )


async def _commit_once(
    coordinator: Any,  # noqa: ANN401 - aiokafka publishes no types
    generation: int,
    offsets: Mapping[PartitionId, int],
) -> bool:
    """Send one request; return whether it was recorded. If not, it is worth another try."""
    # Before asking: the client may have joined again while this waited for the coordinator. The
    # request would then carry the new member's id beside the old generation.
    if coordinator.generation != generation or not coordinator.member_id:
        raise MembershipLost(
            f"batches of generation {generation} cannot be committed: "
            f"this member is in generation {coordinator.generation}"
        )
    request = OffsetCommitRequest(
        coordinator.group_id,
        generation,
        coordinator.member_id,
        OffsetCommitRequest.DEFAULT_RETENTION_TIME,
        _by_topic(offsets),
    )
    try:
        answer = await coordinator._send_req(request)  # noqa: SLF001 - see the contract
    except KafkaError as error:
        if error.retriable:
            return False
        raise
    codes = {code for _, partitions in answer.topics for _, code in partitions}
    refusals = {code: errors.for_code(code) for code in codes if code != errors.NoError.errno}
    for code, refusal in refusals.items():
        if code == _FENCED_INSTANCE or issubclass(refusal, _LOST):
            raise MembershipLost(
                f"the group refused batches of generation {generation}: {refusal.__name__} ({code})"
            )
        if issubclass(refusal, _COORDINATOR_GONE):
            coordinator.coordinator_dead()
        elif not refusal.retriable:
            raise refusal(dict(offsets))
    return not refusals


def _by_topic(offsets: Mapping[PartitionId, int]) -> list[tuple[str, list[tuple[int, int, str]]]]:
    topics: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for (topic, partition), offset in offsets.items():
        topics[topic].append((partition, offset, ""))
    return list(topics.items())
