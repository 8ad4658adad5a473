"""`aboveboard dead-letters`: lists, shows and replays the records that a worker refused."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from streams.broker.batches.needed import require_codecs
from streams.broker.rights_check import require_rights
from streams.cli.arguments import add_broker_arguments, chosen_broker, chosen_security
from streams.dead_letters.book import (
    BookedLetter,
    LetterStatus,
    filter_letters,
    find_letters,
)
from streams.dead_letters.replay import ReplayOutcome, ReplayResult, plan_replays, send_replays
from streams.dead_letters.text import (
    SHOWN_DIGITS,
    letter_lines,
    list_lines,
    raw_remark,
    to_json_line,
    totals,
)
from streams.dead_letters.topics import LetterTopics
from streams.errors import BinaryToTerminal, NoLettersChosen
from streams.printable import printable
from streams.wire.rights import Role

NOT_ALL: Final = 1
"""Exit code of a replay that could not send every letter."""

_OVERVIEW: Final = """\
A dead letter is a record of a topic of events that the worker could not apply, with the reason and
every original byte. Letters of the same source, key and bytes are one letter, however often it was
refused. The id of a letter may be shortened as long as only one letter has such an id."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.description = _OVERVIEW
    add_broker_arguments(parser)
    actions = parser.add_subparsers(dest="action", metavar="list | show | replay", required=True)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        # The options of the broker may stand before or after the name of the action. A default of
        # the inner parser would undo what stands before it, so the inner one has none.
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
        "--unsealed",
        action="store_true",
        default=False,
        help="also send letters without the seal of this installation; only with ID...",
    )
    replaying.add_argument(
        "--dry-run",
        action="store_true",
        default=False,
        help="print what would be sent, send nothing",
    )


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked.

    Raises
    ------
    AboveboardError
        If a package that unpacks batches is missing, the broker does not serve us, or there is no
        such letter.
    """
    require_codecs()  # before the broker is asked for anything
    topics = LetterTopics(*chosen_broker(arguments), chosen_security())
    role = Role.DEAD_LETTERS_REPLAY if arguments.action == "replay" else Role.DEAD_LETTERS
    require_rights(topics.bootstrap, role, topics.prefix, topics.security)
    actions: dict[str, Callable[[argparse.Namespace, LetterTopics], int]] = {
        "list": _list,
        "show": _show,
        "replay": _replay,
    }
    return actions[arguments.action](arguments, topics)


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
        choices=[status.value for status in LetterStatus],
        default=None,
        help="only letters that were never replayed, were replayed, or were refused again",
    )


def _list(arguments: argparse.Namespace, topics: LetterTopics) -> int:
    letters = _filtered(topics.letters(), arguments)
    if arguments.format == "json":
        for letter in letters:
            sys.stdout.buffer.write(to_json_line(letter) + b"\n")
        sys.stderr.write(f"{totals(letters)}\n")
        return 0
    if letters:
        sys.stdout.writelines(f"{line}\n" for line in list_lines(letters))
    sys.stdout.write(f"{totals(letters)}\n")
    return 0


def _show(arguments: argparse.Namespace, topics: LetterTopics) -> int:
    if arguments.raw and sys.stdout.isatty():
        raise BinaryToTerminal(
            "raw records may hold commands for the terminal. Send them into a file: "
            "aboveboard dead-letters show --raw ID > FILE"
        )
    letters = find_letters(topics.letters(), arguments.ids)
    wholes = topics.whole_letters({letter.letter_id for letter in letters})
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


def _replay(arguments: argparse.Namespace, topics: LetterTopics) -> int:
    said = (arguments.ids, arguments.all, arguments.reason, arguments.source, arguments.status)
    if not any(said):
        raise NoLettersChosen(
            "say which letters to replay: ID..., --reason, --source, --status or --all"
        )
    if arguments.unsealed and not arguments.ids:
        raise NoLettersChosen(
            "--unsealed needs the ID of each letter: whoever may write to the dead letters would "
            "choose by it what is sent with your rights. Look at each with `dead-letters show`"
        )
    letters = topics.letters()
    if arguments.ids:
        letters = find_letters(letters, arguments.ids)
    chosen = _filtered(letters, arguments)
    destinations, results = plan_replays(
        chosen, topics.partitions(), again=arguments.again, unsealed=arguments.unsealed
    )
    counts = Counter[ReplayOutcome]()
    _print(results, counts)
    if arguments.dry_run:
        would = [
            ReplayResult(chosen, ReplayOutcome.SENT, f"would go to {topic}[{partition}]")
            for chosen, (topic, partition) in destinations.items()
        ]
        _print(would, counts)
    elif destinations:
        with topics.sender() as sender:
            _print(send_replays(topics.records(), destinations, sender), counts)
    sys.stderr.write(
        f"{counts[ReplayOutcome.SENT]:,} {'to send' if arguments.dry_run else 'sent'}, "
        f"{counts[ReplayOutcome.ALREADY]:,} sent before, "
        f"{counts[ReplayOutcome.CANNOT]:,} cannot be sent\n"
    )
    return NOT_ALL if counts[ReplayOutcome.CANNOT] else 0


def _print(results: Iterable[ReplayResult], counts: Counter[ReplayOutcome]) -> None:
    for result in results:
        counts[result.outcome] += 1
        sys.stdout.write(
            f"{result.letter_id[:SHOWN_DIGITS]}  {result.outcome:<7}  {printable(result.words)}\n"
        )


def _filtered(letters: Iterable[BookedLetter], arguments: argparse.Namespace) -> list[BookedLetter]:
    return filter_letters(letters, arguments.reason, arguments.source, arguments.status)
