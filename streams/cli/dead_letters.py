"""`aboveboard dead-letters`: lists, shows and replays the records that a worker refused."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Final, NamedTuple

from detectors.basis.errors import AboveboardError
from streams.broker.access import (
    add_broker_arguments,
    chosen_broker,
    chosen_security,
    require_topics,
)
from streams.broker.reader import read_topic
from streams.broker.security import BrokerSecurity
from streams.dead_letters.book import (
    BookedLetter,
    LetterBook,
    Status,
    StoredRecord,
    letter_id,
    with_ids,
)
from streams.dead_letters.replay import Fate, Outcome, planned, send_back
from streams.dead_letters.sender import KafkaCourier, kafka_courier
from streams.dead_letters.text import (
    SHOWN_DIGITS,
    letter_lines,
    list_lines,
    raw_remark,
    to_json_line,
    totals,
)
from streams.printable import printable
from streams.wire.dead_letter import DeadLetter, from_message
from streams.wire.topics import EVENT_TOPICS, Topic, topic_name

NOT_ALL: Final = 1
"""Exit code of a replay that could not send every letter."""

_OVERVIEW: Final = """\
A dead letter is a record of a topic of events that the worker could not apply, with the reason and
every original byte. Letters of the same source, key and bytes are one letter, however often it was
refused. The id of a letter may be shortened as long as only one letter has such an id."""


class _Installation(NamedTuple):
    """Where the letters are, and how to get there."""

    bootstrap: str
    prefix: str
    security: BrokerSecurity

    def records(self, topic: Topic) -> Iterator[StoredRecord]:
        name = topic_name(self.prefix, topic)
        return read_topic(self.bootstrap, name, security=self.security)

    def partitions(self) -> dict[Topic, int]:
        """Give how many partitions each topic of events has."""
        names = {topic: topic_name(self.prefix, topic) for topic in EVENT_TOPICS}
        found = require_topics(self.bootstrap, *names.values(), security=self.security)
        return {topic: found[name] for topic, name in names.items()}

    def courier(self) -> AbstractContextManager[KafkaCourier]:
        return kafka_courier(self.bootstrap, self.prefix, self.security)


class NothingChosen(AboveboardError):
    """It was not said which letters are meant; the message says how."""


class RecordsForTerminal(AboveboardError):
    """Raw records would be written to a terminal; the message says what to do instead."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.description = _OVERVIEW
    add_broker_arguments(parser)
    actions = parser.add_subparsers(dest="action", metavar="list | show | replay", required=True)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        # What stands before the name of the action must not be undone by what stands not after it.
        found = actions.add_parser(
            name, help=text, description=text, argument_default=argparse.SUPPRESS
        )
        add_broker_arguments(found)
        return found

    listing = action("list", "list the distinct letters, and count them by reason")
    _add_filters(listing)
    listing.add_argument(
        "--format",
        choices=("table", "json"),
        default="table",
        help="a line for people, or one JSON object a line (default: %(default)s)",
    )
    showing = action("show", "show everything about letters, with their records")
    showing.add_argument(
        "ids", nargs="+", metavar="ID", help="ids as `aboveboard dead-letters list` shows them"
    )
    showing.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="text for people, which shows binary bytes in hexadecimal, or one JSON object a line, "
        "with binary bytes in base64 (default: %(default)s)",
    )
    showing.add_argument(
        "--raw",
        action="store_true",
        default=False,
        help="write only the records, byte for byte, a line break after each; repair them in a "
        "file and send them with `aboveboard replay`",
    )
    replaying = action("replay", "send letters back to the topics and partitions they came from")
    replaying.epilog = (
        "A letter that was sent has a receipt. It is not sent again, even if it was refused "
        "again. Exit code 0: every chosen letter is sent, now or before. Exit code 1: some "
        "letters cannot be sent."
    )
    replaying.add_argument(
        "ids", nargs="*", metavar="ID", default=[], help="ids of the letters to send"
    )
    replaying.add_argument("--all", action="store_true", default=False, help="all letters")
    _add_filters(replaying)
    replaying.add_argument(
        "--again",
        action="store_true",
        default=False,
        help="also send letters that were sent before",
    )
    replaying.add_argument(
        "--dry-run",
        action="store_true",
        default=False,
        help="print what would be sent, send nothing",
    )


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; raises BrokerOfNoUse, LetterUnknown and what is said by `--help`."""
    place = _Installation(*chosen_broker(arguments), chosen_security())
    actions: dict[str, Callable[[argparse.Namespace, _Installation], int]] = {
        "list": _list,
        "show": _show,
        "replay": _replay,
    }
    return actions[arguments.action](arguments, place)


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reason",
        action="append",
        default=None,
        metavar="REASON",
        help="only letters whose last refusal had this reason; may be repeated",
    )
    parser.add_argument(
        "--source",
        action="append",
        default=None,
        metavar="SOURCE",
        help="only letters from this topic (without prefix) or file; may be repeated",
    )
    parser.add_argument(
        "--status",
        choices=[status.value for status in Status],
        default=None,
        help="only letters that were never replayed, were replayed, or were refused again",
    )


def _list(arguments: argparse.Namespace, place: _Installation) -> int:
    letters = _filtered(_booked(place), arguments)
    if arguments.format == "json":
        for letter in letters:
            sys.stdout.buffer.write(to_json_line(letter) + b"\n")
        sys.stderr.write(f"{totals(letters)}\n")
        return 0
    if letters:
        sys.stdout.writelines(f"{line}\n" for line in list_lines(letters))
    sys.stdout.write(f"{totals(letters)}\n")
    return 0


def _show(arguments: argparse.Namespace, place: _Installation) -> int:
    if arguments.raw and sys.stdout.isatty():
        raise RecordsForTerminal(
            "raw records may hold commands for the terminal. Send them into a file: "
            "aboveboard dead-letters show --raw ID > FILE"
        )
    letters = with_ids(_booked(place), arguments.ids)
    wholes = _wholes(place, {letter.letter_id for letter in letters})
    for number, letter in enumerate(letters):
        whole = wholes[letter.letter_id]
        if arguments.raw:
            sys.stderr.write(raw_remark(letter, whole))
            sys.stdout.buffer.write(whole.record + b"\n")
        elif arguments.format == "json":
            sys.stdout.buffer.write(to_json_line(letter, whole) + b"\n")
        else:
            sys.stdout.write("\n" if number else "")
            sys.stdout.writelines(f"{line}\n" for line in letter_lines(letter, whole))
    return 0


def _replay(arguments: argparse.Namespace, place: _Installation) -> int:
    said = (arguments.ids, arguments.all, arguments.reason, arguments.source, arguments.status)
    if not any(said):
        raise NothingChosen(
            "say which letters to replay: ID..., --reason, --source, --status or --all"
        )
    letters = _booked(place)
    if arguments.ids:
        letters = with_ids(letters, arguments.ids)
    chosen = _filtered(letters, arguments)
    ways, fates = planned(chosen, place.partitions(), again=arguments.again)
    counts = Counter[Outcome]()
    _tell(fates, counts)
    if arguments.dry_run:
        would = [
            Fate(chosen, Outcome.SENT, f"would go to {topic}[{partition}]")
            for chosen, (topic, partition) in ways.items()
        ]
        _tell(would, counts)
    elif ways:
        records = place.records(Topic.DEAD_LETTERS)
        with place.courier() as courier:
            _tell(send_back(records, ways, courier), counts)
    sys.stderr.write(
        f"{counts[Outcome.SENT]:,} {'to send' if arguments.dry_run else 'sent'}, "
        f"{counts[Outcome.ALREADY]:,} sent before, {counts[Outcome.CANNOT]:,} cannot be sent\n"
    )
    return NOT_ALL if counts[Outcome.CANNOT] else 0


def _tell(fates: Iterable[Fate], counts: Counter[Outcome]) -> None:
    for fate in fates:
        counts[fate.outcome] += 1
        sys.stdout.write(
            f"{fate.letter_id[:SHOWN_DIGITS]}  {fate.outcome:<7}  {printable(fate.words)}\n"
        )


def _booked(place: _Installation) -> list[BookedLetter]:
    book = LetterBook()
    for record in place.records(Topic.DEAD_LETTERS):
        book.add(record)
    for record in place.records(Topic.DEAD_LETTER_RECEIPTS):
        book.acknowledge(record)
    return book.letters()


def _filtered(letters: Iterable[BookedLetter], arguments: argparse.Namespace) -> list[BookedLetter]:
    return [
        letter
        for letter in letters
        if (arguments.reason is None or letter.latest.reason in arguments.reason)
        and (arguments.source is None or letter.latest.source in arguments.source)
        and arguments.status in (None, letter.status)
    ]


def _wholes(place: _Installation, ids: set[str]) -> dict[str, DeadLetter]:
    """Read the topic once more for all that was kept of the records of some letters."""
    found: dict[str, DeadLetter] = {}
    for record in place.records(Topic.DEAD_LETTERS):
        letter = from_message(record.value, record.headers)
        number = letter_id(letter, record.key)
        if number in ids:
            found[number] = letter
    return found
