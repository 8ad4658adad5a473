"""Outcomes and sales once more, for the groups of those who sold."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from operator import attrgetter
from typing import Final

from detectors.basis.event_time import Day, Seconds
from detectors.basis.identifiers import AgentId, GroupKind
from detectors.facts.account import SaleRecord
from detectors.messages.outcomes import Outcome, OutcomeBundle, SalesDay

GroupOf = Callable[[Outcome | SaleRecord], str | None]

group_of: Final[dict[GroupKind, GroupOf]] = {
    "site": attrgetter("site"),
    "team": attrgetter("team"),
}
"""Return the group of each kind in which a sale was made, None where it names none."""

SalesOfGroups = dict[GroupKind, dict[str, int]]
"""How many sales were made, by kind and group."""


def bundle_with_groups(
    ledger_partition: int,
    watermark: Seconds,
    outcomes: list[Outcome],
    days: dict[Day, SalesDay],
    kinds: Collection[GroupKind],
) -> OutcomeBundle:
    """Return a bundle of outcomes, and of the same for the groups of some kinds."""
    groups = outcomes_of_groups(outcomes, kinds)
    return OutcomeBundle(ledger_partition, watermark, outcomes, days, groups=groups)


def outcomes_of_groups(
    outcomes: Iterable[Outcome], kinds: Collection[GroupKind]
) -> dict[GroupKind, list[Outcome]]:
    """Return outcomes as those of the groups of some kinds, without a kind that no sale names.

    A group is its people: what nobody sold is in none.
    """
    grouped: dict[GroupKind, list[Outcome]] = {}
    for kind in kinds:
        of = group_of[kind]
        own = [
            Outcome(
                outcome.pattern,
                outcome.sale_id,
                AgentId(name),
                outcome.cell,
                outcome.matured_at,
                outcome.known_at,
                outcome.verdict,
                outcome.event_ids,
                outcome.before,
                outcome.account_id,
                outcome.batch,
                outcome.ended_at,
                outcome.stakes,
                outcome.site,
            )
            for outcome in outcomes
            if (name := of(outcome)) is not None and outcome.agent_id is not None
        ]
        if own:
            grouped[kind] = own
    return grouped


def added(one: SalesOfGroups, other: SalesOfGroups) -> SalesOfGroups:
    """Return the sum of two counts."""
    return {
        kind: dict(Counter(one.get(kind, {})) + Counter(other.get(kind, {})))
        for kind in sorted({*one, *other})
    }


def sales_of_groups(sales: Collection[SaleRecord], kinds: Collection[GroupKind]) -> SalesOfGroups:
    """Count the sales made by the agents of each group, by kind and group."""
    counted: SalesOfGroups = {}
    for kind in kinds:
        of = group_of[kind]
        counts = Counter(
            name for sale in sales if (name := of(sale)) is not None and sale.agent_id is not None
        )
        if counts:
            counted[kind] = dict(counts)
    return counted
