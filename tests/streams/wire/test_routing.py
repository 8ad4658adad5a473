import pytest

from detectors.basis.errors import InvalidEvent
from detectors.decoding import EventDecoder
from detectors.events.event import AccountMerged
from detectors.limit_settings import Limits
from streams.wire.routing import EventRouter
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.streams.hostile_corpus import APPLIED, CORPUS, sale


@pytest.mark.parametrize(
    "line",
    [one.record for one in CORPUS if one.fate == APPLIED]
    + [
        sale(type='"Sale"', account_id="17"),
        sale(amount="NaN", account_id="17"),
        sale(account_id="12345678901234567890123"),
        sale(site='"\\ud83d"'),
    ],
)
def test_whatever_the_worker_reads_is_sent_under_the_account_that_it_reads(line: bytes) -> None:
    route = EventRouter().route(line)
    event = EventDecoder(Limits(), EVENT_TOPICS[route.topic]).decode(line)
    assert (route.topic, route.key) == (Topic.SALES, event.account_id.encode())


@pytest.mark.parametrize("name", ["account_merged", "AccountMerged"])
def test_a_merge_goes_where_the_activity_of_its_account_goes(name: str) -> None:
    line = sale(type=f'"{name}"', into_account_id='"a-2"')
    assert EventRouter().route(line)[:2] == (Topic.ACCOUNT_ACTIVITY, b"a-1")
    event = EventDecoder(Limits(), EVENT_TOPICS[Topic.ACCOUNT_ACTIVITY]).decode(line)
    assert isinstance(event, AccountMerged)


@pytest.mark.parametrize("name", ["agent_merged", "AgentMerged"])
def test_a_merge_of_agents_goes_to_all_partitions(name: str) -> None:
    route = EventRouter().route(sale(type=f'"{name}"', into_agent_id='"a-2"'))
    assert (route.topic, route.everywhere) == (Topic.ACCOUNT_ACTIVITY, True)
    assert not EventRouter().route(sale()).everywhere


@pytest.mark.parametrize("line", [b"", b"[]", b"{", sale(type='"refund"'), sale(type="1")])
def test_a_line_of_no_type_is_sent_nowhere(line: bytes) -> None:
    with pytest.raises(InvalidEvent) as caught:
        EventRouter().route(line)
    assert caught.value.reason == "unknown_source"
