"""A small world in which one site loses its activity feed half-way."""

from random import Random
from typing import Final

from msgspec import structs

from detectors.events.event import AccountActivity, AnyEvent, Sale
from tests.detectors.worlds import DAYS, at, crowd

SITES: Final = {"boris": "porto", "emil": "porto"}
"""Who does not sell in Leeds."""


def struck(random: Random, number: int = 160) -> list[AnyEvent]:
    """Return a crowd in two sites; what customers of Leeds do is unknown from the half on."""
    events = [
        structs.replace(event, site=SITES.get(str(event.agent_id), "leeds"))
        if isinstance(event, Sale)
        else event
        for event in crowd(random, number, alike=False)
    ]
    site_of = {event.account_id: event.site for event in events if isinstance(event, Sale)}
    return [event for event in events if not _is_lost(event, site_of.get(event.account_id))]


def _is_lost(event: AnyEvent, site: str | None) -> bool:
    lost = isinstance(event, AccountActivity) and site == "leeds"
    return lost and event.occurred_at > at(DAYS * 12)
