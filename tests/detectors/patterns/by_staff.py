"""Patterns on what master data tells of agents: what each says, by definition."""

from collections.abc import Sequence
from typing import Final

from detectors.events.event import Agent, AnyEvent, RosteredHours, Sale
from detectors.facts.account import Verdict
from detectors.patterns.key.off_hours import OffHours
from detectors.patterns.key.own_contact import OwnContact
from tests.detectors.patterns.definitions import Across

FIELDS: Final = ("email_hash", "phone_hash", "address_hash", "payer_hash")

OWN: Final = OwnContact(enabled=True, window="1d", households=2, customers=3)


AWAY: Final = OffHours(enabled=True, window="1d", within="2d")


def _own_contact(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    told = [
        one
        for one in events
        if isinstance(one, Agent) and None not in (one.agent_id, sold.agent_id)
        if one.agent_id == sold.agent_id
    ]
    own = {(field, getattr(one, field)) for one in told for field in FIELDS if getattr(one, field)}
    kinds = {field for field, _ in own}
    if sold.customer_id is None or not any(getattr(sold, field) for field in kinds):
        return Verdict.EXCLUDED
    at = sold.occurred_at.timestamp()
    beside = [
        one
        for one in events
        if isinstance(one, Sale)
        and one.agent_id == sold.agent_id
        and one.customer_id is not None
        and abs(one.occurred_at.timestamp() - at) <= window
        and any((field, getattr(one, field)) in own for field in FIELDS)
    ]
    if sold not in beside:
        return Verdict.GOOD
    customers = {one.customer_id for one in beside}
    homes = {
        who: {one.address_hash for one in beside if one.customer_id == who} - {None}
        for who in customers
    }
    households: list[set[str | None]] = []
    for addresses in homes.values():
        if addresses:
            linked = [one for one in households if one & addresses]
            households = [one for one in households if not one & addresses]
            households.append(addresses.union(*linked))
    if len(households) >= OWN.households or len(customers) >= OWN.customers:
        return Verdict.BAD
    nowhere = sum(not addresses for addresses in homes.values())
    return Verdict.EXCLUDED if len(households) + nowhere >= OWN.households else Verdict.GOOD


def _off_hours(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    at, half = sold.occurred_at.timestamp(), 12 * 3_600.0
    shifts = [
        (one.starts_at.timestamp(), one.ends_at.timestamp())
        for one in events
        if isinstance(one, RosteredHours)
        and sold.agent_id is not None
        and one.agent_id == sold.agent_id
    ]
    is_kept = any(at - 4 * half <= end <= at - half for _, end in shifts) and any(
        at + half <= begin <= at + window for begin, _ in shifts
    )
    if not is_kept:
        return Verdict.EXCLUDED
    is_at_work = any(begin - 3_600.0 <= at <= end + 3_600.0 for begin, end in shifts)
    return Verdict.GOOD if is_at_work else Verdict.BAD


STAFF: Final = {
    "own_contact": Across(OWN, _own_contact),
    "off_hours": Across(AWAY, _off_hours),
}
