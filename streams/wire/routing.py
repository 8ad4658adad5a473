"""Lines to topics: which topic a line belongs to, its key, and when it happened."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from detectors.basis.errors import InvalidEvent
from detectors.events.event import AGENT_MERGED, types_in
from detectors.reading.lenient import read_head
from streams.wire.topics import EVENT_TOPICS, Topic

LARGEST_RECORD: Final = 1_000_000
"""Bytes of a line that a topic takes: by default Kafka refuses more than 1 MiB with the rest."""

_LONGEST_KEY: Final = 256  # as `detectors.events.event.Identifier`: longer ones are refused later
_TOPICS: Final[Mapping[str, Topic]] = {
    name: topic for topic, kind in EVENT_TOPICS.items() for name in types_in(kind)
}


class Route(NamedTuple):
    """Where a line goes. ``occurred_at`` is as the line says it, whatever that is.

    ``everywhere``: to all partitions of the topic, for it is about none of their accounts.
    """

    topic: Topic
    key: bytes
    occurred_at: object
    everywhere: bool = False


class EventRouter:
    """Reads of a line only what must be known to send it."""

    def __init__(self) -> None:
        self._decode: Final = msgspec.json.Decoder(_Head).decode

    def route(self, line: bytes) -> Route:
        """Return the route of a line.

        The topic follows from the field ``type``, the key is the account. An event without a
        usable account gets an empty key: the worker will refuse it and say why.

        Raises
        ------
        InvalidEvent
            ``unknown_source`` if the type cannot be read, ``too_large`` if no topic would take it.
        """
        if len(line) > LARGEST_RECORD:
            raise InvalidEvent(
                "too_large", f"the record has {len(line):,} bytes, more than a topic takes"
            )
        try:
            head = self._decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            lenient = _leniently(line)
            if lenient is None:
                raise InvalidEvent("unknown_source", f"the type cannot be told: {error}") from None
            head = lenient
        except RecursionError:
            raise InvalidEvent(
                "unknown_source", "the type cannot be told: the JSON is nested too deeply"
            ) from None
        if head.type not in _TOPICS or not isinstance(head.account_id, str):
            # An integer is an id as well, and ``Sale`` a sale: the worker will read it so.
            head = _leniently(line) or head
        topic = _TOPICS.get(head.type)
        if topic is None:
            raise InvalidEvent("unknown_source", f"`$.type` is none of {', '.join(_TOPICS)}")
        account = head.account_id
        usable = isinstance(account, str) and len(account) <= _LONGEST_KEY
        key = account.encode() if usable else b""
        return Route(topic, key, head.occurred_at, head.type == AGENT_MERGED)


class _Head(Struct, gc=False):
    """What must be known of an event to send it. Only the type is checked here."""

    type: str
    account_id: Any = None
    occurred_at: Any = None


def _leniently(line: bytes) -> _Head | None:
    """Return the head of a line as the worker will read it, None if it is no JSON object."""
    head = read_head(line)
    if head is None:
        return None
    return _Head(head.event_type or "", head.account_id, head.occurred_at)
