"""How large a record may be, and how much may be kept."""

from datetime import UTC, datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from detectors.events.event import Moment


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a credible record is: its size in bytes and its event time; and how much may be kept.

    ``most_sales_on_account``: an account with more sales within the time for which it is remembered
    is no single customer's, and nothing is told of its use (`detectors.ledger.oversized`).
    ``largest_review``: bytes that the cells of a day review may take; cells beyond it count in
    those they lie in. ``most_agents``: how many are judged; of who comes after them nothing is.
    ``most_groups``: how many sites are, and how many teams, and with how many members are compared.
    """

    largest_record: Annotated[int, Meta(gt=0)] = 65_536
    earliest_event: Moment = datetime(2000, 1, 1, tzinfo=UTC)
    latest_event: Moment = datetime(2100, 1, 1, tzinfo=UTC)
    most_sales_on_account: Annotated[int, Meta(ge=1, le=100_000)] = 1_000
    largest_review: Annotated[int, Meta(ge=10_000, le=12_000_000)] = 8_000_000
    most_agents: Annotated[int, Meta(ge=2, le=100_000_000)] = 50_000
    most_groups: Annotated[int, Meta(ge=1, le=1_000_000)] = 5_000

    def effective(self) -> dict[str, Any]:
        """Return what decides about alerts, without what is as it was before there was a choice."""
        added = {"most_sales_on_account", "largest_review", "most_agents", "most_groups"}
        before = Limits()
        return {
            key: value
            for key, value in structs.asdict(self).items()
            if key not in added or value != getattr(before, key)
        }
