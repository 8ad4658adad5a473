"""A commit in the name of one generation, against a coordinator that answers as told."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
)
from aiokafka.protocol.commit import OffsetCommitResponse_v3

from streams.broker.transport.committing import commit
from streams.errors import MembershipLost

OFFSETS = {("sales", 0): 7, ("sales", 1): 9}
NO_ERROR, LOADING, NOT_COORDINATOR, UNAUTHORIZED = 0, 14, 16, 30
ILLEGAL_GENERATION, UNKNOWN_MEMBER, REBALANCING, FENCED = 22, 25, 27, 82


@dataclass
class Coordinator:
    """The client's side of a group: answers with these codes, the last one for ever."""

    answers: list[int | KafkaError]
    generation: int = 3
    member_id: str = "member"
    group_id: str = "group"
    joins_before_asking: bool = False
    looked_up: int = 0
    asked: list[Any] = field(default_factory=list)

    async def ensure_coordinator_known(self) -> None:
        self.looked_up += 1
        if self.joins_before_asking:
            self.generation += 1

    def coordinator_dead(self) -> None:
        self.looked_up -= 1

    async def _send_req(self, request: Any) -> OffsetCommitResponse_v3:  # noqa: ANN401 - untyped
        struct = request.build(_Request)
        self.asked.append(struct)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, KafkaError):
            raise answer
        topics = [(topic, [(partition, answer) for partition, *_ in of]) for topic, of in struct[4]]
        return OffsetCommitResponse_v3(0, topics)


def _Request(*parts: Any) -> tuple[Any, ...]:  # noqa: ANN401, N802 - stands for a class
    return parts


def done(coordinator: Coordinator, seconds: float = 5.0) -> float:
    return asyncio.run(commit(coordinator, 3, OFFSETS, seconds))


def test_generation_member_and_offsets_are_in_the_question() -> None:
    coordinator = Coordinator([NO_ERROR])
    done(coordinator)
    assert coordinator.asked == [("group", 3, "member", -1, [("sales", [(0, 7, ""), (1, 9, "")])])]


@pytest.mark.parametrize("code", [ILLEGAL_GENERATION, UNKNOWN_MEMBER, REBALANCING, FENCED])
def test_a_refusal_by_the_group_means_that_the_place_is_lost(code: int) -> None:
    with pytest.raises(MembershipLost, match="generation 3"):
        done(Coordinator([code]))


@pytest.mark.parametrize("away", [LOADING, NOT_COORDINATOR, KafkaConnectionError("gone")])
def test_a_coordinator_that_is_away_is_asked_again(away: int | KafkaError) -> None:
    coordinator = Coordinator([away, away, NO_ERROR])
    done(coordinator)
    assert len(coordinator.asked) == 3


def test_a_coordinator_that_stays_away_is_given_up() -> None:
    with pytest.raises(KafkaTimeoutError):
        done(Coordinator([LOADING]), seconds=0.3)


def test_any_other_refusal_is_an_error() -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        done(Coordinator([UNAUTHORIZED]))


@pytest.mark.parametrize(
    "gone",
    [Coordinator([NO_ERROR], generation=4), Coordinator([NO_ERROR], generation=-1, member_id="")],
)
def test_a_member_of_another_generation_does_not_even_ask(gone: Coordinator) -> None:
    with pytest.raises(MembershipLost):
        done(gone)
    assert gone.asked == []


def test_a_member_that_joined_anew_while_it_waited_does_not_commit_what_is_of_before() -> None:
    coordinator = Coordinator([LOADING, NO_ERROR], joins_before_asking=True, generation=2)
    with pytest.raises(MembershipLost):
        done(coordinator)
    assert [generation for _, generation, *_ in coordinator.asked] == [3]
