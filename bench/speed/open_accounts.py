"""Accounts of one day, each with a sale and a use or a cancellation, in the order of time."""

from collections.abc import Iterator
from typing import Any

import msgspec

from streams.wire.topics import Topic


def open_accounts(number: int) -> Iterator[tuple[Topic, bytes]]:
    """Yield records: the sales, used on the next two days or (one in ten) cancelled later."""
    for account in range(number):
        sale = {
            "sale_id": f"sale-{account:09d}",
            "customer_id": f"customer-{account:09d}",
            "agent_id": f"agent-{account % 2_000:04d}",
            "product": f"product-{account % 8}",
            "amount": 25.0,
        }
        yield Topic.SALES, _record("sale", f"event-{account:09d}", account, number, 0, sale)
    for day in (1, 2):
        for account in range(number):
            if account % 10:
                used = {"kind": "login", "initiated_by": "customer"}
                event_id = f"event-u{account:09d}-{day}"
                yield (
                    Topic.ACCOUNT_ACTIVITY,
                    _record("account_activity", event_id, account, number, day, used),
                )
    for account in range(number):
        if account % 10 == 0:
            cancelled = {
                "sale_id": f"sale-{account:09d}",
                "reason": "returned",
                "initiated_by": "customer",
            }
            event_id = f"event-c{account:09d}"
            yield (
                Topic.CANCELLATIONS,
                _record("cancellation", event_id, account, number, 3, cancelled),
            )


def _record(
    kind: str, event_id: str, account: int, number: int, day: int, more: dict[str, Any]
) -> bytes:
    common = {
        "type": kind,
        "event_id": event_id,
        "account_id": f"account-{account:09d}",
        "occurred_at": f"2025-03-{day + 1:02d}T{account * 24 // number:02d}:{account % 60:02d}:00Z",
    }
    return msgspec.json.encode(common | more)
