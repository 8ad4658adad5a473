"""Events of one prefix in the topics of another: the same records, but for those left out."""

from uuid import uuid4

import pytest

from streams.broker.admin import create_topics
from streams.broker.sending.event_sender import replay
from streams.cli.main import main
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.sending.sent_events import PARTITIONS, Stored, event, events, stored

pytestmark = pytest.mark.integration

AHEAD = event(9_000, "sale", "wrong").replace(b"2025-01-01", b"2025-02-01")


def new_prefix(broker: AvailableBroker, partitions: int = PARTITIONS) -> str:
    prefix = f"copy-{uuid4()}-"
    create_topics(broker.bootstrap, prefix, partitions)
    return prefix


def sorted_records(records: list[Stored]) -> list[tuple[Topic, int, bytes | None, bytes]]:
    return sorted((r.topic, r.partition, r.key, r.value) for r in records)


def test_what_is_named_is_left_out_and_all_else_is_as_it_was(
    any_broker: AvailableBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    old = new_prefix(any_broker)
    lines = events(300)
    replay([*lines[:150], AHEAD, *lines[150:]], any_broker.bootstrap, old)
    before = stored(any_broker.bootstrap, old, 301)
    where = ["--broker", any_broker.bootstrap, "--from", old]
    capsys.readouterr()
    assert main(["copy-events", *where, "--dry-run"]) == 0
    said = capsys.readouterr()
    assert "2025-02-01T" in said.out
    option, place = said.out.split()[-2:]
    assert option == "--leave-out"
    assert "301 events to copy, none left out; nothing was copied" in said.err

    new = new_prefix(any_broker)
    target = [*where, "--topic-prefix", new]
    assert main(["copy-events", *target, option, place]) == 0
    assert "300 events to copy, 1 left_out left out" in capsys.readouterr().err
    after = stored(any_broker.bootstrap, new, 301)
    copied = [record for record in after if record.topic in EVENT_TOPICS]
    kept = [record for record in before if record.value != AHEAD]
    assert sorted_records(copied) == sorted_records(kept)
    (letter,) = (record for record in after if record.topic is Topic.DEAD_LETTERS)
    assert (letter.value, letter.key) == (AHEAD, b"wrong")
    source, partition, offsets = place.split(":")
    assert letter.headers["reason"] == "left_out"
    assert letter.headers["source"] == source
    assert letter.headers["partition"] == partition
    assert letter.headers["offset"] == offsets.partition("-")[0]
    letters = ["--broker", any_broker.bootstrap, "--topic-prefix", new]
    assert main(["dead-letters", "replay", "--all", *letters]) == 1
    assert "somebody left it out" in capsys.readouterr().out

    assert main(["copy-events", *target]) == 2  # a second time, over the first
    assert "holds records already" in capsys.readouterr().err


def test_a_copy_that_cannot_be_meant_is_refused(
    any_broker: AvailableBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    old, other = new_prefix(any_broker), new_prefix(any_broker, PARTITIONS + 1)
    where = ["--broker", any_broker.bootstrap, "--from", old, "--topic-prefix"]
    for words, said in (
        ([other], f"--partitions {PARTITIONS}"),
        ([old], "a copy needs a prefix of its own"),
        ([other, "--leave-out", "sales:3:1-2"], "the partitions of sales are 0 to 2"),
        (["nowhere-"], "has no topic nowhere-sales"),
    ):
        assert main(["copy-events", *where, *words]) == 2
        assert said in capsys.readouterr().err
