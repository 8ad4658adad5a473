"""The simulated events as they stand on the wire: one JSON object, with its type."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec

from streams.simulation.catalogue import (
    CHANNELS,
    PRODUCTS,
    SELF_SERVICE_CHANNEL,
    SPOKEN_CHANNEL,
)
from streams.simulation.deeds import Deed, own_contact
from streams.simulation.occurrences import DEEDS, Occurrences
from streams.simulation.people import People
from streams.simulation.planted.form import ABSENT, DAY_IN_MILLISECONDS
from streams.simulation.sales import Sales

SOLD_BEFORE: Final = (60, 4_000)
"""For how many days before the period those have sold who are there when it begins."""

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
    booked_at: str | None = None
    interaction_id: str | None = None
    interaction_reason: str | None = None
    sentiment: float | None = None
    offer_refused: bool | None = None
    closing_attempts: int | None = None
    need_identified: bool | None = None
    recap_given: bool | None = None
    fees_disclosed: bool | None = None
    consent_id: str | None = None
    consented_at: str | None = None
    verifier_id: str | None = None
    verified_at: str | None = None
    quoted_product: str | None = None
    quoted_amount: float | None = None
    out_of_stock: bool | None = None
    replaces_sale_id: str | None = None
    email_hash: str | None = None
    phone_hash: str | None = None
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
    fee: float | None = None
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
    counterparty_account_id: str | None = None
    result: str | None = None
    former_contact_hash: str | None = None
    contact_hash: str | None = None


class _Interaction(
    msgspec.Struct, tag_field="type", tag="interaction", omit_defaults=True, gc=False
):
    event_id: str
    account_id: str
    occurred_at: str
    agent_id: str | None
    customer_id: str
    reason: str


class _Access(msgspec.Struct, tag_field="type", tag="access", omit_defaults=True, gc=False):
    event_id: str
    account_id: str
    occurred_at: str
    agent_id: str | None
    customer_id: str
    purpose: str


class _Agent(msgspec.Struct, tag_field="type", tag="agent", omit_defaults=True, gc=False):
    event_id: str
    account_id: str
    occurred_at: str
    agent_id: str | None
    started_at: str
    email_hash: str | None = None
    address_hash: str | None = None


class _Roster(msgspec.Struct, tag_field="type", tag="roster", gc=False):
    event_id: str
    account_id: str
    occurred_at: str
    agent_id: str | None
    starts_at: str
    ends_at: str


class EventEncoder:
    """Turns columns into lines; numbers become ids such as `e-00000001`, counted from 1."""

    def __init__(self, people: People, start: date) -> None:
        """Encode events of these sellers, whose days are counted from `start`."""
        self._people = people
        self._start = start
        self._encoder = msgspec.json.Encoder()

    def sales(
        self,
        sales: Sales,
        stamps: list[str],
        event_numbers: list[int],
        fields: dict[str, list[Any]],
    ) -> list[bytes]:
        """Return the lines of these sales, with these times (RFC 3339) and event numbers.

        `fields` are further ones, one value a sale; None leaves a field as it is.
        """
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
        )
        people = self._people
        lines = []
        for place, (
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
        ) in enumerate(zip(*columns, strict=True)):
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
            for name, values in fields.items():
                if (value := values[place]) is not None:
                    setattr(sale, name, None if value is ABSENT else value)
            lines.append(self._encoder.encode(sale))
        return lines

    def occurrences(
        self, occurrences: Occurrences, stamps: list[str], event_numbers: list[int]
    ) -> list[bytes]:
        """Return the lines of what happened beside these sales, as `sales` does."""
        encode = self._encoder.encode
        rows: list[Row] = occurrences.tolist()
        made = {
            "cancellation": self._cancellation,
            "account_activity": self._activity,
            "interaction": self._interaction,
            "access": self._access,
            "agent": self._agent,
            "roster": self._roster,
        }
        return [
            encode(made[DEEDS[row[1]].type](f"e-{event + 1:08d}", stamp, row, DEEDS[row[1]]))
            for event, stamp, row in zip(event_numbers, stamps, rows, strict=True)
        ]

    def _interaction(self, event_id: str, stamp: str, row: Row, deed: Deed) -> _Interaction:
        account, agent_id, customer_id = self._who(row)
        return _Interaction(event_id, account, stamp, agent_id, customer_id, deed.word)

    def _access(self, event_id: str, stamp: str, row: Row, deed: Deed) -> _Access:
        account, agent_id, customer_id = self._who(row)
        return _Access(event_id, account, stamp, agent_id, customer_id, deed.word)

    def _agent(self, event_id: str, stamp: str, row: Row, deed: Deed) -> _Agent:
        seller = row[4]
        agent_id = self._people.ids[seller]
        known = _Agent(event_id, agent_id or "", stamp, agent_id, self._started_at(seller))
        setattr(known, deed.word, own_contact(deed.word, seller))
        return known

    def _started_at(self, seller: int) -> str:
        """Return when somebody began to sell: with the period, before it, or when they came."""
        day = int(self._people.first_day[seller])
        if day <= 0:  # drawn apart from all else, so that nothing else depends on it
            day = -Random(seller).randint(*SOLD_BEFORE)  # noqa: S311 - nothing is secret
        return f"{self._start + timedelta(days=day)}T00:00:00Z"

    def _roster(self, event_id: str, stamp: str, row: Row, deed: Deed) -> _Roster:
        people, seller, midnight = self._people, row[4], row[0] - row[0] % DAY_IN_MILLISECONDS
        opens, hours = float(people.opens_at[seller]), float(people.hours[seller])
        begin, end = (_moment(midnight, at) for at in (opens, opens + hours * (deed.amount or 1.0)))
        agent_id = people.ids[seller]
        return _Roster(event_id, agent_id or "", stamp, agent_id, begin, end)

    def _who(self, row: Row) -> tuple[str, str | None, str]:
        """Return the account of a sale, who sold it, and its customer."""
        _, _, _, account, seller, _ = row
        return f"a-{account + 1:08d}", self._people.ids[seller], f"c-{account + 1:08d}"

    def _cancellation(self, event_id: str, stamp: str, row: Row, deed: Deed) -> _Cancellation:
        _, _, sale, account, seller, price = row
        return _Cancellation(
            event_id=event_id,
            account_id=f"a-{account + 1:08d}",
            occurred_at=stamp,
            sale_id=f"s-{sale + 1:08d}",
            reason=deed.word,
            initiated_by=deed.initiated_by,
            agent_id=self._people.ids[seller] if deed.by_seller else None,
            fee=None if deed.fee is None else round(deed.fee * price, 2),
            refund=price if deed.pays_back else None,
        )

    def _activity(self, event_id: str, stamp: str, row: Row, deed: Deed) -> _AccountActivity:
        _, _, _, account, seller, price = row
        before, now = deed.contact or (None, None)
        return _AccountActivity(
            event_id=event_id,
            account_id=f"a-{account + 1:08d}",
            occurred_at=stamp,
            kind=deed.word,
            initiated_by=deed.initiated_by,
            agent_id=self._people.ids[seller] if deed.by_seller else None,
            amount=None if deed.amount is None else round(deed.amount * price, 2),
            counterparty_account_id=f"x-{account + 1:08d}" if deed.from_elsewhere else None,
            result=deed.result,
            former_contact_hash=f"{before}-{account}" if before else None,
            contact_hash=f"{now}-{account}" if now else None,
        )


def _moment(midnight: int, hours: float) -> str:
    """Return the time (RFC 3339) so many hours after a midnight (milliseconds since 1970)."""
    moment = datetime.fromtimestamp(midnight // 1_000, UTC) + timedelta(hours=hours)
    return moment.isoformat(timespec="seconds")
