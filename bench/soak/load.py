"""Events of accounts of which always as many are open: a new one for each that is forgotten.

Every account is sold at its own moment of event time, evenly spaced so that `accounts` of them are
sold in the time for which the ledger remembers one. Most are used some hours later, one in
`CANCELLED_EVERY` is cancelled after two days, one in `UNUSED_EVERY` is never used: an alert each.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from streams.wire.partitioner import partition_of
from streams.wire.topics import Topic

SETTINGS: Final = """\
[time]
corrections_for = "2d"
[patterns.quick_cancellation]
window = "5d"
[patterns.unused_account]
window = "10d"
"""
REMEMBERED: Final = timedelta(days=10 + 2)
"""The longest window, and the time in which a late event may still correct its outcome."""

FULL_AFTER: Final = timedelta(days=50)
"""Event time from the beginning after which hardly more is remembered from day to day: outcomes are
told within `REMEMBERED`, and of the days on which they are, the agents stage keeps 36. The windows
of an agent's shifts go on growing with the logarithm of the days, by a few bytes a day."""

BEGINS: Final = datetime(2025, 1, 1, tzinfo=UTC)
USED_AFTER: Final = timedelta(hours=6)
CANCELLED_AFTER: Final = timedelta(days=2)
CANCELLED_EVERY: Final = 51
"""Not a multiple of the partitions: each of them has some, or its time would stand still."""

UNUSED_EVERY: Final = 251
ACCOUNTS_AN_AGENT: Final = 5_000
"""Far more than a person sells in that time: of each agent, 50 bad outcomes a pattern are kept, and
only with so many does every agent have their 50 by the time that the state is called full."""

PRODUCTS: Final = 8


class Loaded(NamedTuple):
    """A record, and the partition in which all about its account stands."""

    topic: Topic
    partition: int
    key: bytes
    value: bytes


class Load:
    """The endless stream of events, in the order of time."""

    def __init__(self, accounts: int, partitions: int) -> None:
        self._spacing: Final = REMEMBERED / accounts
        self._used_after: Final = round(USED_AFTER / self._spacing)
        self._cancelled_after: Final = round(CANCELLED_AFTER / self._spacing)
        self._partitions: Final = partitions
        self._agents: Final = max(1, accounts // ACCOUNTS_AN_AGENT)

    def step(self, number: int) -> Iterator[Loaded]:
        """Return what happens at the moment of the sale of account `number`."""
        at = (BEGINS + number * self._spacing).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
        yield self._record(Topic.SALES, number, _SALE % self._sold(number, at))
        used = number - self._used_after
        if used >= 0 and used % UNUSED_EVERY:
            yield self._record(Topic.ACCOUNT_ACTIVITY, used, _USE % (used, used, at))
        cancelled = number - self._cancelled_after
        if cancelled >= 0 and cancelled % CANCELLED_EVERY == 0:
            value = _CANCELLATION % (cancelled, cancelled, at, cancelled)
            yield self._record(Topic.CANCELLATIONS, cancelled, value)

    def _record(self, topic: Topic, account: int, value: bytes) -> Loaded:
        name = f"account-{account:010d}"
        return Loaded(topic, partition_of(name, self._partitions), name.encode(), value)

    def _sold(self, number: int, at: bytes) -> tuple[int, int, bytes, int, int, int, int, int]:
        # An agent sells all products, and their accounts lie in all partitions.
        turn, agent = divmod(number, self._agents)
        product = (turn + agent) % PRODUCTS
        return number, number, at, number, number, agent, product, 20 + number % 60


_SALE: Final = (
    b'{"type":"sale","event_id":"s-%010d","account_id":"account-%010d","occurred_at":"%b",'
    b'"sale_id":"sale-%010d","customer_id":"customer-%010d","agent_id":"agent-%04d",'
    b'"product":"product-%d","channel":"phone","amount":%d.5}'
)
_USE: Final = (
    b'{"type":"account_activity","event_id":"u-%010d","account_id":"account-%010d",'
    b'"occurred_at":"%b","kind":"usage","initiated_by":"customer"}'
)
_CANCELLATION: Final = (
    b'{"type":"cancellation","event_id":"c-%010d","account_id":"account-%010d",'
    b'"occurred_at":"%b","sale_id":"sale-%010d","reason":"customer_request",'
    b'"initiated_by":"customer"}'
)
