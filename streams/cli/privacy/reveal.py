"""`aboveboard reveal`: turns pseudonyms back, for those who hold the key."""

import argparse
import sys

import msgspec

from streams.cli.alerts.lines import json_line
from streams.config.host import read_host_settings
from streams.printable import printable
from streams.pseudonyms.cipher import Pseudonyms
from streams.pseudonyms.key import pseudonyms_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.description = (
        "Copies standard input to standard output, text or JSON one object a line, and turns every "
        "pseudonym back that was made under the key in ABOVEBOARD_PSEUDONYM_KEY_FILE."
    )
    parser.epilog = "Example: aboveboard alerts list | aboveboard reveal"


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; raises AboveboardError if there is no key."""
    del arguments
    pseudonyms = pseudonyms_of(read_host_settings())
    for line in sys.stdin.buffer:
        text = revealed_line(pseudonyms, line.rstrip(b"\r\n"))
        sys.stdout.buffer.write(text + b"\n")
        sys.stdout.buffer.flush()
    return 0


def revealed_line(pseudonyms: Pseudonyms, line: bytes) -> bytes:
    """Return a line with ids in the place of pseudonyms; what was an object of JSON stays one.

    An id may hold a quotation mark, or a command for the terminal: in JSON both are escaped, in a
    text what does not print becomes U+FFFD.
    """
    text = line.decode(errors="surrogateescape")
    is_json = text.startswith("{")
    revealed = pseudonyms.revealed(text, _in_json if is_json else printable)
    return revealed.encode(errors="surrogateescape")


def _in_json(text: str) -> str:
    return json_line(msgspec.json.encode(text)).decode()[1:-1]
