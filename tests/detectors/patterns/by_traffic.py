"""Patterns on what is told of agents: what each says, by definition."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import structs

from detectors.events.event import Access, AnyEvent, Interaction, Sale
from detectors.facts.account import Verdict
from detectors.patterns import Patterns
from detectors.patterns.key.access_without_contact import AccessWithoutContact
from detectors.patterns.key.sales_without_traffic import SalesWithoutTraffic
from detectors.settings import Settings
from tests.detectors.patterns.by_staff import STAFF
from tests.detectors.patterns.definitions import CLOCK_TOLERANCE, Across
from tests.detectors.worlds import SETTINGS

LOOKED_UP: Final = AccessWithoutContact(
    enabled=True, window="1d", within="2d", contact_within="4d", longest_silence=2
)
TOO_MANY: Final = SalesWithoutTraffic(
    enabled=True, window="1d", within="2d", fewest=2, longest_silence=2
)
DAY: Final = 86_400.0


def _access_without_contact(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    del window
    at = sold.occurred_at.timestamp()
    since, reached = at - 4 * DAY, at + CLOCK_TOLERANCE * 3_600.0
    done = [
        one
        for one in events
        if isinstance(one, Interaction | Access)
        and one.agent_id == sold.agent_id
        and since <= one.occurred_at.timestamp() <= reached
    ]
    plain = [one for one in done if isinstance(one, Access) and one.interaction_id is None]
    met = [one for one in done if one not in plain]
    times = [one.occurred_at.timestamp() for one in plain if one.customer_id == sold.customer_id]
    if None in (sold.agent_id, sold.customer_id) or not any(
        at - 2 * DAY <= time <= at for time in times
    ):
        return Verdict.EXCLUDED
    calls = [one for one in done if isinstance(one, Interaction)]
    days = {one.occurred_at.timestamp() // DAY for one in calls}
    silent = "".join(
        "." if day in days else "x" for day in range(int(since // DAY), int(reached // DAY) + 1)
    )
    alike = any(
        call.customer_id == one.customer_id is not None
        and call.occurred_at.date() == one.occurred_at.date()
        for call in calls
        for one in done
        if isinstance(one, Access)
    )
    if "xxx" in silent or not alike or None in {one.customer_id for one in met}:
        return Verdict.EXCLUDED
    is_met = sold.interaction_id or any(one.customer_id == sold.customer_id for one in met)
    return Verdict.GOOD if is_met else Verdict.BAD


def _sales_without_traffic(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    at = sold.occurred_at.timestamp()
    mine = [
        one
        for one in events
        if isinstance(one, Interaction | Access | Sale) and one.agent_id == sold.agent_id
    ]
    calls = [
        one.occurred_at.timestamp()
        for one in mine
        if isinstance(one, Interaction) or (isinstance(one, Access) and one.interaction_id)
    ]
    since, end = at - 2 * DAY, at + window
    days = {
        one.occurred_at.timestamp() // DAY
        for one in mine
        if isinstance(one, Interaction) and since <= one.occurred_at.timestamp() <= end
    }
    silent = "".join(
        "." if day in days else "x" for day in range(int(since // DAY), int(end // DAY) + 1)
    )
    if (
        None in (sold.agent_id, sold.customer_id)
        or "xxx" in silent
        or not any(at <= one <= end for one in calls)
    ):
        return Verdict.EXCLUDED
    if sold.interaction_id:
        return Verdict.GOOD
    carried = sum(since <= one <= at + CLOCK_TOLERANCE * 3_600.0 for one in calls)
    customers = {
        one.customer_id
        for one in mine
        if isinstance(one, Sale)
        and since <= one.occurred_at.timestamp() <= at
        and not one.interaction_id
    }
    if len(customers) <= carried:
        return Verdict.GOOD
    return Verdict.BAD if len(customers) >= TOO_MANY.fewest else Verdict.EXCLUDED


TRAFFIC: Final = {
    "access_without_contact": Across(LOOKED_UP, _access_without_contact),
    "sales_without_traffic": Across(TOO_MANY, _sales_without_traffic),
    **STAFF,
}


def _settings() -> Settings:
    """Return settings in which they alone judge."""
    registry = Patterns()
    on: dict[str, Any] = {
        name: structs.replace(getattr(registry, name), enabled=False)
        for name in registry.__struct_fields__
    }
    on |= {name: example.pattern for name, example in TRAFFIC.items()}
    return structs.replace(SETTINGS, patterns=Patterns(**on), profiles={})


ONLY_TRAFFIC: Final = _settings()
