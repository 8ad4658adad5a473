"""`aboveboard replay`: sends the events of files to the event topics, in their order."""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from detectors.settings import Settings
from streams.broker.rights_check import require_rights
from streams.broker.sending.event_sender import replay_located
from streams.cli.arguments import (
    add_broker_arguments,
    add_most_refused,
    chosen_broker,
    chosen_security,
    not_negative,
    positive,
)
from streams.cli.progress_bar import ByteProgress
from streams.errors import NothingApplied
from streams.files.events import Block, EventFiles, Origin
from streams.files.shortfall import Refusals, Tally, nothing_used, too_little
from streams.outputs.clashes import refuse_clashes
from streams.wire.rights import Role

NOT_ALL: Final = 1
"""Exit code when lines went to the dead letters that were too many, or a file has no ending."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="files of events, one JSON object a line, also packed with gzip or zstd, merged by "
        "time; - for stdin",
    )
    add_broker_arguments(parser)
    parser.add_argument(
        "--speed",
        type=positive,
        metavar="X",
        help="replay X seconds of event time per second (default: as fast as possible)",
    )
    parser.add_argument(
        "--limit", type=not_negative, metavar="N", help="send only the first N lines"
    )
    add_most_refused(parser)
    parser.epilog = (
        "Exit code 0: done. 1: a file has no ending, or too many lines went to the dead letters. "
        "2: no line is an event; or bad usage. The last line says why."
    )


def run(arguments: argparse.Namespace) -> int:
    """Send the files and say what was sent; return 0, or 1 if that was not all of it.

    Raises
    ------
    AboveboardError, OSError
        What `EventFiles` and `replay_located` raise, or if no line of the files is an event.
    """
    refuse_clashes(arguments.paths, {}, prints=False)
    bootstrap, prefix = chosen_broker(arguments)
    security = chosen_security()
    require_rights(bootstrap, Role.REPLAY, prefix, security)
    begun = time.monotonic()
    refusals = Refusals()
    with (
        EventFiles(arguments.paths, Settings()) as files,
        ByteProgress("Sending events", files.size(), files.position) as progress,
    ):
        counts = replay_located(
            islice(_located(files.blocks()), arguments.limit),
            bootstrap,
            prefix,
            speed=arguments.speed,
            watch=progress.update,
            security=security,
            refused=refusals.add,
        )
    seconds = time.monotonic() - begun
    sys.stderr.write(
        f"{counts.events:,} events sent to {bootstrap} in {seconds:.1f} s "
        f"({counts.sales:,} sales, {counts.cancellations:,} cancellations, "
        f"{counts.account_activity:,} account activities), "
        f"{counts.dead_letters:,} dead letters\n"
    )
    if arguments.limit == 0:
        return 0
    tally = Tally(counts.events, 0, refusals, files.beginnings(), files.holes())
    nothing = nothing_used(tally, "left out")
    if nothing is not None:
        raise NothingApplied(nothing)
    shortfall = too_little(tally, arguments.most_refused)
    if shortfall is None:
        return 0
    sys.stderr.write(f"aboveboard replay: {shortfall}\n")
    return NOT_ALL


def _located(blocks: Iterable[Block]) -> Iterator[tuple[bytes, Origin]]:
    for block in blocks:
        for index, line in enumerate(block.lines):
            yield line, block.origin(index)
