"""Loads the compiled kernels before a worker joins its group.

They are compiled on first use and kept on disk after that; loading them still takes half a second.
A worker that has partitions already would let its first alerts wait for that.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from detectors.decoding import EventDecoder
from detectors.evidence.prior import LARGEST_SD, SMALLEST_SD, Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from streams.wire.partitioner import misplaced

DAYS: Final = 50
"""So few that they take no time, and so many that windows pass and agents are judged."""

AGENTS: Final = 4
SALES_A_DAY: Final = 2

_CANCELLED_AFTER: Final = timedelta(days=2)
_USED_AFTER: Final = timedelta(days=3)


def warm_up(settings: Settings) -> None:
    """Judge a few made-up sales, and forget them."""
    pipeline, decode = Pipeline(settings), EventDecoder(settings.limits).decode
    # From the earliest credible time on: any other may lie outside the limits of these settings.
    for event in made_up_events(settings.limits.earliest_event):
        if datetime.fromisoformat(event["occurred_at"]) > settings.limits.latest_event:
            break  # limits of a few days: the rest is compiled when it is needed
        pipeline.apply(decode(msgspec.json.encode(event)))
    pipeline.alerts()
    _change_the_spread()
    misplaced(["account-1", "account-2"], 0, 2)


def _change_the_spread() -> None:
    """Let honest agents differ more, as they do only after months of judging; correct one."""
    table = EvidenceTable(Prior(SMALLEST_SD))
    table.add()
    table.reweight(LARGEST_SD)
    table.belief(0)
    table.copy().assign(0, table, 0)


def made_up_events(start: datetime) -> Iterator[dict[str, Any]]:
    """Yield events as they stand on the wire, in the order of their times.

    One agent's sales are cancelled soon and never used, which opens alerts of every kind; the
    accounts of the others are used.
    """
    events: list[tuple[datetime, dict[str, Any]]] = []
    for number in range(DAYS * AGENTS * SALES_A_DAY):
        day, of_day = divmod(number, AGENTS * SALES_A_DAY)
        sold_at = start + timedelta(days=day, hours=9, minutes=10 * of_day)
        agent = of_day % AGENTS
        sale = {
            "type": "sale",
            "sale_id": f"sale-{number}",
            "customer_id": f"customer-{number}",
            "agent_id": f"agent-{agent}",
            "product": f"product-{number % 3}",
            "amount": 100.0 + number % 7,
            "channel": "phone",
        }
        events.append((sold_at, sale | {"account_id": f"account-{number}"}))
        if agent == 0:
            cancelled = {
                "type": "cancellation",
                "account_id": f"account-{number}",
                "sale_id": f"sale-{number}",
                "reason": "customer_request",
                "initiated_by": "customer",
            }
            events.append((sold_at + _CANCELLED_AFTER, cancelled))
        else:
            used = {
                "type": "account_activity",
                "account_id": f"account-{number}",
                "kind": "usage",
                "initiated_by": "customer",
            }
            events.append((sold_at + _USED_AFTER, used))
    events.sort(key=lambda timed: timed[0])
    for number, (at, event) in enumerate(events):
        yield event | {"event_id": f"event-{number}", "occurred_at": at.isoformat()}
