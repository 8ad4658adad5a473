"""`aboveboard replay`: sends the events of files to the event topics, in their order."""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice

from detectors.settings import Settings
from streams.broker.event_sender import replay_located
from streams.broker.rights_check import require_rights
from streams.cli.arguments import (
    add_broker_arguments,
    chosen_broker,
    chosen_security,
    not_negative,
    positive,
)
from streams.cli.progress_bar import ByteProgress
from streams.files.events import Block, EventFiles, Origin
from streams.wire.rights import Role


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="files of events (.jsonl, .jsonl.gz), merged by time; - for stdin",
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


def run(arguments: argparse.Namespace) -> int:
    """Send the files and say what was sent; raises what `EventFiles` and `replay_located` raise."""
    bootstrap, prefix = chosen_broker(arguments)
    security = chosen_security()
    require_rights(bootstrap, Role.REPLAY, prefix, security)
    begun = time.monotonic()
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
        )
    seconds = time.monotonic() - begun
    sys.stderr.write(
        f"{counts.events:,} events sent to {bootstrap} in {seconds:.1f} s "
        f"({counts.sales:,} sales, {counts.cancellations:,} cancellations, "
        f"{counts.account_activity:,} account activities), "
        f"{counts.dead_letters:,} dead letters\n"
    )
    return 0


def _located(blocks: Iterable[Block]) -> Iterator[tuple[bytes, Origin]]:
    for block in blocks:
        for index, line in enumerate(block.lines):
            yield line, block.origin(index)
