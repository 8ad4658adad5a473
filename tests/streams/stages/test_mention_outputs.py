"""Mentions on their way to the partitions of the keys."""

from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import BEGINNING, Seconds
from detectors.basis.identifiers import AccountId, AgentId, Cell, SaleId
from detectors.facts.account import SaleRecord
from detectors.facts.mention import Mention
from detectors.facts.staff.record import StaffRecord
from detectors.facts.staff.staff import OwnContact
from detectors.facts.traffic.touch import Touch, Touched
from detectors.messages.mentions import MentionBundle
from streams.stages.actors.actor import Output
from streams.stages.actors.bundles import LARGEST_MESSAGE
from streams.stages.actors.mention_outputs import LARGEST_BUNDLE, mention_outputs

ANNOUNCED, NOW = Seconds(86_400.0), Seconds(90_000.0)


def mention(value: int, name: str = "s") -> Mention:
    sale = SaleRecord(SaleId(name), name, NOW, AgentId("anna"), "card", Cell("card"))
    return Mention("payer_hash", value, AccountId(name), sale, NOW)


def bundles(outputs: list[Output]) -> list[MentionBundle]:
    return [msgspec.msgpack.decode(one.value, type=MentionBundle) for one in outputs]


@given(st.lists(st.integers(1, 50), max_size=30), st.integers(1, 5), st.booleans())
def test_each_partition_is_told_all_of_its_values(
    values: list[int],
    partitions: int,
    new_day: bool,  # noqa: FBT001 - drawn
) -> None:
    bundle = MentionBundle(3, NOW, [mention(value) for value in values])
    outputs = mention_outputs(bundle, partitions, ANNOUNCED, new_day=new_day)
    told = Counter[int]()
    for output, one in zip(outputs, bundles(outputs), strict=True):
        assert {mentioned.value % partitions for mentioned in one.mentions} <= {output.partition}
        told.update(mentioned.value for mentioned in one.mentions)
        assert (one.ledger_partition, one.watermark) == (3, NOW)
    assert told == Counter(values)
    assert {output.partition for output in outputs} >= (
        set(range(partitions)) if new_day else set()
    )


def test_only_the_last_of_many_messages_moves_the_watermark() -> None:
    many = [mention(1, f"s-{number}") for number in range(2 * LARGEST_BUNDLE + 1)]
    parts = bundles(mention_outputs(MentionBundle(0, NOW, many), 1, ANNOUNCED, new_day=False))
    assert [one.watermark for one in parts] == [ANNOUNCED, ANNOUNCED, NOW]
    assert [one for part in parts for one in part.mentions] == many


def test_touches_go_the_same_way_after_the_mentions() -> None:
    touched = Touched(NOW, "call", 7, looked=False, met=True)
    touches = [Touch("agent_id", value, touched, NOW) for value in range(LARGEST_BUNDLE)]
    staff = [StaffRecord("agent_id", value, NOW, (OwnContact(0, 9),)) for value in (4, 7)]
    told = MentionBundle(0, NOW, [mention(2)], touches=touches, staff=staff)
    parts = bundles(mention_outputs(told, 2, ANNOUNCED, new_day=False))
    assert [one for part in parts for one in part.mentions] == [mention(2)]
    found = [one.value for part in parts for one in part.touches]
    assert sorted(found) == list(range(LARGEST_BUNDLE))
    assert [one.value % 2 for one in parts[-1].touches] == [1] * (LARGEST_BUNDLE // 2)
    assert [one for part in parts for one in part.staff] == staff
    assert {part.watermark for part in parts} == {NOW}


def test_no_message_is_larger_than_a_broker_takes() -> None:
    many = [mention(1, f"{number}" + "x" * 2_000) for number in range(LARGEST_BUNDLE)]
    outputs = mention_outputs(MentionBundle(0, NOW, many), 1, BEGINNING, new_day=False)
    assert max(len(one.value) for one in outputs) <= LARGEST_MESSAGE
    assert [one for part in bundles(outputs) for one in part.mentions] == many
    assert [one.watermark for one in bundles(outputs)][-1] == NOW
