"""What an insider does who may write events, or has a keyboard: acts upon an honest log.

Of twelve agents one sells what customers send back. Each act tries to clear them, some at the cost
of a colleague. `docs/threats.md` says what became of each.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from random import Random
from typing import Final

from msgspec import structs

from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.events.event import AccountMerged, AnyEvent, Cancellation, Initiator, Sale
from tests.detectors.worlds import Arrival, activity, as_they_arrive, at, cancellation

AGENTS: Final = 12
DAYS: Final = 36
A_DAY: Final = 4
GUILTY, FRAMED = AgentId("g0"), AgentId("g1")

QUARTER: Final = 0.25
"""Of an hour."""
EARLIER: Final = timedelta(seconds=9)

Act = Callable[[Sale, Cancellation, float], list[Arrival]]
"""Adds to a sale that will be cancelled, and to that cancellation, so many hours after it."""


def honest_log(
    seed: int = 1, days: int = DAYS, guilty: Collection[str] = (GUILTY,), since: int = 0
) -> list[Arrival]:
    """Return sales of every agent, each used, and a cancellation of one in twenty or one in two.

    The latter of those of the `guilty`, from day `since` on.
    """
    random = Random(seed)  # noqa: S311 - nothing secret
    arrivals: list[Arrival] = []
    for day in range(days):
        for number in range(AGENTS * A_DAY):
            agent, account = f"g{number % AGENTS}", f"account {day}.{number}"
            hours = day * 24 + random.randrange(9, 17) + number / 100
            sold = Sale(
                event_id=f"sold {account}",
                account_id=AccountId(account),
                occurred_at=at(hours),
                sale_id=SaleId(f"sale {account}"),
                customer_id=f"customer {account}",
                agent_id=AgentId(agent),
                product="card",
                amount=10.0 + number,
            )
            arrivals += [Arrival(sold, 0), Arrival(activity(hours + 5, account), 0)]
            if random.random() < (0.5 if agent in guilty and day >= since else 0.05):
                undone = cancellation(hours + random.randrange(40, 150), account, sold.sale_id)
                arrivals.append(Arrival(undone, 0))
    return arrivals


def with_act(act: Act | None, arrivals: Sequence[Arrival]) -> list[AnyEvent]:
    """Return the log with an act upon every sale of the guilty that is cancelled."""
    sold = {
        one.event.sale_id: one.event
        for one in arrivals
        if isinstance(one.event, Sale) and one.event.agent_id == GUILTY
    }
    added: list[Arrival] = []
    changed: list[Arrival] = []
    for one in arrivals:
        event = one.event
        if act is None or not isinstance(event, Cancellation) or event.sale_id not in sold:
            changed.append(one)
            continue
        sale = sold[event.sale_id]
        hours = (event.occurred_at - sale.occurred_at).total_seconds() / 3_600
        done = act(sale, event, hours)
        replaced = [other for other in done if other.event.event_id == event.event_id]
        changed += replaced or [one]
        added += [other for other in done if other.event.event_id != event.event_id]
    return as_they_arrive([*changed, *added])


def claimed(agent: AgentId | None, later: float | None = None, version: int | None = None) -> Act:
    """Return the act to claim the sale for somebody else, 9 s earlier; told soon, or at the end."""

    def act(sold: Sale, undone: Cancellation, hours: float) -> list[Arrival]:
        del undone
        claim = structs.replace(
            sold,
            event_id=f"again {sold.event_id}",
            occurred_at=sold.occurred_at - EARLIER,
            agent_id=agent,
            version=version,
        )
        return [Arrival(claim, hours + 1 if later is None else later)]

    return act


def excused(reason: str, keyed_by: AgentId | None, by: Initiator = "system") -> Act:
    """Return the act to cancel it once more, earlier, for a reason that is nobody's doing."""

    def act(sold: Sale, undone: Cancellation, hours: float) -> list[Arrival]:
        del sold, hours
        other = structs.replace(
            undone,
            event_id=f"again {undone.event_id}",
            occurred_at=undone.occurred_at - timedelta(seconds=86),
            reason=reason,
            initiated_by=by,
            agent_id=keyed_by,
        )
        return [Arrival(other, 1)]

    return act


def keyed_as(reason: str) -> Act:
    """Return the act to key the cancellation oneself, for a reason that is nobody's doing."""

    def act(sold: Sale, undone: Cancellation, hours: float) -> list[Arrival]:
        del hours
        return [Arrival(structs.replace(undone, reason=reason, agent_id=sold.agent_id), 0)]

    return act


def merged(sold: Sale, undone: Cancellation, hours: float) -> list[Arrival]:
    """Say that its account became part of another one before it was cancelled."""
    into = AccountMerged(
        event_id=f"merged {sold.account_id}",
        account_id=sold.account_id,
        occurred_at=undone.occurred_at - timedelta(seconds=86),
        into_account_id=AccountId("elsewhere"),
    )
    del hours
    return [Arrival(into, 1)]


ACTS: Final[dict[str, Act]] = {
    "claimed for a colleague, soon": claimed(FRAMED, QUARTER),
    "claimed for a colleague, once it was cancelled": claimed(FRAMED),
    "claimed for nobody": claimed(None, QUARTER),
    "claimed for a colleague, as a correction": claimed(FRAMED, QUARTER, version=9),
    "cancelled once more, deceased": excused("deceased", None),
    "cancelled once more, duplicate, by the seller": excused("duplicate", GUILTY),
    "cancelled once more, replaced, by the customer": excused("replaced", None, "customer"),
    "keyed as service_fault by the seller": keyed_as("service_fault"),
    "keyed as replaced by the seller": keyed_as("replaced"),
    "merged into another account": merged,
}

TRACES: Final = dict(
    zip(
        ACTS,
        ["agent_id"] * 4 + ["reason"] * 3 + ["cancelled_by_seller"] * 2 + ["merged"],
        strict=True,
    )
)
"""What counts each of them."""
