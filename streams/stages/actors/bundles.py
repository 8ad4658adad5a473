"""What a ledger emits, split by agents partition and into messages that a broker takes."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar
from zlib import crc32

import msgspec
from msgspec import Struct, field

from detectors.basis.event_time import BEGINNING, Day, Seconds, day_of
from detectors.basis.identifiers import GroupKind, PatternName
from detectors.facts.staff.started import StartedAgent
from detectors.messages.commissions import CommissionFact
from detectors.messages.contested import ContestedSale
from detectors.messages.disputes import Dispute
from detectors.messages.findings import AccountFinding
from detectors.messages.holes import Hole
from detectors.messages.outcomes import Outcome, OutcomeBundle, SaleEnded, SaleMade, SalesDay
from detectors.messages.seen import Seen
from streams.stages.actors.actor import Output
from streams.wire.topics import Topic

LARGEST_BUNDLE: Final = 2_000
"""Outcomes, sales made and sales ended in one message, of each; fewer if their names are long."""

LARGEST_MESSAGE: Final = 900_000
"""Bytes; a broker takes a million by default, with what it writes around them."""

REMEMBERED_AGENTS: Final = 1 << 16
"""Agents and groups whose place is remembered: to look it up takes half as long as to find it."""

_encode: Final = msgspec.msgpack.Encoder().encode

_Item = TypeVar("_Item", Outcome, SaleMade, SaleEnded, ContestedSale, StartedAgent)
_Row = TypeVar("_Row")
_Key = TypeVar("_Key")


class _Share(Struct):
    """What concerns one agents partition."""

    outcomes: list[Outcome] = field(default_factory=list)
    made: dict[Day, list[SaleMade]] = field(default_factory=dict)
    ended: dict[tuple[Day, PatternName], list[SaleEnded]] = field(default_factory=dict)
    groups: dict[GroupKind, list[Outcome]] = field(default_factory=dict)
    counts: dict[tuple[Day, GroupKind], list[tuple[str, int]]] = field(default_factory=dict)
    contested: list[ContestedSale] = field(default_factory=list)
    findings: list[AccountFinding] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    seen: list[tuple[Day, list[Seen]]] = field(default_factory=list)
    commissions: list[CommissionFact] = field(default_factory=list)
    started: list[StartedAgent] = field(default_factory=list)

    def __len__(self) -> int:
        """Count its outcomes, sales made, sales ended or the like, whichever are most."""
        sold = max(_length(self.made), _length(self.ended), _length(self.counts))
        told = len(self.findings), len(self.contested), len(self.disputes), len(self.seen)
        others = sold, _length(self.groups), len(self.commissions), len(self.started)
        return max(len(self.outcomes), *others, *told)


def bundle_outputs(
    bundle: OutcomeBundle, partitions: int, announced: Seconds
) -> tuple[list[Output], Seconds]:
    """Return the records for the agents partitions, and the watermark announced to all by then.

    `announced` is the one before. A new day goes to all of them, the rest to those it concerns.
    """
    new_day = is_new_day(bundle.watermark, announced)
    key = str(bundle.ledger_partition).encode()
    outputs: list[Output] = []
    for partition, messages in enumerate(cut(bundle, partitions, announced)):
        if not messages and new_day:
            nothing = OutcomeBundle(bundle.ledger_partition, bundle.watermark)
            told = {"empty": bundle.empty, "holes": bundle.holes, "seen": bundle.seen}
            messages.append(_encode(msgspec.structs.replace(nothing, **told)))
        outputs.extend(Output(Topic.OUTCOMES, message, key, partition) for message in messages)
    return outputs, bundle.watermark if new_day else announced


def is_new_day(watermark: Seconds, announced: Seconds) -> bool:
    """Return whether a watermark is to be announced to all: its day is later than that before."""
    return watermark > BEGINNING and (
        announced == BEGINNING or day_of(watermark) > day_of(announced)
    )


def empty_outputs(
    ledger_partition: int, partitions: int, holes: tuple[Hole, ...] = ()
) -> list[Output]:
    """Return the records that say that a ledger partition has seen nothing yet."""
    bundle = OutcomeBundle(ledger_partition, BEGINNING, empty=True, holes=holes)
    message, key = _encode(bundle), str(ledger_partition).encode()
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
    cuts: list[list[bytes]] = []
    for share in _shares(bundle, partitions):
        number = largest
        messages = _messages(share, bundle, announced, number)
        while number > 1 and max(map(len, messages), default=0) > largest_message:
            number //= 2
            messages = _messages(share, bundle, announced, number)
        cuts.append(messages)
    return cuts


def _shares(bundle: OutcomeBundle, partitions: int) -> list[_Share]:
    """Return the share of each agents partition, all of it in the order of the bundle."""
    told = _dealt(bundle.outcomes, partitions), _dealt(bundle.contested, partitions)
    shares = [
        _Share(outcomes, contested=contested, seen=list(bundle.seen.items()))
        for outcomes, contested in zip(*told, strict=True)
    ]
    for share, started in zip(shares, _dealt(bundle.started, partitions), strict=True):
        share.started = started
    for day, sales in bundle.days.items():
        _share_day(shares, day, sales)
    for finding in bundle.findings:
        _of_account(shares, finding.account_id).findings.append(finding)
    for dispute in bundle.disputes:
        _of_account(shares, dispute.account_id).disputes.append(dispute)
    for fact in bundle.commissions:
        _of_account(shares, fact.account_id).commissions.append(fact)
    for kind, outcomes in bundle.groups.items():
        for share, own in zip(shares, _dealt(outcomes, partitions), strict=True):
            share.groups[kind] = own
    return shares


def _share_day(shares: list[_Share], day: Day, sales: SalesDay) -> None:
    """Deal the sales of a day."""
    for share, made in zip(shares, _dealt(sales.made, len(shares)), strict=True):
        share.made[day] = made
    for name, all_ended in sales.ended.items():
        for share, ended in zip(shares, _dealt(all_ended, len(shares)), strict=True):
            share.ended[day, name] = ended
    for kind, counts in sales.groups.items():
        for group, count in counts.items():
            share = shares[_checksum(group) % len(shares)]
            share.counts.setdefault((day, kind), []).append((group, count))


def _dealt(items: list[_Item], partitions: int) -> list[list[_Item]]:
    """Return the items of each partition in their order."""
    if partitions == 1:
        return [items]
    dealt: list[list[_Item]] = [[] for _ in range(partitions)]
    for item in items:
        dealt[_checksum(item.agent_id) % partitions].append(item)
    return dealt


def _of_account(shares: list[_Share], account_id: str) -> _Share:
    """Return where all goes that is told of an account.

    Not to where its seller is, whom a correction may change: one stage writes all of an alert.
    """
    return shares[crc32(account_id.encode()) % len(shares)]


@lru_cache(maxsize=REMEMBERED_AGENTS)
def _checksum(subject: str | None) -> int:
    return crc32((subject or "").encode())


def _messages(
    share: _Share, bundle: OutcomeBundle, announced: Seconds, largest: int
) -> list[bytes]:
    starts = range(0, len(share), largest)
    return [
        _encode(
            OutcomeBundle(
                bundle.ledger_partition,
                bundle.watermark if start == starts[-1] else announced,
                share.outcomes[start : start + largest],
                _days(share, start, start + largest),
                holes=bundle.holes,
                groups=dict(_cut(share.groups, start, start + largest)),
                contested=share.contested[start : start + largest],
                seen=dict(share.seen[start : start + largest]),
                findings=share.findings[start : start + largest],
                disputes=share.disputes[start : start + largest],
                commissions=share.commissions[start : start + largest],
                started=share.started[start : start + largest],
            )
        )
        for start in starts
    ]


def _days(share: _Share, start: int, stop: int) -> dict[Day, SalesDay]:
    """Return the sales of a share from number `start` to before `stop`, of those made and ended."""
    days: dict[Day, SalesDay] = {}
    for day, made in _cut(share.made, start, stop):
        days.setdefault(day, SalesDay()).made.extend(made)
    for (day, name), ended in _cut(share.ended, start, stop):
        days.setdefault(day, SalesDay()).ended[name] = ended
    for (day, kind), counts in _cut(share.counts, start, stop):
        days.setdefault(day, SalesDay()).groups[kind] = dict(counts)
    return days


def _cut(lists: dict[_Key, list[_Row]], start: int, stop: int) -> Iterator[tuple[_Key, list[_Row]]]:
    """Yield what lies from `start` to before `stop` if all lists are one, under their keys."""
    begin = 0
    for key, items in lists.items():
        piece = items[max(0, start - begin) : max(0, stop - begin)]
        begin += len(items)
        if piece:
            yield key, piece


def _length(lists: Mapping[Any, list[Any]]) -> int:
    return sum(map(len, lists.values()))
