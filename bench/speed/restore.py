"""What the changelog holds of an open account, and how long restoring a million of them takes."""

from itertools import groupby, islice
from operator import itemgetter
from time import process_time
from typing import Final

from msgspec import Struct

from bench.speed.open_accounts import open_accounts
from detectors.settings import Settings
from streams.metrics.registry import Metrics
from streams.stages.actors.ledger_actor import LedgerActor

ACCOUNTS: Final = 1_000_000
AIM_SECONDS: Final = 1.0
AIM_BYTES: Final = 40
_TURN: Final = 20_000
_topic: Final = itemgetter(0)


class _Record(Struct, frozen=True):
    """As a client hands one out; see `streams.wire.record.KafkaRecord`."""

    offset: int
    value: bytes
    key: bytes | None = None
    timestamp: int = 0
    timestamp_type: int = 0
    headers: tuple[tuple[str, bytes | None], ...] = ()


def run() -> None:
    """Print bytes an account, and seconds of the processor."""
    actor = _actor()
    for topic, records in groupby(open_accounts(ACCOUNTS), key=_topic):
        numbered = (_Record(offset, value) for offset, (_, value) in enumerate(records))
        while turn := list(islice(numbered, _TURN)):
            actor.apply(topic, turn)
            actor.outputs()
    capture = actor.capture(0)
    segment, again = b"".join(capture.segment), _actor()
    began = process_time()
    again.restore(capture.rest, [segment])
    seconds = process_time() - began
    each = len(segment) / ACCOUNTS
    print(f"  {ACCOUNTS:,} accounts: restored in {seconds:.1f} s (aim: {AIM_SECONDS:.0f})")
    print(f"  changelog {each:.0f} bytes an account before it is packed (aim: {AIM_BYTES})")


def _actor() -> LedgerActor:
    return LedgerActor(Settings(), 0, 1, idle_after=60.0, until=None, metrics=Metrics())


if __name__ == "__main__":
    run()
