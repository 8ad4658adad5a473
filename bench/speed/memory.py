"""Bytes that one open account takes in the process."""

import gc
from collections.abc import Iterator
from pathlib import Path
from resource import getpagesize

import msgspec

from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent
from detectors.ledger.stage import Ledger
from detectors.settings import Settings

ACCOUNTS = 1_000_000
AIM = 1_000
_BATCH = 10_000


def run() -> None:
    """Print what a million accounts take, each with a sale, most used, some cancelled."""
    ledger = Ledger(Settings())
    before = _resident()
    for number, event in enumerate(_events()):
        ledger.apply(event)
        if number % _BATCH == 0:
            ledger.drain()
    ledger.drain()
    gc.collect()
    each = (_resident() - before) / len(ledger)
    print(f"memory: {len(ledger):,} open accounts, {each:.0f} bytes each (aim: at most {AIM:,})")


def _events() -> Iterator[AnyEvent]:
    """Return events as they come from bytes: sales, and two uses or a cancellation of each."""
    decode = EventDecoder(Settings().limits).decode
    for number in range(ACCOUNTS):
        common = {
            "account_id": f"account-{number:09d}",
            "occurred_at": f"2025-03-01T{number * 24 // ACCOUNTS:02d}:{number % 60:02d}:00Z",
        }
        sale_id = f"sale-{number:09d}"
        sold = {
            "type": "sale",
            "event_id": f"event-{number:09d}",
            "sale_id": sale_id,
            "customer_id": f"customer-{number:09d}",
            "agent_id": f"agent-{number % 2_000:04d}",
            "product": f"product-{number % 8}",
            "amount": 25.0,
        }
        yield decode(msgspec.json.encode(common | sold))
        if number % 10 == 0:
            cancelled = {
                "type": "cancellation",
                "event_id": f"event-c{number:09d}",
                "sale_id": sale_id,
                "reason": "returned",
                "initiated_by": "customer",
            }
            yield decode(msgspec.json.encode(common | cancelled))
        else:
            used = {
                "type": "account_activity",
                "event_id": f"event-u{number:09d}",
                "kind": "login",
                "initiated_by": "customer",
            }
            yield decode(msgspec.json.encode(common | used))
            later = {"occurred_at": f"2025-03-02T{number % 24:02d}:{number % 60:02d}:00Z"}
            yield decode(msgspec.json.encode(common | used | later))


def _resident() -> int:
    """Return the memory of this process that is in use, in bytes; Linux only."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * getpagesize()


if __name__ == "__main__":
    run()
