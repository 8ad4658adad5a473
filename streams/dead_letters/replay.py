"""Sends the records of dead letters back to the topics they came from, each letter once.

The order is: send, have it acknowledged, write the receipt. A process that dies in between sends
some letters twice, which is harmless: events are recognised, and a record that is refused again
becomes the same letter again. What has a receipt is not sent a second time unless someone insists.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from streams.dead_letters.book import BookedLetter, letter_id
from streams.wire.dead_letter import FOREIGN, KEPT_OF_TOO_LARGE, LEFT_OUT, from_message
from streams.wire.letter_replay import Receipt, Replay
from streams.wire.posting import is_order
from streams.wire.record import LocatedRecord
from streams.wire.topics import EVENT_TOPICS, Topic

SLICE_RECORDS: Final = 500
SLICE_BYTES: Final = 8 * 1024 * 1024
"""How much is sent before receipts are written: what a crash may send twice."""

NOT_EVENTS: Final = {
    "foreign_record": "another program wrote it into a topic that only our stages write to",
    "corrupt_batch": "it is a batch that cannot be unpacked, which no topic takes once more",
    "lost": "the broker had deleted the records before they were read, and nobody has them",
}
"""Reasons of letters that are for people only, with what is said of a replay."""


TAKES_BACK: Final = (*EVENT_TOPICS, Topic.ALERT_DELIVERIES)
"""Topics to which letters go back: those of events, and where a notifier is ordered to send an
alert to a webhook once more."""


class ReplayOutcome(StrEnum):
    """What became of a letter that was to be replayed."""

    SENT = "sent"
    ALREADY = "already"
    CANNOT = "cannot"


class ReplayResult(NamedTuple):
    """What became of a letter, and where it is or why it cannot be sent."""

    letter_id: str
    outcome: ReplayOutcome
    words: str


class Sender(Protocol):
    """Sends letters back to a broker, and stores the receipts."""

    def send(self, replays: Sequence[Replay]) -> list[Receipt | str]:
        """Send records; return the receipt of each, or why the broker refused it."""

    def store_receipts(self, receipts: Mapping[str, Receipt]) -> None:
        """Store receipts under the ids of their letters; return once they are stored."""


def destination(
    letter: BookedLetter, partitions: Mapping[Topic, int], *, unsealed: bool = False
) -> tuple[Topic, int] | str:
    """Return topic and partition to which a letter goes back, or why it cannot.

    A letter without our seal goes nowhere unless that is insisted on (`unsealed`): its bytes would
    go wherever its headers say, with the rights of whoever replays and not of whoever wrote it.

    It goes to the partition it came from, in which all records of its account are: only the source
    knows by which rule it chose that from the key.
    """
    latest = letter.latest
    why_not = _fault(letter)
    if not (why_not or letter.sealed or unsealed):
        why_not = (
            "it has no seal of this installation: another program wrote it, or an earlier release. "
            "Look at it with `dead-letters show`, then name its ID with --unsealed"
        )
    if why_not:
        return why_not
    topic = next((topic for topic in TAKES_BACK if topic == latest.source), None)
    if topic is None or latest.partition is None:
        return f"its source {latest.source!r} is no topic of events"
    if topic is Topic.ALERT_DELIVERIES and not is_order(letter.key):
        return "it is no order to send an alert once more, and nothing else goes back there"
    if not 0 <= latest.partition < partitions[topic]:
        return f"topic {topic} has no partition {latest.partition} any more"
    return topic, latest.partition


def _fault(letter: BookedLetter) -> str:
    """Return why a letter can go back nowhere, "" if there is no reason in the letter itself."""
    latest = letter.latest
    if latest.reason == FOREIGN:
        return "another program wrote it: nobody knows where it came from"
    if latest.reason in NOT_EVENTS:
        return f"{NOT_EVENTS[latest.reason]}: there is nothing to send"
    if latest.reason == LEFT_OUT:
        return (
            "somebody left it out when the events were copied. If it was right after all: "
            "`aboveboard dead-letters show --raw ID > FILE`, then `aboveboard replay FILE`"
        )
    if latest.line is not None:
        return (
            f"it is a line of the file {latest.source}, which no topic takes: repair it, and send "
            "it with `aboveboard replay`"
        )
    if is_cut(letter):
        return "only its beginning was kept, since it was too large: get the whole from its source"
    return ""


def is_cut(letter: BookedLetter) -> bool:
    """Return whether only the beginning of the record was kept.

    Letters of the first version do not say so: among those refused as too large, one of just as
    many bytes as are kept is taken for cut.
    """
    return letter.latest.size is not None or (
        letter.latest.reason == "too_large" and letter.kept == KEPT_OF_TOO_LARGE
    )


def plan_replays(
    letters: Iterable[BookedLetter],
    partitions: Mapping[Topic, int],
    *,
    again: bool,
    unsealed: bool = False,
) -> tuple[dict[str, tuple[Topic, int]], list[ReplayResult]]:
    """Return where letters are to be sent, by id, and what is to be said of those that are not."""
    destinations: dict[str, tuple[Topic, int]] = {}
    results: list[ReplayResult] = []
    for letter in letters:
        receipt = letter.receipt
        if receipt is not None and not again:
            words = f"{receipt.location()}, {letter.status}"
            results.append(ReplayResult(letter.letter_id, ReplayOutcome.ALREADY, words))
            continue
        target = destination(letter, partitions, unsealed=unsealed)
        if isinstance(target, str):
            results.append(ReplayResult(letter.letter_id, ReplayOutcome.CANNOT, target))
        else:
            destinations[letter.letter_id] = target
    return destinations, results


def send_replays(
    records: Iterable[LocatedRecord], destinations: Mapping[str, tuple[Topic, int]], sender: Sender
) -> Iterator[ReplayResult]:
    """Send the letters among `records` that have a destination, each once; yield the results."""
    left = dict(destinations)
    replays: list[Replay] = []
    size = 0
    for record in records:
        letter = from_message(record.value, record.headers)
        found = letter_id(letter, record.key)
        target = left.pop(found, None)
        if target is None:
            continue
        value = None if letter.null else letter.record
        replays.append(Replay(found, *target, record.key, value))
        size += len(letter.record)
        if len(replays) >= SLICE_RECORDS or size >= SLICE_BYTES:
            yield from _sent(replays, sender)
            replays, size = [], 0
    yield from _sent(replays, sender)
    for gone in left:
        yield ReplayResult(
            gone, ReplayOutcome.CANNOT, "it was deleted from the topic of dead letters meanwhile"
        )


def _sent(replays: Sequence[Replay], sender: Sender) -> Iterator[ReplayResult]:
    if not replays:
        return
    answers = dict(zip((replay.letter_id for replay in replays), sender.send(replays), strict=True))
    receipts = {found: answer for found, answer in answers.items() if isinstance(answer, Receipt)}
    sender.store_receipts(receipts)
    for found, answer in answers.items():
        if isinstance(answer, Receipt):
            yield ReplayResult(found, ReplayOutcome.SENT, answer.location())
        else:
            yield ReplayResult(found, ReplayOutcome.CANNOT, answer)
