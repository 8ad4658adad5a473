"""Bytes that one open account takes in the process."""

import gc
from itertools import islice
from pathlib import Path
from resource import getpagesize

from bench.speed.joining import SOURCE, join_all
from bench.speed.open_accounts import open_accounts
from detectors.decoding import EventDecoder
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.scanning.lines import LineScanner
from detectors.settings import Settings

ACCOUNTS = 1_000_000
AIM = 220
_BATCH = 2_000


def run() -> None:
    """Print what a million accounts take, each with a sale, most used, some cancelled."""
    _fill(Settings(), 1_000)  # what is compiled, and what libraries take, is no account's
    before = _resident()
    ledger = _fill(Settings(), ACCOUNTS)
    gc.collect()
    each = (_resident() - before) / len(ledger)
    print(f"memory: {len(ledger):,} open accounts, {each:.0f} bytes each (aim: at most {AIM:,})")


def _fill(settings: Settings, accounts: int) -> Ledger:
    ledger, clock = Ledger(settings), EventClock(settings.time, (SOURCE,))
    scanner, decode = LineScanner(settings.limits), EventDecoder(settings.limits).decode
    records = (record for _, record in open_accounts(accounts))
    while lines := list(islice(records, _BATCH)):
        join_all(ledger, clock, scanner.scan(lines), lines, decode)
        ledger.drain()
    return ledger


def _resident() -> int:
    """Return the memory of this process that is in use, in bytes; Linux only."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * getpagesize()


if __name__ == "__main__":
    run()
