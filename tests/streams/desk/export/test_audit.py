"""Whoever replays the audit trail comes to the cases that the desk shows."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.cases.reading import DecisionDecoder, is_decision
from detectors.events.decision import Decision
from detectors.limit_settings import Limits
from streams.access.local import LocalDoor
from streams.desk.export.audit import READERS
from streams.desk.model import decisions as in_the_model
from streams.desk.model.intake import Told
from streams.wire.decision_record import decision_record
from streams.wire.topics import Topic
from tests.integration.cases.desk_work import LAST, decisions, expected
from tests.streams.desk.desk_at_hand import TOLD, Answer, DeskAtHand, ask
from tests.streams.desk.event_records import milliseconds

DECIDED: Final = decisions(TOLD)
CASES: Final = expected(TOLD, DECIDED)
CAME: Final = milliseconds(LAST + timedelta(days=3))

decode: Final = DecisionDecoder(Limits()).decode


def stored(decided: Sequence[Decision], chance: Random, partitions: int) -> list[Told]:
    """Return decisions as brokers keep them whose clocks disagree, read in any order."""
    ends = [0] * partitions
    records = []
    for one in decided:
        record = decision_record(one)
        partition = Random(one.case_id).randrange(partitions)  # noqa: S311 - as a key chooses it
        place = (CAME + chance.randrange(10**7), partition, ends[partition])
        ends[partition] += 1
        records.append(Told(Topic.DECISIONS, record.key, record.value, *place))
    chance.shuffle(records)
    return records


def trail(records: Iterable[Told]) -> Answer:
    with DeskAtHand(LocalDoor("auditor")) as desk:
        desk.model.take_in(records)
        return ask(desk.address, "/audit.jsonl")


def replayed(answer: Answer) -> dict[bytes, bytes]:
    lines = answer.body.splitlines()
    assert all(map(is_decision, lines))
    return expected(TOLD, [decode(line) for line in lines])


def law(chance: Random, partitions: int) -> None:
    answer = trail(stored(DECIDED, chance, partitions))
    assert answer.status == 200, answer.body
    assert replayed(answer) == CASES
    digest = hashlib.sha256(answer.body)
    assert digest.hexdigest() in answer.headers["content-disposition"]
    assert answer.headers["repr-digest"] == f"sha-256=:{b64encode(digest.digest()).decode()}:"


@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_a_replay_of_the_trail_gives_the_same_cases(chance: Any, partitions: int) -> None:  # noqa: ANN401 - a random.Random
    law(chance, partitions)


@pytest.mark.parametrize("order", ["learned_at", "record", "partition, offset DESC"])
def test_a_trail_in_another_order_is_caught(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = f"SELECT learned_at, record FROM decisions ORDER BY {order}"  # noqa: S608 - of ours
    monkeypatch.setattr(in_the_model, "IN_ORDER", sql)
    with pytest.raises(AssertionError):
        law(Random(1), 2)  # noqa: S311 - to choose what happens, not to keep a secret


def test_what_counts_nowhere_is_not_in_the_trail() -> None:
    one = decision_record(DECIDED[0])
    pretty = msgspec.json.format(one.value, indent=2)
    early = milliseconds(DECIDED[0].occurred_at - timedelta(days=2))
    answer = trail(
        [
            Told(Topic.DECISIONS, one.key, pretty, CAME, 0, 0),
            Told(Topic.DECISIONS, one.key, b"{}", CAME, 0, 1),
            Told(Topic.DECISIONS, one.key, one.value, early, 0, 2),
        ]
    )
    assert [decode(line) for line in answer.body.splitlines()] == [DECIDED[0]]


@pytest.mark.parametrize("role", ["viewer", "reviewer", "approver", "auditor", "admin"])
def test_the_trail_is_for_those_who_look_after_others(role: Any) -> None:  # noqa: ANN401 - a role
    with DeskAtHand(LocalDoor(role)) as desk:
        desk.model.take_in(stored(DECIDED, Random(1), 2))  # noqa: S311 - as above
        answer = ask(desk.address, "/audit.jsonl")
        assert answer.status == (200 if role in READERS else 403)
        told = [lookup for lookup in desk.lookups if lookup.path == "/audit.jsonl"]
        if answer.status == 403:
            assert not told
            return
        decided = {decision.case_id for decision in DECIDED}
        assert {case_id for lookup in told for case_id in lookup.case_ids} == decided
        assert all(lookup.at <= datetime.now(UTC) and not lookup.more for lookup in told)
