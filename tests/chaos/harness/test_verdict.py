"""The comparison bites: a recorded run that is right passes, and every wrong one is told."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest

from detectors.alerts.alert import Alert
from detectors.basis.event_time import Seconds
from detectors.facts.account import Verdict
from detectors.messages.cell_columns import TOTALS, held_reals, reals
from detectors.messages.outcomes import DayReview, Outcome, OutcomeBundle
from streams.stages.pieces import Piece, cut
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.chaos.broker_io import Stored
from tests.chaos.expectation import Expectation, expect
from tests.chaos.verdict import differences, uncommitted
from tests.chaos.world import World, make_world

Recorded = dict[Topic, list[Stored]]


@cache
def world() -> World:
    return make_world(6_000, seed=5)


@cache
def expected() -> Expectation:
    with TemporaryDirectory() as name:
        return expect(world(), Path(name))


def stored(topic: Topic, records: Iterator[tuple[bytes | None, bytes]]) -> list[Stored]:
    return [Stored(topic, 0, n, key, value, ()) for n, (key, value) in enumerate(records)]


def right() -> Recorded:
    """Return the topics as they stand after a run without faults."""
    due = expected()
    topics: Recorded = {
        topic: stored(topic, ((r.key, r.value) for r in world().sent if r.topic is topic))
        for topic in EVENT_TOPICS
    }
    alerts = sorted(
        (msgspec.json.decode(value, type=Alert).revision, value) for value in due.revisions
    )
    for topic in (Topic.ALERTS, Topic.ALERTS_CURRENT):
        topics[topic] = stored(topic, ((_id_of(value), value) for _, value in alerts))
    bundle = msgspec.msgpack.encode(OutcomeBundle(0, Seconds(0.0), list(due.outcomes)))
    topics[Topic.OUTCOMES] = stored(Topic.OUTCOMES, iter([(b"0", bundle)]))
    reviews = ((b"", piece_of(review)) for review in due.reviews.values())
    topics[Topic.PEER_EXPECTATIONS] = stored(Topic.PEER_EXPECTATIONS, reviews)
    reasons = {letter.record: letter.reason for letter in due.letters}
    topics[Topic.DEAD_LETTERS] = [
        _letter(record, reasons[record.value])
        for topic in EVENT_TOPICS
        for record in topics[topic]
        if record.value in reasons
    ]
    return topics


def piece_of(review: DayReview) -> bytes:
    (piece,) = cut(0, review.day, msgspec.msgpack.encode(review))
    return piece


def _id_of(value: bytes) -> bytes:
    return msgspec.json.decode(value, type=Alert).alert_id.encode()


def _letter(record: Stored, reason: str) -> Stored:
    headers = {
        "reason": reason,
        "detail": "whatever",
        "source": record.topic.value,
        "partition": str(record.partition),
        "offset": str(record.offset),
    }
    told = tuple((name, value.encode()) for name, value in headers.items())
    return Stored(Topic.DEAD_LETTERS, 0, 0, record.key, record.value, told)


def with_value(record: Stored, value: bytes) -> Stored:
    return record._replace(value=value)


def loses_an_alert(topics: Recorded) -> None:
    del topics[Topic.ALERTS][7]


def invents_an_alert(topics: Recorded) -> None:
    alert = msgspec.json.decode(topics[Topic.ALERTS][0].value or b"", type=Alert)
    other = msgspec.json.encode(msgspec.structs.replace(alert, alert_id="0"))
    topics[Topic.ALERTS].append(with_value(topics[Topic.ALERTS][0], other))


def tells_an_alert_in_two_ways(topics: Recorded) -> None:
    alert = msgspec.json.decode(topics[Topic.ALERTS][0].value or b"", type=Alert)
    other = msgspec.json.encode(msgspec.structs.replace(alert, summary="Otherwise."))
    topics[Topic.ALERTS].append(with_value(topics[Topic.ALERTS][0], other))


def goes_back_to_an_older_revision(topics: Recorded) -> None:
    current = topics[Topic.ALERTS_CURRENT]
    later = next(r for r in current if msgspec.json.decode(r.value or b"", type=Alert).revision > 1)
    current.append(next(r for r in current if r.key == later.key))


def loses_a_current_alert(topics: Recorded) -> None:
    last = topics[Topic.ALERTS_CURRENT][-1].key
    topics[Topic.ALERTS_CURRENT] = [r for r in topics[Topic.ALERTS_CURRENT] if r.key != last]


def changes_outcomes(topics: Recorded, change: Callable[[list[Outcome]], list[Outcome]]) -> None:
    (record,) = topics[Topic.OUTCOMES]
    bundle = msgspec.msgpack.decode(record.value or b"", type=OutcomeBundle)
    other = msgspec.structs.replace(bundle, outcomes=change(bundle.outcomes))
    topics[Topic.OUTCOMES] = [with_value(record, msgspec.msgpack.encode(other))]


def loses_an_outcome(topics: Recorded) -> None:
    changes_outcomes(topics, lambda outcomes: outcomes[1:])


def judges_a_sale_otherwise(topics: Recorded) -> None:
    def change(outcomes: list[Outcome]) -> list[Outcome]:
        first = outcomes[0]
        verdict = Verdict.GOOD if first.verdict is Verdict.BAD else Verdict.BAD
        return [msgspec.structs.replace(first, verdict=verdict), *outcomes[1:]]

    changes_outcomes(topics, change)


def counts_an_outcome_twice(topics: Recorded) -> None:
    """Peers hear of one matured sale more than there was."""
    reviews = topics[Topic.PEER_EXPECTATIONS]
    piece = msgspec.msgpack.decode(reviews[-1].value or b"", type=Piece)
    review = msgspec.msgpack.decode(piece.body, type=DayReview)
    for name, known in review.known.items():
        numbers = reals(known.peers, TOTALS)
        numbers[:, 0] += 1.0
        review.known[name] = msgspec.structs.replace(known, peers=held_reals(numbers))
    reviews[-1] = with_value(reviews[-1], piece_of(review))


def reviews_a_day_in_two_ways(topics: Recorded) -> None:
    honest = topics[Topic.PEER_EXPECTATIONS][-1]
    counts_an_outcome_twice(topics)
    topics[Topic.PEER_EXPECTATIONS].append(honest)


def loses_a_letter(topics: Recorded) -> None:
    topics[Topic.DEAD_LETTERS].pop()


def gives_another_reason(topics: Recorded) -> None:
    letter = topics[Topic.DEAD_LETTERS].pop()
    headers = tuple((n, b"not_json_at_all" if n == "reason" else v) for n, v in letter.headers)
    topics[Topic.DEAD_LETTERS].append(letter._replace(headers=headers))


def rejects_a_good_record(topics: Recorded) -> None:
    topics[Topic.DEAD_LETTERS].append(_letter(topics[Topic.SALES][0], "invalid_field"))


def cuts_a_letter(topics: Recorded) -> None:
    letter = topics[Topic.DEAD_LETTERS].pop()
    topics[Topic.DEAD_LETTERS].append(with_value(letter, (letter.value or b"")[:-1]))


def loses_a_source_record(topics: Recorded) -> None:
    topics[Topic.SALES] = [
        r for r in topics[Topic.SALES] if r.value != topics[Topic.SALES][9].value
    ]


WRONG: Sequence[tuple[Callable[[Recorded], None], str]] = (
    (loses_an_alert, "revisions of alerts: 1 of"),
    (invents_an_alert, "revisions of alerts: 1 invented"),
    (tells_an_alert_in_two_ways, "has 2 contents"),
    (goes_back_to_an_older_revision, "latest revisions of alerts: 1 invented"),
    (loses_a_current_alert, "latest revisions of alerts: 1 of"),
    (loses_an_outcome, "outcomes: 1 of"),
    (judges_a_sale_otherwise, "counts of outcomes by agent, pattern and verdict"),
    (counts_an_outcome_twice, "reviews of days: 1 invented"),
    (reviews_a_day_in_two_ways, "has 2 contents"),
    (loses_a_letter, "dead letters: 1 of"),
    (gives_another_reason, "dead letters: 1 invented"),
    (rejects_a_good_record, "dead letters: 1 invented"),
    (cuts_a_letter, "dead letters: 1 invented"),
    (loses_a_source_record, "records of the sources: 1 of"),
)


def test_a_right_run_passes() -> None:
    topics = right()
    assert differences(expected(), world().sent, topics) == []
    assert min(len(records) for records in topics.values()) > 0


def test_what_is_told_twice_in_the_same_content_is_right() -> None:
    twice: Mapping[Topic, list[Stored]] = {
        topic: [record for record in records for _ in range(2)]
        for topic, records in right().items()
    }
    assert differences(expected(), world().sent, {**right(), **_outputs(twice)}) == []


def _outputs(topics: Mapping[Topic, list[Stored]]) -> Recorded:
    return {topic: records for topic, records in topics.items() if topic not in EVENT_TOPICS}


@pytest.mark.parametrize(("make_wrong", "told"), WRONG, ids=lambda it: getattr(it, "__name__", ""))
def test_a_wrong_run_is_told(make_wrong: Callable[[Recorded], None], told: str) -> None:
    topics = right()
    make_wrong(topics)
    sentences = differences(expected(), world().sent, topics)
    assert any(told in sentence for sentence in sentences), sentences


def test_what_is_not_committed_is_told() -> None:
    ends = {(Topic.SALES, 0): 10, (Topic.SALES, 1): 0, (Topic.ALERTS, 0): 5}
    assert uncommitted(ends, {(Topic.SALES, 0): 10}) == []
    assert uncommitted(ends, {(Topic.SALES, 0): 9}) == ["sales partition 0: committed 9 of 10"]
    assert uncommitted(ends, {}) == ["sales partition 0: committed 0 of 10"]
