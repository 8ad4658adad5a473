"""What a ledger of accounts tells the ledgers of keys, cut into messages that a broker takes."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from detectors.basis.event_time import BEGINNING, Seconds
from detectors.facts.mention import Mention
from detectors.facts.staff.record import StaffRecord
from detectors.facts.traffic.touch import Touch
from detectors.messages.mentions import MentionBundle
from streams.stages.actors.actor import Output
from streams.stages.actors.bundles import LARGEST_MESSAGE
from streams.wire.topics import Topic

LARGEST_BUNDLE: Final = 1_000
"""Mentions, and what else is told, in one message; fewer if their names are long."""

_Told = Mention | Touch | StaffRecord

_encode: Final = msgspec.msgpack.Encoder().encode


def mention_outputs(
    bundle: MentionBundle, partitions: int, announced: Seconds, *, new_day: bool
) -> list[Output]:
    """Return the records for the partitions of the keys: each has all that is of its values.

    All are told which ids of agents were merged. Where there is nothing, a `new_day` is announced
    all the same. All messages have the watermark that was `announced` before, but for the last one,
    which moves it to the bundle's.
    """
    shares: list[list[_Told]] = [[] for _ in range(partitions)]
    everything: list[_Told] = [*bundle.mentions, *bundle.touches, *bundle.staff]
    for one in everything:
        shares[one.value % partitions].append(one)
    key = str(bundle.ledger_partition).encode()
    return [
        Output(Topic.MENTIONS, message, key, partition)
        for partition, share in enumerate(shares)
        if share or new_day or bundle.merged
        for message in _messages(bundle, share, announced)
    ]


def empty_mention_outputs(ledger_partition: int, partitions: int) -> list[Output]:
    """Return the records that say that a ledger partition has seen nothing yet."""
    message = _encode(MentionBundle(ledger_partition, BEGINNING, empty=True))
    key = str(ledger_partition).encode()
    return [Output(Topic.MENTIONS, message, key, partition) for partition in range(partitions)]


def _messages(bundle: MentionBundle, share: Sequence[_Told], announced: Seconds) -> Iterator[bytes]:
    number, whole = bundle.ledger_partition, bundle.watermark
    parts = [list(share[at : at + LARGEST_BUNDLE]) for at in range(0, len(share), LARGEST_BUNDLE)]
    parts = parts or [[]]
    while parts:
        part = parts.pop(0)
        mentions = [one for one in part if isinstance(one, Mention)]
        touches = [one for one in part if isinstance(one, Touch)]
        staff = [one for one in part if isinstance(one, StaffRecord)]
        until = announced if parts else whole
        told = MentionBundle(
            number, until, mentions, touches=touches, merged=bundle.merged, staff=staff
        )
        message = _encode(told)
        if len(message) > LARGEST_MESSAGE and len(part) > 1:
            parts[:0] = [part[: len(part) // 2], part[len(part) // 2 :]]
        else:
            yield message
