"""The simulated events as they stand on the wire: one JSON object, with its type."""

from typing import Final

import msgspec

from streams.simulation.catalogue import (
    CHANNELS,
    PRODUCTS,
    SELF_SERVICE_CHANNEL,
    SPOKEN_CHANNEL,
)
from streams.simulation.occurrences import ACTIVITY_KINDS, CANCELLATION_REASONS, Code, Occurrences
from streams.simulation.people import People
from streams.simulation.sales import Sales

KEYED_BY_SELLER: Final = frozenset(
    {Code.CANCELLED_BY_SELLER, Code.AGENT_VERIFICATION, Code.AGENT_LOGIN, Code.AGENT_USAGE}
)
UNREFUNDED: Final = frozenset({Code.NON_PAYMENT})


Row = tuple[int, int, int, int, int, float]
"""One of `Occurrences` in Python's own types: time, code, sale, account, seller, price."""


class _Sale(msgspec.Struct, tag_field="type", tag="sale", omit_defaults=True, gc=False):
    event_id: str
    account_id: str
    occurred_at: str
    sale_id: str
    customer_id: str
    agent_id: str | None
    product: str
    amount: float
    channel: str
    site: str | None = None
    team: str | None = None
    commission: float | None = None
    interaction_id: str | None = None
    sentiment: float | None = None
    closing_attempts: int | None = None
    consent_id: str | None = None
    address_hash: str | None = None
    payer_hash: str | None = None


class _Cancellation(
    msgspec.Struct, tag_field="type", tag="cancellation", omit_defaults=True, gc=False
):
    event_id: str
    account_id: str
    occurred_at: str
    sale_id: str
    reason: str
    initiated_by: str
    agent_id: str | None = None
    refund: float | None = None


class _AccountActivity(
    msgspec.Struct, tag_field="type", tag="account_activity", omit_defaults=True, gc=False
):
    event_id: str
    account_id: str
    occurred_at: str
    kind: str
    initiated_by: str
    agent_id: str | None = None
    amount: float | None = None


class EventEncoder:
    """Turns columns into lines; numbers become ids such as `e-00000001`, counted from 1."""

    def __init__(self, people: People) -> None:
        """Encode events of these sellers."""
        self._people = people
        # Only then: what is simulated by default stays the same, byte for byte.
        self._tells_who_pays = "shared_payer" in people.more
        self._encoder = msgspec.json.Encoder()

    def sales(self, sales: Sales, stamps: list[str], event_numbers: list[int]) -> list[bytes]:
        """Return the lines of these sales, with these times (RFC 3339) and event numbers."""
        columns = (
            stamps,
            event_numbers,
            sales.number.tolist(),
            sales.account.tolist(),
            sales.seller.tolist(),
            sales.product.tolist(),
            sales.channel.tolist(),
            sales.price.tolist(),
            sales.commission.tolist(),
            sales.sentiment.tolist(),
            sales.attempts.tolist(),
            sales.payer.tolist(),
        )
        people = self._people
        lines = []
        for (
            stamp,
            event,
            number,
            account,
            seller,
            product,
            channel,
            price,
            commission,
            sentiment,
            attempts,
            payer,
        ) in zip(*columns, strict=True):
            sale = _Sale(
                event_id=f"e-{event + 1:08d}",
                account_id=f"a-{account + 1:08d}",
                occurred_at=stamp,
                sale_id=f"s-{number + 1:08d}",
                customer_id=f"c-{account + 1:08d}",
                agent_id=people.ids[seller],
                product=PRODUCTS[product].name,
                amount=price,
                channel=SELF_SERVICE_CHANNEL,
            )
            if seller != people.nobody:
                sale.channel = CHANNELS[channel]
                sale.site = people.sites[seller]
                sale.team = people.teams[seller]
                sale.commission = commission
                if sale.channel == SPOKEN_CHANNEL:
                    sale.interaction_id = f"i-{number + 1:08d}"
                    sale.sentiment = sentiment
                    sale.closing_attempts = attempts
                    sale.consent_id = f"k-{number + 1:08d}"
            if self._tells_who_pays:
                sale.address_hash = f"d-{account + 1:08d}"
                sale.payer_hash = f"p-{payer + 1:08d}" if payer >= 0 else f"q-{-payer:08d}"
            lines.append(self._encoder.encode(sale))
        return lines

    def occurrences(
        self, occurrences: Occurrences, stamps: list[str], event_numbers: list[int]
    ) -> list[bytes]:
        """Return the lines of these cancellations and activities, as `sales` does."""
        encode = self._encoder.encode
        rows: list[Row] = occurrences.tolist()
        return [
            encode(
                self._cancellation(f"e-{event + 1:08d}", stamp, row)
                if row[1] in CANCELLATION_REASONS
                else self._activity(f"e-{event + 1:08d}", stamp, row)
            )
            for event, stamp, row in zip(event_numbers, stamps, rows, strict=True)
        ]

    def _cancellation(self, event_id: str, stamp: str, row: Row) -> _Cancellation:
        _, code, sale, account, seller, price = row
        reason, initiated_by = CANCELLATION_REASONS[code]
        return _Cancellation(
            event_id=event_id,
            account_id=f"a-{account + 1:08d}",
            occurred_at=stamp,
            sale_id=f"s-{sale + 1:08d}",
            reason=reason,
            initiated_by=initiated_by,
            agent_id=self._people.ids[seller] if code in KEYED_BY_SELLER else None,
            refund=None if code in UNREFUNDED else price,
        )

    def _activity(self, event_id: str, stamp: str, row: Row) -> _AccountActivity:
        _, code, _, account, seller, price = row
        kind, initiated_by = ACTIVITY_KINDS[code]
        return _AccountActivity(
            event_id=event_id,
            account_id=f"a-{account + 1:08d}",
            occurred_at=stamp,
            kind=kind,
            initiated_by=initiated_by,
            agent_id=self._people.ids[seller] if code in KEYED_BY_SELLER else None,
            amount=price if code == Code.CUSTOMER_PAYMENT else None,
        )
