"""A week of events in which the topic that proves use is far larger than the others."""

import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from detectors.decoding import EventDecoder
from detectors.pipeline import Pipeline
from detectors.settings import Settings, read_settings

ACCOUNTS: Final = 1_200
DAYS: Final = 8
START: Final = datetime(2025, 3, 3, tzinfo=UTC)
SETTINGS: Final = """\
[time]
allowed_lateness = "1h"
[patterns.quick_cancellation]
enabled = false
[patterns.burst]
enabled = false
[patterns.unused_account]
window = "2d"
"""
UNUSED_SHARE: Final = 0.04
USED_LATE_SHARE: Final = 0.5
CHATTER: Final = 9
"""Uses of an account after the first one."""

WINDOW: Final = timedelta(days=2)


class Backlog(msgspec.Struct, frozen=True):
    """Records of a topic each, in the order of their events."""

    sales: list[bytes]
    cancellations: list[bytes]
    activity: list[bytes]

    def lines(self) -> list[bytes]:
        """Return everything as a source would send it that is slow to tell of use."""
        return self.sales + self.cancellations + self.activity


def event(kind: str, at: datetime, account: int, /, **fields: object) -> bytes:
    known = {
        "type": kind,
        "event_id": f"{kind}-{account}-{at.timestamp()}",
        "account_id": f"account-{account}",
        "occurred_at": at.isoformat(),
    }
    return msgspec.json.encode(known | fields)


def sale(at: datetime, account: int) -> bytes:
    return event(
        "sale",
        at,
        account,
        sale_id=f"sale-{account}",
        customer_id=f"customer-{account}",
        agent_id=f"agent-{account % 7}",
        product="card",
        amount=10.0,
    )


def use(at: datetime, account: int) -> bytes:
    return event("account_activity", at, account, kind="usage", initiated_by="customer")


@cache
def week() -> Backlog:
    """Return sales, many of whose accounts are used for the first time just before the deadline."""
    chance = Random(4)  # noqa: S311 - to choose what happens, not to keep a secret
    sales: list[tuple[datetime, bytes]] = []
    uses: list[tuple[datetime, bytes]] = []
    end = START + timedelta(days=DAYS)
    for account in range(ACCOUNTS):
        # The last sales lie so far back that no window ends at about the time at which all ends.
        sold_at = START + timedelta(days=(DAYS - 3) * account / ACCOUNTS)
        sales.append((sold_at, sale(sold_at, account)))
        if chance.random() < UNUSED_SHARE:
            continue
        late = chance.random() < USED_LATE_SHARE
        first = sold_at + WINDOW * (0.999 if late else chance.random())
        uses.append((first, use(first, account)))
        for _ in range(CHATTER):
            again = first + (end - first) * chance.random()
            uses.append((again, use(again, account)))
    uses.append((end, use(end, 0)))
    cancelled = [
        (
            moment,
            event(
                "cancellation",
                moment,
                n,
                sale_id="none",
                reason="customer_request",
                initiated_by="customer",
            ),
        )
        for n, moment in enumerate(START + timedelta(hours=6 * n) for n in range(4 * DAYS))
    ]
    return Backlog(*([line for _, line in sorted(told)] for told in (sales, cancelled, uses)))


def settings() -> Settings:
    return read_settings(tomllib.loads(SETTINGS))


def write_settings(folder: Path) -> Path:
    path = folder / "settings.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


@cache
def expected_revisions() -> frozenset[bytes]:
    """Return what the pipeline tells of these events when they are given in the order of time."""
    decode = EventDecoder(settings().limits).decode
    pipeline = Pipeline(settings())
    for told in sorted(map(decode, week().lines()), key=lambda told: told.occurred_at):
        pipeline.apply(told)
    return frozenset(map(msgspec.json.encode, pipeline.alerts()))
