"""What a flood of names costs `detect`, beside as many events of a few agents and products."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from bench.speed.agents import Cost, detect

SALES: Final = 20_000
DAYS: Final = 60
AIM: Final = 2.0
_FEW: Final = 10
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)


def run() -> None:
    """Print processor time and memory of each flood, as multiples of those of usual events."""
    print(f"aim: at most {AIM:.0f} x of each; {SALES:,} sales, each with one event more")
    with tempfile.TemporaryDirectory() as folder:
        few = detect(_written(Path(folder), "few", _FEW))
        usual = detect(_written(Path(folder), "usual", SALES))
        print(f"  {'usual':9} {usual.seconds - few.seconds:6.1f} s, {usual.megabytes:5,.0f} MB")
        for kind in ("agents", "products"):
            print(f"  {kind:9} {_beside(detect(_written(Path(folder), kind, SALES)), usual, few)}")


def _beside(flood: Cost, usual: Cost, few: Cost) -> str:
    seconds = (flood.seconds - few.seconds) / (usual.seconds - few.seconds)
    return f"{seconds:6.1f} x,   {flood.megabytes / usual.megabytes:5.1f} x"


def _written(folder: Path, kind: str, sales: int) -> Path:
    path = folder / f"{kind}.jsonl"
    events = sorted(_events(kind, sales), key=lambda event: str(event["occurred_at"]))
    path.write_text("".join(f"{json.dumps(event)}\n" for event in events), encoding="utf-8")
    return path


def _events(kind: str, sales: int) -> Iterator[Mapping[str, object]]:
    random = Random(1)  # noqa: S311 - chooses events, no secrets
    for number in range(sales):
        account = f"account {number}"
        sold = _BEGIN + timedelta(days=DAYS * number / sales)
        yield {
            "type": "sale",
            "event_id": f"sale {number}",
            "sale_id": f"{number}",
            "account_id": account,
            "customer_id": f"customer {number}",
            "occurred_at": _written_as(sold),
            "agent_id": f"agent {number if kind == 'agents' else number % 200}",
            "product": f"product {number if kind == 'products' else random.randrange(5)}",
            "channel": "phone",
            "amount": 100.0,
        }
        later = {
            "account_id": account,
            "occurred_at": _written_as(sold + timedelta(days=9 * random.random())),
            "event_id": f"later {number}",
            "initiated_by": "customer",
        }
        if random.random() < 0.05:
            yield {"type": "cancellation", "sale_id": f"{number}", "reason": "other"} | later
        else:
            yield {"type": "account_activity", "kind": "login"} | later


def _written_as(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"  # as most sources do; other forms are read more slowly


if __name__ == "__main__":
    run()
