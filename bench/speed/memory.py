"""Bytes that one open account takes in the process."""

import gc
from pathlib import Path
from resource import getpagesize

from bench.speed.open_accounts import open_accounts
from detectors.decoding import EventDecoder
from detectors.ledger.stage import Ledger
from detectors.settings import Settings

ACCOUNTS = 1_000_000
AIM = 220
_BATCH = 10_000


def run() -> None:
    """Print what a million accounts take, each with a sale, most used, some cancelled."""
    ledger = Ledger(Settings())
    before = _resident()
    decode = EventDecoder(Settings().limits).decode
    for number, (_, record) in enumerate(open_accounts(ACCOUNTS)):
        ledger.apply(decode(record))
        if number % _BATCH == 0:
            ledger.drain()
    ledger.drain()
    gc.collect()
    each = (_resident() - before) / len(ledger)
    print(f"memory: {len(ledger):,} open accounts, {each:.0f} bytes each (aim: at most {AIM:,})")


def _resident() -> int:
    """Return the memory of this process that is in use, in bytes; Linux only."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * getpagesize()


if __name__ == "__main__":
    run()
