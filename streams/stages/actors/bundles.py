"""What a ledger emits, split by agents partition and into messages that a broker takes."""

from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from typing import Final, TypeVar
from zlib import crc32

import msgspec
from msgspec import Struct, field

from detectors.basis.event_time import BEGINNING, Day, Seconds, day_of
from detectors.basis.identifiers import AgentId, PatternName
from detectors.messages.holes import Hole
from detectors.messages.outcomes import Outcome, OutcomeBundle, SaleEnded, SaleMade, SalesDay
from streams.stages.actors.actor import Output
from streams.wire.topics import Topic

LARGEST_BUNDLE: Final = 2_000
"""Outcomes, sales made and sales ended in one message, of each; fewer if their names are long."""

LARGEST_MESSAGE: Final = 900_000
"""Bytes; a broker takes a million by default, with what it writes around them."""

Item = TypeVar("Item")

_encode: Final = msgspec.msgpack.Encoder().encode


class _Share(Struct):
    """What concerns one agents partition, one fact after the other."""

    outcomes: list[Outcome] = field(default_factory=list)
    made: list[tuple[Day, SaleMade]] = field(default_factory=list)
    ended: list[tuple[Day, PatternName, SaleEnded]] = field(default_factory=list)


def bundle_outputs(
    bundle: OutcomeBundle, partitions: int, announced: Seconds
) -> tuple[list[Output], Seconds]:
    """Return the records for the agents partitions, and the watermark announced to all by then.

    `announced` is the one before. A new day goes to all of them, the rest to those it concerns.
    """
    new_day = bundle.watermark > BEGINNING and (
        announced == BEGINNING or day_of(bundle.watermark) > day_of(announced)
    )
    key = str(bundle.ledger_partition).encode()
    outputs: list[Output] = []
    for partition, messages in enumerate(cut(bundle, partitions, announced)):
        if not messages and new_day:
            nothing = msgspec.structs.replace(bundle, outcomes=[], days={})
            messages.append(msgspec.msgpack.encode(nothing))
        outputs.extend(Output(Topic.OUTCOMES, message, key, partition) for message in messages)
    return outputs, bundle.watermark if new_day else announced


def empty_outputs(
    ledger_partition: int, partitions: int, holes: tuple[Hole, ...] = ()
) -> list[Output]:
    """Return the records that say that a ledger partition has seen nothing yet."""
    bundle = OutcomeBundle(ledger_partition, BEGINNING, empty=True, holes=holes)
    message, key = msgspec.msgpack.encode(bundle), str(ledger_partition).encode()
    return [Output(Topic.OUTCOMES, message, key, partition) for partition in range(partitions)]


def cut(
    bundle: OutcomeBundle,
    partitions: int,
    announced: Seconds,
    largest: int = LARGEST_BUNDLE,
    largest_message: int = LARGEST_MESSAGE,
) -> list[list[bytes]]:
    """Return for each of the agents partitions the messages with its share.

    All of them have the watermark that was `announced` before, but for the last one, which moves it
    to the bundle's. None holds more than `largest` outcomes, sales made and sales ended, of each,
    nor (if it holds more than one) more bytes than `largest_message`.
    """
    shares = [_Share() for _ in range(partitions)]
    for outcome in bundle.outcomes:
        shares[_partition_of(outcome.agent_id, partitions)].outcomes.append(outcome)
    for day, sales in bundle.days.items():
        for made in sales.made:
            shares[_partition_of(made.agent_id, partitions)].made.append((day, made))
        for name, ends in sales.ended.items():
            for ended in ends:
                shares[_partition_of(ended.agent_id, partitions)].ended.append((day, name, ended))
    cuts: list[list[bytes]] = []
    for share in shares:
        number = largest
        messages = _messages(share, bundle, announced, number)
        while number > 1 and max(map(len, messages), default=0) > largest_message:
            number //= 2
            messages = _messages(share, bundle, announced, number)
        cuts.append(messages)
    return cuts


def _messages(
    share: _Share, bundle: OutcomeBundle, announced: Seconds, largest: int
) -> list[bytes]:
    parts = [
        OutcomeBundle(
            bundle.ledger_partition,
            announced,
            outcomes or [],
            _days(made or [], ended or []),
            holes=bundle.holes,
        )
        for outcomes, made, ended in zip_longest(
            _chunks(share.outcomes, largest),
            _chunks(share.made, largest),
            _chunks(share.ended, largest),
        )
    ]
    if parts:
        parts[-1] = msgspec.structs.replace(parts[-1], watermark=bundle.watermark)
    return [_encode(part) for part in parts]


def _partition_of(agent_id: AgentId | None, partitions: int) -> int:
    if partitions == 1:
        return 0
    return crc32((agent_id or "").encode()) % partitions


def _days(
    made: Iterable[tuple[Day, SaleMade]], ended: Iterable[tuple[Day, PatternName, SaleEnded]]
) -> dict[Day, SalesDay]:
    days: dict[Day, SalesDay] = {}
    for day, sale in made:
        days.setdefault(day, SalesDay()).made.append(sale)
    for day, name, end in ended:
        days.setdefault(day, SalesDay()).ended.setdefault(name, []).append(end)
    return days


def _chunks(items: list[Item], largest: int) -> Iterator[list[Item]]:
    """Yield the items in lists of at most `largest`."""
    rest = iter(items)
    while chunk := list(islice(rest, largest)):
        yield chunk
