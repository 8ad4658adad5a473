"""Law: after a release that refused good events, replaying them gives what would have been."""

from datetime import timedelta
from typing import Final

import msgspec
import pytest

from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent
from detectors.limit_settings import Limits
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from streams.cli.main import main
from streams.wire.topics import EVENT_TOPICS
from tests.brokers.selection import AvailableBroker
from tests.streams.dead_letters.letter_installation import Refuser
from tests.streams.stages.actors.small_stream import SETTINGS, UNTIL, event_lines, topic_and_account

pytestmark = pytest.mark.integration

LATENESS: Final = timedelta(hours=23)
"""How long the bad release was in charge: what it refused is late by no more than is allowed."""

NARROW: Final = Limits(largest_record=220)


def _settings() -> Settings:
    time = msgspec.structs.replace(SETTINGS.time, allowed_lateness="1d", corrections_for="2d")
    return msgspec.structs.replace(SETTINGS, time=time)


def _lines() -> list[tuple[AnyEvent, bytes]]:
    """Return the events, each once, in the order of their time."""
    decode = EventDecoder(SETTINGS.limits).decode
    pairs = [(decode(line), line) for line in dict.fromkeys(event_lines())]
    return sorted(pairs, key=lambda pair: pair[0].occurred_at)


def _send(refuser: Refuser, lines: list[bytes]) -> None:
    placed = [(*topic_and_account(line), line) for line in lines]
    for topic in EVENT_TOPICS:
        refuser.send(topic, [(key.encode(), line) for where, key, line in placed if where is topic])


def _alerts(pipeline: Pipeline) -> set[bytes]:
    pipeline.advance(seconds_at(UNTIL))
    return set(map(msgspec.json.encode, pipeline.alerts()))


def _read(refuser: Refuser, pipeline: Pipeline, limits: Limits | None = None) -> int:
    """Apply what is new in the topics, in the order of its time; give how much was refused."""
    events: list[AnyEvent] = []
    refused = refuser.work(limits, events.append)
    for event in sorted(events, key=lambda event: event.occurred_at):
        pipeline.apply(event)
    return refused


@pytest.mark.parametrize("times", [1, 2, 0])
def test_what_a_bad_release_refused_counts_in_full_once_it_is_replayed(
    any_broker: AvailableBroker, times: int
) -> None:
    pairs = _lines()
    undisturbed = Pipeline(_settings())
    for event, _ in pairs:
        undisturbed.apply(event)
    expected = _alerts(undisturbed)

    begin = pairs[len(pairs) // 2][0].occurred_at
    eras: list[list[bytes]] = [[], [], []]
    for event, line in pairs:
        eras[(event.occurred_at >= begin) + (event.occurred_at >= begin + LATENESS)].append(line)

    refuser = Refuser(any_broker.bootstrap)
    pipeline = Pipeline(_settings())
    _send(refuser, eras[0])
    assert _read(refuser, pipeline) == 0
    _send(refuser, eras[1])
    assert 10 < _read(refuser, pipeline, NARROW) < len(eras[1])
    for _ in range(times):
        assert main(["dead-letters", "replay", "--all", *refuser.place()]) == 0
        assert _read(refuser, pipeline) == 0
    _send(refuser, eras[2])
    assert _read(refuser, pipeline) == 0
    # Without replaying, alerts differ: the law has something to say about this stream.
    assert (_alerts(pipeline) == expected) == (times > 0)
