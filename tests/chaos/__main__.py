"""`make chaos`: workers, keepers of cases and notifiers under faults must tell what is due.

Usage: ``python -m tests.chaos [--seed N] [--short] [--report FILE] [--logs FOLDER]``
"""

import argparse
import logging
import signal
import sys
from pathlib import Path

import msgspec

from tests.chaos.aimed import AIMED
from tests.chaos.broken import BROKEN, broken_command
from tests.chaos.desk.broken import BROKEN_DESKS, broken_services
from tests.chaos.desk.desk import Commands
from tests.chaos.run import run
from tests.chaos.schedule import LONG, SHORT


def main(words: list[str]) -> int:
    """Run once and print the report; 1 if anything is not as it must be."""
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--seed", type=int, default=1, help="decides events and faults")
    parser.add_argument("--short", action="store_true", help="the form that the tests run")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report as JSON")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep logs, events, alerts")
    parser.add_argument("--broken", choices=sorted({*BROKEN, *BROKEN_DESKS}), help="run one so")
    arguments = parser.parse_args(words)
    # Told to stop, leave nothing running: what was started ends as this function does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # The client says much about a broker that is away, which is how we want it.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    broken = arguments.broken
    command = broken_command(broken) if broken in BROKEN else AIMED
    services = broken_services(broken) if broken in BROKEN_DESKS else Commands()
    form = SHORT if arguments.short else LONG
    report = run(form, arguments.seed, command, arguments.logs, services)
    sys.stdout.write(report.text())
    if arguments.report is not None:
        arguments.report.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
