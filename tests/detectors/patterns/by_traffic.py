"""Patterns on what agents had to do with customers: what each says, by definition."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import structs

from detectors.events.event import Access, AnyEvent, Interaction, Sale
from detectors.facts.account import Verdict
from detectors.patterns import Patterns
from detectors.patterns.key.access_without_contact import AccessWithoutContact
from detectors.settings import Settings
from tests.detectors.patterns.definitions import CLOCK_TOLERANCE, Across
from tests.detectors.worlds import SETTINGS

LOOKED_UP: Final = AccessWithoutContact(
    enabled=True, window="1d", within="2d", contact_within="4d", longest_silence=2
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


TRAFFIC: Final = {"access_without_contact": Across(LOOKED_UP, _access_without_contact)}


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
