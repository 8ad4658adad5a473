"""`aboveboard answer`: what simulated customers say when they are called back, as events."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from detectors.alerts.verification_request import VerificationRequest
from streams.errors import InvalidInput
from streams.outputs.clashes import refuse_clashes
from streams.outputs.whole_files import WholeFiles, orderly_ending
from streams.simulation.answering import answers
from streams.simulation.truth import Truth
from streams.simulation.writing import TRUTH_FILE

_REMEDY: Final = "give the file that detect --verifications wrote"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "requests",
        type=Path,
        metavar="REQUESTS",
        help="requests to call customers back, as detect --verifications FILE wrote them",
    )
    parser.add_argument(
        "--truth",
        type=Path,
        required=True,
        metavar="FILE",
        help=f"{TRUTH_FILE} of the simulation whose events they are about",
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="write the answers here, as events: give them to detect beside the others",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the answers in the order of their times; return 0.

    Raises
    ------
    AboveboardError, OSError
        If a file cannot be read as what it should be, or not be written.
    """
    refuse_clashes([arguments.requests, arguments.truth], {"--out": arguments.out}, prints=False)
    truth = _truth_in(arguments.truth)
    said = sorted(
        answers(_requests_in(arguments.requests), truth),
        key=lambda one: (one["occurred_at"], one["event_id"]),
    )
    with orderly_ending(), WholeFiles() as files:
        files.begin(arguments.out).writelines(msgspec.json.encode(one) + b"\n" for one in said)
    denied = sum(one["result"] == "not_confirmed" for one in said)
    sys.stderr.write(
        f"{arguments.out}: {len(said):,} customers were reached, and {denied:,} of them did not "
        "confirm the sale\n"
    )
    return 0


def _truth_in(path: Path) -> Truth:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Truth)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{path} is no truth of a simulation ({error}): give the {TRUTH_FILE} that simulate "
            "wrote"
        ) from None


def _requests_in(path: Path) -> Iterator[VerificationRequest]:
    decode = msgspec.json.Decoder(VerificationRequest).decode
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            yield decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise InvalidInput(
                f"line {number} of {path} is no verification request ({error}): {_REMEDY}"
            ) from None
