"""Compares what a run told with what it must tell; every difference is a sentence."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from detectors.alerts.alert import Alert
from detectors.basis.event_time import day_of, seconds_at
from detectors.messages.outcomes import DayReview, Outcome, OutcomeBundle
from streams.stages.pieces import Piece, Whole, joined
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.chaos.broker_io import Stored
from tests.chaos.expectation import Expectation
from tests.chaos.world import BEGINS, Sent

COMPARED: Final = (
    *EVENT_TOPICS,
    Topic.OUTCOMES,
    Topic.PEER_EXPECTATIONS,
    Topic.ALERTS,
    Topic.ALERTS_CURRENT,
    Topic.DEAD_LETTERS,
)
"""The topics that are read in the end."""

READ_BY_WORKERS: Final = (
    *EVENT_TOPICS,
    Topic.OUTCOMES,
    Topic.PEER_TOTALS,
    Topic.PEER_EXPECTATIONS,
)

Records = Mapping[Topic, Sequence[Stored]]
Places = Mapping[tuple[Topic, int], int]


def differences(expected: Expectation, sent: Sequence[Sent], found: Records) -> list[str]:
    """Return everything in which the topics are not what they must be."""
    return [
        *_not_stored(sent, found),
        *_alerts(expected.revisions, found[Topic.ALERTS]),
        *_current(expected.revisions, found[Topic.ALERTS_CURRENT]),
        *_outcomes(expected.outcomes, found[Topic.OUTCOMES]),
        *_reviews(expected.reviews, found[Topic.PEER_EXPECTATIONS]),
        *_letters(expected, found),
    ]


def uncommitted(ends: Places, committed: Places) -> list[str]:
    """Return which partitions the workers have not committed to the end."""
    return [
        f"{topic} partition {number}: committed {committed.get((topic, number), 0)} of {end}"
        for (topic, number), end in ends.items()
        if topic in READ_BY_WORKERS and committed.get((topic, number), 0) != end
    ]


def _not_stored(sent: Sequence[Sent], found: Records) -> Iterator[str]:
    """Doubt the harness first: everything it sent must be there, and nothing else."""
    stored = {
        Sent(r.topic, r.key or b"", r.value or b"") for topic in EVENT_TOPICS for r in found[topic]
    }
    yield from sets("records of the sources", set(sent), stored)


def _alerts(expected: frozenset[bytes], told: Iterable[Stored]) -> Iterator[str]:
    contents = defaultdict(set)
    for record in told:
        value = record.value or b""
        alert = msgspec.json.decode(value, type=Alert)
        contents[alert.alert_id, alert.revision].add(value)
    for (alert_id, revision), values in contents.items():
        if len(values) > 1:
            yield f"alert {alert_id} revision {revision} has {len(values)} contents"
    told_of = set().union(*contents.values())
    yield from sets("revisions of alerts", undecided(expected), undecided(told_of))


def undecided(revisions: Iterable[bytes]) -> set[bytes]:
    """Return revisions without what people had found of other alerts by then.

    Event time goes a thousand times as fast here as people decide. So what they decide comes after
    its day has been judged, and counts from another day on in every run.
    """
    return set(map(_undecided, revisions))


def _undecided(value: bytes) -> bytes:
    alert = msgspec.json.decode(value, type=Alert)
    if alert.prior_alerts is msgspec.UNSET:
        return value
    prior = [msgspec.structs.replace(one, outcome=msgspec.UNSET) for one in alert.prior_alerts]
    return msgspec.json.encode(msgspec.structs.replace(alert, prior_alerts=tuple(prior)))


def _current(expected: Iterable[bytes], told: Iterable[Stored]) -> Iterator[str]:
    latest: dict[str, bytes] = {}
    for value in sorted(expected, key=lambda v: msgspec.json.decode(v, type=Alert).revision):
        latest[msgspec.json.decode(value, type=Alert).alert_id] = _undecided(value)
    current = {(r.key or b"").decode(): _undecided(r.value or b"") for r in told}
    yield from sets("latest revisions of alerts", set(latest.items()), set(current.items()))


def _outcomes(expected: frozenset[Outcome], told: Iterable[Stored]) -> Iterator[str]:
    known: set[Outcome] = set()
    for record in told:
        known.update(msgspec.msgpack.decode(record.value or b"", type=OutcomeBundle).outcomes)
    yield from sets("outcomes", expected, known)
    yield from sets(
        "counts of outcomes by agent, pattern and verdict",
        set(_counts(expected).items()),
        set(_counts(known).items()),
    )


def _counts(outcomes: Iterable[Outcome]) -> Counter[tuple[str | None, str, str]]:
    return Counter((o.agent_id, o.pattern, o.verdict.name) for o in outcomes)


def _reviews(expected: Mapping[int, DayReview], told: Iterable[Stored]) -> Iterator[str]:
    """Check the counts of the agents and peers stages: a review sums them up, day by day."""
    contents = defaultdict(set)
    for review in _whole(told):
        contents[msgspec.msgpack.decode(review, type=DayReview).day].add(review)
    for day, values in contents.items():
        if len(values) > 1:
            yield f"the review of day {day} has {len(values)} contents"
    # Some, and not others, also review the empty day on which the first watermark lies.
    first = day_of(seconds_at(BEGINS))
    known = {(day, _bare(v)) for day, values in contents.items() for v in values if day >= first}
    wanted = {(day, msgspec.msgpack.encode(r)) for day, r in expected.items() if day >= first}
    yield from sets("reviews of days", wanted, known)


def _whole(told: Iterable[Stored]) -> Iterator[bytes]:
    """Yield what pieces make together."""
    pieces: dict[Whole, dict[int, bytes]] = defaultdict(dict)
    for record in told:
        piece = msgspec.msgpack.decode(record.value or b"", type=Piece)
        pieces[piece.whole][piece.number] = piece.body
    for whole, bodies in pieces.items():
        message = joined(whole, bodies)
        if message is not None:
            yield message


def _bare(value: bytes) -> bytes:
    """Return a review without decisions, for the reason that `undecided` has."""
    review = msgspec.msgpack.decode(value, type=DayReview)
    return msgspec.msgpack.encode(msgspec.structs.replace(review, decisions=()))


def _letters(expected: Expectation, found: Records) -> Iterator[str]:
    """Demand a letter, or the same one again, for each rejected record, and no other."""
    reasons = {letter.record: letter.reason for letter in expected.letters}
    wanted = {
        (record.topic, record.partition, record.offset, reasons[record.value or b""], record.value)
        for topic in EVENT_TOPICS
        for record in found[topic]
        if (record.value or b"") in reasons
    }
    told = set()
    for letter in found[Topic.DEAD_LETTERS]:
        headers = {name: value.decode() for name, value in letter.headers}
        place = int(headers["partition"]), int(headers["offset"])
        told.add((Topic(headers["source"]), *place, headers["reason"], letter.value))
    yield from sets("dead letters", wanted, told)


def sets(what: str, expected: AbstractSet[object], told: AbstractSet[object]) -> Iterator[str]:
    """Yield what was lost and what was invented."""
    lost, invented = expected - told, told - expected
    if lost:
        yield f"{what}: {len(lost)} of {len(expected)} lost, such as {_shown(lost)}"
    if invented:
        yield f"{what}: {len(invented)} invented, such as {_shown(invented)}"


def _shown(some: Iterable[object]) -> str:
    return min(map(repr, some))[:300]
