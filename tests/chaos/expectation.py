"""What must come out of a run: from `aboveboard detect`, and from its stages for what it hides."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from detectors.agents.stage import Agents
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.messages.outcomes import DayReview, Outcome
from detectors.peers.stage import Peers
from tests.chaos.life import HONEST
from tests.chaos.world import UNTIL, Sent, World
from tests.integration.busy_month import settings, write_settings

_COMMAND: Final = HONEST[0]
_HARVEST_EVERY: Final = 4_096
_SOURCE: Final = "events"


class Letter(Struct, frozen=True):
    """Why a record was rejected, and its bytes."""

    reason: str
    record: bytes


class Expectation(Struct, frozen=True):
    """What the same events give in one process: sets, since a broker keeps no order over topics."""

    revisions: frozenset[bytes]
    letters: tuple[Letter, ...]
    outcomes: frozenset[Outcome]
    reviews: dict[int, DayReview]
    commendations: frozenset[bytes]


def expect(world: World, folder: Path) -> Expectation:
    """Run `aboveboard detect` on a file of the records, and its stages on them."""
    records, events = world.records, world.write(folder / "events.jsonl")
    out, letters = folder / "alerts.jsonl", folder / "dead-letters.jsonl"
    commendations = folder / "commendations.jsonl"
    subprocess.run(
        [
            *(_COMMAND, "detect", events, "--config", write_settings(folder)),
            *("--until", UNTIL.isoformat(), "--out", out, "--dead-letters", letters),
            *("--most-refused", "100%", "--commendations", commendations),
        ],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    outcomes, reviews = _told(records)
    ahead = (Letter("impossible_time", record.value) for record in world.ahead)
    return Expectation(
        frozenset(out.read_bytes().splitlines()),
        (*_letters(letters, records), *ahead),
        outcomes,
        reviews,
        frozenset(commendations.read_bytes().splitlines()),
    )


def _letters(path: Path, records: Sequence[Sent]) -> tuple[Letter, ...]:
    """Return the rejected records with the bytes that were sent, found by their line."""
    found = []
    for line in path.read_bytes().splitlines():
        letter = msgspec.json.decode(line)
        found.append(Letter(letter["reason"], records[letter["line"] - 1].value))
    return tuple(found)


def _told(records: Sequence[Sent]) -> tuple[frozenset[Outcome], dict[int, DayReview]]:
    """Return all outcomes and all reviews of days, as the pipeline has them inside."""
    decode = EventDecoder(settings().limits).decode
    clock = EventClock(settings().time, (_SOURCE,))
    ledger, agents, peers = Ledger(settings()), Agents(settings()), Peers(settings())
    outcomes: set[Outcome] = set()
    reviews: dict[int, DayReview] = {}

    def drain() -> None:
        bundle = ledger.drain().bundle
        outcomes.update(bundle.outcomes)
        agents.receive(bundle)
        while reports := agents.drain().reports:
            for report in reports:
                for review in peers.receive(report):
                    reviews[review.day] = review
                    agents.review(review)

    for number, record in enumerate(records, start=1):
        try:
            event = decode(record.value)
            ledger.apply(event)
        except InvalidEvent:
            ledger.refuse(record.value, None, clock.reached(_SOURCE))
            continue
        clock.observe(_SOURCE, seconds_at(event.occurred_at), event.account_id)
        ledger.advance(clock.watermark())
        if number % _HARVEST_EVERY == 0:
            drain()
    ledger.advance(seconds_at(UNTIL))
    drain()
    return frozenset(outcomes), reviews
