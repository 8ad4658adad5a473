"""What is said of a cluster that has changed, and what is not."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import pytest

from streams.broker.cluster_view import ClusterView, Member, TopicView
from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Topic
from streams.worker.findings import Finding
from streams.worker.installation.claim import OUTPUTS
from streams.worker.installation.judgement import Judge, Place

PREFIX: Final = "p-"
SALES: Final = "p-sales"
BEGUN: Final = ClusterView(
    {f"p-{plan.topic}": TopicView(f"id-{plan.topic}", (3, 3)) for plan in CATALOGUE},
    {
        f"p-{plan.topic}": {
            "retention.bytes": "-1",
            "min.insync.replicas": "2",
            "unclean.leader.election.enable": "false",
            **plan.settings,
        }
        for plan in CATALOGUE
    },
    (Member("10.0.0.1", frozenset({SALES, "p-outcomes"})),),
    {(SALES, 0): 0},
)
PLACES: Final = {(SALES, 0): Place(100, 120)}


def findings(
    seen: ClusterView, places: Mapping[tuple[str, int], Place] = PLACES, looks: int = 1
) -> list[Finding]:
    judge = Judge(PREFIX, BEGUN)
    for _ in range(looks - 1):
        judge.findings(seen, places)
    return judge.findings(seen, places)


def with_topic(topic: Topic, **changes: Any) -> ClusterView:  # noqa: ANN401 - as the view has them
    name = f"p-{topic}"
    view = msgspec.structs.replace(BEGUN.topics[name], **changes)
    return msgspec.structs.replace(BEGUN, topics={**BEGUN.topics, name: view})


def with_setting(topic: Topic, setting: str, value: str) -> ClusterView:
    name, settings = f"p-{topic}", BEGUN.settings or {}
    changed = {**settings, name: {**settings[name], setting: value}}
    return msgspec.structs.replace(BEGUN, settings=changed)


def test_nothing_is_said_of_what_has_not_changed() -> None:
    assert findings(BEGUN) == []


@pytest.mark.parametrize("plan", CATALOGUE, ids=lambda plan: plan.topic)
def test_a_topic_that_was_created_again(plan: Any) -> None:  # noqa: ANN401 - a plan
    """Exactness is lost with what is read; of what is only written, what stood there is."""
    (found,) = findings(with_topic(plan.topic, id="another"))
    assert found.topic == f"p-{plan.topic}"
    assert found.fatal == (plan.topic not in OUTPUTS | {Topic.INSTALLATION})
    assert ("Keep the event topics" in found.remedy) == (plan.topic in EVENT_TOPICS)


@pytest.mark.parametrize("plan", CATALOGUE, ids=lambda plan: plan.topic)
def test_partitions_that_were_added(plan: Any) -> None:  # noqa: ANN401 - a plan
    (found,) = findings(with_topic(plan.topic, in_sync=(3, 3, 3)))
    assert found.fatal
    assert "had 2 partitions when this installation began and has 3 now" in found.what


def test_a_topic_that_is_gone_may_come_back() -> None:
    topics = {name: view for name, view in BEGUN.topics.items() if name != SALES}
    (found,) = findings(msgspec.structs.replace(BEGUN, topics=topics))
    assert (found.what, found.fatal) == ("the topic p-sales is not there", False)


@pytest.mark.parametrize(
    ("topic", "setting", "value", "words"),
    [
        (Topic.SALES, "cleanup.policy", "compact", "only the last would be left"),
        (Topic.SALES, "cleanup.policy", "compact,delete", "only the last would be left"),
        (Topic.LEDGER_STATE, "cleanup.policy", "delete", "still in force would be deleted"),
        (Topic.LEDGER_STATE, "cleanup.policy", "delete,compact", "still in force would be deleted"),
        (Topic.OUTCOMES, "cleanup.policy", "compact", "before they are read"),
        (Topic.SALES, "retention.ms", "1000", "deleted before they are read"),
        (Topic.SALES, "retention.bytes", "1000", "deleted before they are read"),
        (Topic.SALES, "message.timestamp.type", "CreateTime", "when a record arrived"),
        (Topic.SALES, "min.insync.replicas", "1", "on one machine only"),
        (Topic.SALES, "unclean.leader.election.enable", "true", "after the loss of a broker"),
    ],
)
def test_a_setting_that_protects_records_was_changed(
    topic: Topic, setting: str, value: str, words: str
) -> None:
    (found,) = findings(with_setting(topic, setting, value))
    assert words in found.what
    assert f"p-{topic}" in found.what
    assert not found.fatal  # it can be set back


def test_a_policy_is_not_judged_by_the_order_of_its_words() -> None:
    assert findings(with_setting(Topic.SALES, "cleanup.policy", " delete ")) == []


@pytest.mark.parametrize(
    ("in_sync", "words"),
    [((3, 1), "1 copies in step where 2 are needed"), ((3, 0), "has no leader")],
)
def test_copies_that_were_lost(in_sync: tuple[int, ...], words: str) -> None:
    (found,) = findings(with_topic(Topic.LEDGER_STATE, in_sync=in_sync))
    assert words in found.what
    assert (found.partition, found.fatal) == (1, False)


def test_a_stranger_in_the_group() -> None:
    stranger = Member("10.0.0.9", frozenset({SALES, "q-sales"}))
    joining = Member("10.0.0.8", frozenset())
    members = (*(BEGUN.members or ()), stranger, joining)
    (found,) = findings(msgspec.structs.replace(BEGUN, members=members))
    assert "a program at 10.0.0.9 is in our consumer group and reads q-sales" in found.what


def test_a_log_that_is_shorter_than_what_was_read() -> None:
    """A new leader may know of an earlier end for a moment: one look is not enough."""
    places = {(SALES, 0): Place(100, 99)}
    assert findings(BEGUN, places) == []
    (found,) = findings(BEGUN, places, looks=2)
    assert found.fatal
    assert "ends at offset 99, and records up to 100 were read" in found.what
    judge = Judge(PREFIX, BEGUN)
    for place in (Place(100, 99), Place(100, 100), Place(100, 99)):
        assert judge.findings(BEGUN, {(SALES, 0): place}) == []


@pytest.mark.parametrize("start", [0, 99, 100])
def test_deleting_what_was_read_is_no_loss(start: int) -> None:
    assert findings(msgspec.structs.replace(BEGUN, starts={(SALES, 0): start})) == []


def test_records_that_were_deleted_before_they_were_read() -> None:
    (found,) = findings(msgspec.structs.replace(BEGUN, starts={(SALES, 0): 101}))
    assert "begins at offset 101, and was read up to 100" in found.what
    assert not found.fatal


def test_what_cannot_be_seen_is_not_judged() -> None:
    unseen = msgspec.structs.replace(BEGUN, settings=None, members=None, starts={})
    assert findings(unseen) == []


def test_no_advice_says_to_delete_an_event_topic() -> None:
    gone = ClusterView({}, BEGUN.settings, None, {})
    seen = [gone]
    for topic in EVENT_TOPICS:
        seen += [with_topic(topic, id="x"), with_topic(topic, in_sync=(3, 3, 3))]
        seen += [with_setting(topic, "cleanup.policy", "compact")]
    remedies = [found.remedy.lower() for view in seen for found in findings(view)]
    assert remedies
    assert not [remedy for remedy in remedies if "delete it" in remedy or "delete the" in remedy]
