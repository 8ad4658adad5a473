"""Acts of an insider that are no second record about one sale: what whole logs look like then.

They complete those of `insider_acts` to the twelve that were tried on the product.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, NamedTuple

from msgspec import structs

from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.events.event import AccountActivity, ActivityKind, AnyEvent, Cancellation, Sale
from tests.detectors.insider.acts import AGENTS, FRAMED, GUILTY, honest_log
from tests.detectors.worlds import Arrival, as_they_arrive

LONG: Final = 90
TURNS: Final = 45
"""Days: so that somebody has a past with which a change can be compared."""

SPELLINGS: Final = ("g0", "G0", " g0", "g0 ", "G0 ", " G0")
NO_USE: Final[tuple[ActivityKind, ...]] = ("complaint", "closed", "survey", "verification")
INVENTED: Final = 5
HALF: Final = tuple(f"g{number}" for number in range(AGENTS // 2))


class Log(NamedTuple):
    """What arrives, in how many days, and who is guilty, under whatever names."""

    events: list[AnyEvent]
    days: int
    guilty: frozenset[str]


def _log(
    change: Callable[[Arrival], list[Arrival]], guilty: frozenset[str], honest: list[Arrival]
) -> Log:
    return Log(as_they_arrive([new for one in honest for new in change(one)]), LONG, guilty)


def invented_sales() -> Log:
    """Beside each sale that is sent back, sell five on fresh accounts that nobody sends back."""
    honest = honest_log(days=LONG, since=TURNS)
    sales = {one.event.sale_id: one.event for one in honest if isinstance(one.event, Sale)}

    def change(one: Arrival) -> list[Arrival]:
        undone = one.event
        sold = sales.get(undone.sale_id) if isinstance(undone, Cancellation) else None
        if sold is None or sold.agent_id != GUILTY:
            return [one]
        added = [one]
        for number in range(INVENTED):
            account = AccountId(f"{sold.account_id} again {number}")
            again = structs.replace(
                sold,
                event_id=f"sold {account}",
                account_id=account,
                sale_id=SaleId(f"sale {account}"),
                customer_id=f"customer {account}",
            )
            use = AccountActivity(
                event_id=f"used {account}",
                account_id=account,
                occurred_at=sold.occurred_at + timedelta(hours=5),
                kind="usage",
                initiated_by="customer",
            )
            added += [Arrival(again, 0), Arrival(use, 0)]
        return added

    return _log(change, frozenset({GUILTY}), honest)


def complaints_for_uses() -> Log:
    """Let the customers of half of one agent's accounts only complain, close, answer, verify."""
    honest = honest_log(days=LONG, guilty=())
    of_guilty = {
        one.event.account_id
        for one in honest
        if isinstance(one.event, Sale) and one.event.agent_id == GUILTY
    }

    def change(one: Arrival) -> list[Arrival]:
        event, number = one.event, len(one.event.event_id) + one.event.occurred_at.day
        if (
            not isinstance(event, AccountActivity)
            or event.account_id not in of_guilty
            or number % 2
        ):
            return [one]
        kind = NO_USE[number // 2 % len(NO_USE)]
        return [Arrival(structs.replace(event, kind=kind), one.delay)]

    return _log(change, frozenset({GUILTY}), honest)


def _renamed(name: Callable[[int], str]) -> list[Arrival]:
    """Return the log with the guilty under other names, by the number of the sale."""
    renamed, number = [], 0
    for one in honest_log(days=LONG):
        event = one.event
        if isinstance(event, Sale) and event.agent_id == GUILTY:
            event = structs.replace(event, agent_id=AgentId(name(number)))
            number += 1
        renamed.append(Arrival(event, one.delay))
    return renamed


def six_spellings() -> Log:
    """Spell one agent in six ways."""
    log = _renamed(lambda number: SPELLINGS[number % len(SPELLINGS)])
    return _log(lambda one: [one], frozenset(SPELLINGS), log)


def a_login_a_week() -> Log:
    """Give one agent another login every week."""
    logins = [f"login {week}" for week in range(LONG // 7 + 1)]
    log = _renamed(lambda number: logins[number // 28])
    return _log(lambda one: [one], frozenset(logins), log)


def half_of_all() -> Log:
    """Let half of the agents go bad together."""
    honest = honest_log(days=LONG, guilty=HALF, since=TURNS)
    return _log(lambda one: [one], frozenset(HALF), honest)


def a_feed_of_dates() -> Log:
    """Let a second feed claim every sale for another agent, dated at midnight."""

    def change(one: Arrival) -> list[Arrival]:
        sold = one.event
        if not isinstance(sold, Sale):
            return [one]
        midnight = sold.occurred_at.replace(hour=0, minute=0, second=0, microsecond=0)
        claim = structs.replace(
            sold, event_id=f"again {sold.event_id}", occurred_at=midnight, agent_id=FRAMED
        )
        hours = (sold.occurred_at - midnight) / timedelta(hours=1)
        return [one, Arrival(claim, hours + 0.25)]

    return _log(change, frozenset({GUILTY}), honest_log(days=LONG))


TOO_MANY: Final = "half of all agents go bad together"
"""Of so many none is found: they are what an agent is compared with."""

LOGS: Final[dict[str, Callable[[], Log]]] = {
    "five invented good sales for each bad one": invented_sales,
    "customers who only complain, close or answer": complaints_for_uses,
    "six spellings": six_spellings,
    "a new login every week": a_login_a_week,
    TOO_MANY: half_of_all,
    "a second feed claims every sale, at midnight": a_feed_of_dates,
}

LOG_TRACES: Final[dict[str, str]] = {
    "five invented good sales for each bad one": "alerts about agents: volume_shift",
    "customers who only complain, close or answer": "alerts about accounts: unused_account",
    "six spellings": "ids that look alike",
    "a new login every week": "alerts about agents: quick_cancellation",
    TOO_MANY: "the whole market: quick_cancellation",
    "a second feed claims every sale, at midnight": "contested agent_id",
}
"""What counts each of them, as `said_of` names it."""
