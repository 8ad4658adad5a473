"""Records of the topics beside alerts and cases, as sources and workers write them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from streams.desk.model.intake import Told
from streams.wire.topics import Topic

START: Final = datetime(2025, 1, 6, 9, tzinfo=UTC)
CAME: Final = datetime(2025, 6, 1, tzinfo=UTC)


def event(topic: Topic, at: datetime, **fields: object) -> Told:
    """Return an event as the desk reads it; what it does not read is left out."""
    value = msgspec.json.encode({"account_id": "A-1", "occurred_at": at, **fields})
    return Told(topic, b"A-1", value, milliseconds(CAME))


def sale(agent: str, at: datetime, **fields: object) -> Told:
    """Return a sale."""
    return event(Topic.SALES, at, agent_id=agent, **fields)


def every_day(topic: Topic, days: int, **fields: object) -> Iterator[Told]:
    """Yield an event on each of so many days from `START`."""
    for day in range(days):
        yield event(topic, START + timedelta(days=day), **fields)


def letter(reason: str, came: datetime, source: str = "sales") -> Told:
    """Return a dead letter."""
    headers = [("reason", reason.encode()), ("detail", b"x"), ("source", source.encode())]
    return Told(Topic.DEAD_LETTERS, b"k", b"{", milliseconds(came), headers=headers)


def beat(key: bytes, came: datetime) -> Told:
    """Return the beat of a worker."""
    return Told(Topic.INSTALLATION, b"beat/" + key, b"{}", milliseconds(came))


def milliseconds(moment: datetime) -> int:
    """Return a moment as records have it."""
    return int(moment.timestamp() * 1_000)
