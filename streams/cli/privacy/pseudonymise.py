"""`aboveboard pseudonymise`: hides the ids of customers and accounts in events, under a key."""

import argparse
import re
import sys
from collections.abc import Iterator
from typing import Final

from streams.config.host import read_host_settings
from streams.errors import NotHidden
from streams.files.open_file import STDIN, opened
from streams.printable import printable
from streams.pseudonyms.events import KINDS, EventHider
from streams.pseudonyms.key import pseudonyms_of

LEFT_OUT: Final = 1
"""Exit code where lines were left out: they may hold an id."""

_FIELD: Final = re.compile(r"[a-z_]{1,60}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.description = (
        "Writes events to standard output with pseudonyms in the place of ids. The key is in the "
        "file that ABOVEBOARD_PSEUDONYM_KEY_FILE names; `aboveboard reveal` turns them back."
    )
    parser.epilog = (
        f"Fields: {', '.join(KINDS)}. All others stay as they are. A line that is no event is left "
        "out, since it may hold an id: exit code 1."
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="events as JSON, one a line; - for standard input"
    )
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        type=_field,
        metavar="FIELD",
        help="a further field to hide, such as sale_id; may be repeated",
    )


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked.

    Raises
    ------
    AboveboardError
        There is no key, or a file cannot be read.
    """
    hider = EventHider(pseudonyms_of(read_host_settings()), tuple(arguments.also))
    left_out = 0
    for path in arguments.files:
        for number, line in enumerate(_lines(path), 1):
            if not line.strip():
                continue
            try:
                sys.stdout.buffer.write(hider.hidden(line) + b"\n")
            except NotHidden as error:
                left_out += 1
                sys.stderr.write(f"{path}:{number}: left out: {printable(str(error))}\n")
    return LEFT_OUT if left_out else 0


def _field(text: str) -> str:
    if not _FIELD.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text} is no name of a field")
    return text


def _lines(path: str) -> Iterator[bytes]:
    if path == STDIN:  # line by line, as they come
        for line in sys.stdin.buffer:
            yield line.rstrip(b"\r\n")
            sys.stdout.buffer.flush()
        return
    with opened(path) as file:
        for some in file.lines():
            yield from some
        if file.hole:
            sys.stderr.write(f"{printable(file.hole)}\n")
