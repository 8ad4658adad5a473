"""Small worlds of accounts, drawn by Hypothesis, and the orders in which their events may arrive.

Times are whole hours from a midnight, so that windows end together, at midnight, and at the very
moment of other events as often as possible.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, NamedTuple
from zlib import crc32

from hypothesis import strategies as st
from msgspec import Struct, structs

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import seconds_at
from detectors.basis.identifiers import AccountId, AgentId, PatternName, SaleId
from detectors.events.event import (
    AccountActivity,
    ActivityKind,
    AnyEvent,
    Cancellation,
    CancellationReason,
    Initiator,
    Sale,
)
from detectors.group_settings import GroupSettings
from detectors.peer_settings import PeerSettings, ReferenceRate
from detectors.settings import EvidenceSettings, Settings
from detectors.time_settings import TimeSettings
from tests.detectors.patterns.claims import contradict
from tests.detectors.patterns.definitions import CLOCK_TOLERANCE
from tests.detectors.patterns.examples import registry_of_examples

START: Final = datetime(2025, 3, 1, tzinfo=UTC)
HOUR: Final = 3_600.0
DAYS: Final = 40
LATENESS: Final = 3
"""Hours."""
CORRECTIONS: Final = 72
"""Hours."""
END: Final = seconds_at(START + timedelta(days=DAYS + 25))
"""When every window has passed."""

KNOWN_ELSEWHERE: Final = ReferenceRate(
    pattern=PatternName("quick_cancellation"),
    product="card",
    rate=0.4,
    outcomes=3,
    source="a survey",
)

SETTINGS: Final = Settings(
    time=TimeSettings(
        allowed_lateness=f"{LATENESS}h",
        corrections_for=f"{CORRECTIONS}h",
        largest_jump="3d",
        clock_tolerance=f"{CLOCK_TOLERANCE}h",
    ),
    peers=PeerSettings(shrinkage=5.0, reference=(KNOWN_ELSEWHERE,)),
    evidence=EvidenceSettings(
        false_alarms_per_1000_agent_years=35_000.0,
        between_agent_sd=1.0,
        false_discovery_rate=0.9,
        smallest_rate_ratio=0.2,
        review_every="3d",
        resolve_after="2d",
        resolve_below=0.5,
        silent_after="5d",
    ),
    groups=GroupSettings(site=False, team=False),
    patterns=registry_of_examples(),
)
"""Short windows, and so large a budget of false alarms that a few sales are enough for an alert."""

GROUPED: Final = structs.replace(
    SETTINGS, groups=GroupSettings(false_alarms_per_1000_group_years=30_000.0, fewest_others=1)
)
"""The same for sites and teams, which take as long again: laws that need none go without."""

WINDOWS: Final = {
    pattern.name: seconds_of(pattern.window) for pattern in SETTINGS.patterns.enabled()
}
LONGEST: Final = int(SETTINGS.patterns.longest() / HOUR)
"""Hours for which somebody may ask what became of a sale: mostly the longest window."""


PAYERS: Final = ("ada", None, "ben", "cy", "dee", "eve", "flo")
ADDRESSES: Final = ("lane 1", "lane 2", "lane 3", None)
CALLS: Final = (None, "call 1", "call 2", None, "call 3")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def sale(
    hours: float,
    account: str = "a",
    sale_id: str = "s",
    agent: str | None = "anna",
    product: str = "card",
    event_id: str | None = None,
    customer: str | None = None,
    replaces: str | None = None,
) -> Sale:
    more = f"{customer or ''}{replaces or ''}"
    # Claims of one sale at two times name two sites, so that laws see which of them holds.
    return Sale(
        site=("leeds", "porto", None)[int(hours) % 3],
        team=None if agent is None else f"team {int(hours) // 12 % 2}",
        event_id=event_id or f"sold {sale_id} {hours} {agent} {product}{more}",
        account_id=AccountId(account),
        occurred_at=at(hours),
        sale_id=SaleId(sale_id),
        customer_id=customer or account,
        agent_id=None if agent is None else AgentId(agent),
        product=product,
        amount=1.0,
        # As above: claims at two times differ in this as well, and some say nothing of it.
        commission=(None, 2.5, 1.0, 2.5)[int(hours) % 4],
        closing_attempts=(1, 3, None, 2, 4, 1, 2)[int(hours) % 7],
        verifier_id=("vera", "anna", None, "walt", "vera")[int(hours) // 2 % 5],
        fees_disclosed=(None, False, True)[int(hours) % 3],
        replaces_sale_id=None if replaces is None else SaleId(replaces),
        # Few payers, and claims of one moment by two customers contradict each other.
        payer_hash=PAYERS[(int(hours) // 5 + (customer is not None)) % len(PAYERS)],
        address_hash=ADDRESSES[crc32(account.encode()) % len(ADDRESSES)],
        email_hash=PAYERS[int(hours) // 7 % len(PAYERS)],
        phone_hash=PAYERS[int(hours) // 11 % len(PAYERS)],
        interaction_id=CALLS[int(hours) // 3 % len(CALLS)],
    )


def cancellation(
    hours: float,
    account: str = "a",
    sale_id: str = "s",
    initiated_by: Initiator = "customer",
    reason: CancellationReason = "returned",
    refund: float | str | None = None,
    keyed_by: str | None = None,
) -> Cancellation:
    """Return a cancellation; a `refund` that is a text is one that could not be read."""
    back = ("" if refund is None else f" {refund}") + (f" {keyed_by}" if keyed_by else "")
    return Cancellation(
        event_id=f"cancelled {sale_id} {hours} {initiated_by} {reason}{back}",
        account_id=AccountId(account),
        occurred_at=at(hours),
        sale_id=SaleId(sale_id),
        reason=reason,
        initiated_by=initiated_by,
        agent_id=None if keyed_by is None else AgentId(keyed_by),
        # By whoever else keys it: floods of one kind say one thing.
        fee=5.0 if keyed_by == "boris" else None,
        refund=None if isinstance(refund, str) else refund,
        refund_as_sent=refund if isinstance(refund, str) else None,
    )


class Done(NamedTuple):
    """What was done with an account, beside who is said to have initiated it."""

    kind: ActivityKind = "usage"
    agent: str | None = None
    result: str | None = None
    kind_as_sent: str | None = None
    amount: float | None = None
    party: str | None = None


USED: Final = Done()


def activity(
    hours: float, account: str = "a", initiated_by: Initiator = "customer", done: Done = USED
) -> AccountActivity:
    return AccountActivity(
        event_id=f"used {account} {hours} {initiated_by}{'' if done is USED else done}",
        account_id=AccountId(account),
        occurred_at=at(hours),
        kind=done.kind,
        initiated_by=initiated_by,
        agent_id=None if done.agent is None else AgentId(done.agent),
        result=done.result,
        kind_as_sent=done.kind_as_sent,
        amount=done.amount,
        counterparty_account_id=None if done.party is None else AccountId(done.party),
    )


class Arrival(Struct, frozen=True):
    """An event and how many hours after it happened it is seen."""

    event: AnyEvent
    delay: float

    @property
    def seen_at(self) -> datetime:
        return self.event.occurred_at + timedelta(hours=self.delay)


def in_order(events: Sequence[AnyEvent]) -> list[AnyEvent]:
    return sorted(events, key=_order)


def as_they_arrive(arrivals: Sequence[Arrival]) -> list[AnyEvent]:
    arrived = sorted(arrivals, key=lambda arrival: (arrival.seen_at, *_order(arrival.event)))
    return [arrival.event for arrival in arrived]


def _order(event: AnyEvent) -> tuple[datetime, str]:
    return (event.occurred_at, event.event_id)


def with_first_claims_first(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Return the arrivals, but a claim is seen no sooner than earlier ones that contradict it.

    None comes later than one of those did after its own time. Of claims that contradict each other
    the order decides, and of nothing else.
    """
    moved: list[Arrival] = []
    first: dict[str, Arrival] = {}
    for arrival in sorted(arrivals, key=lambda one: (*_order(one.event), one.delay)):
        event = arrival.event
        others = [one.seen_at for one in first.values() if contradict(one.event, event)]
        seen_at = max([arrival.seen_at, *others])
        arrives = Arrival(event, (seen_at - event.occurred_at).total_seconds() / HOUR)
        first.setdefault(event.event_id, arrives)
        moved.append(arrives)
    return moved


AGENTS: Final = ("anna", "boris", "chen", None)
SAID: Final = (AGENTS, ("card", "line"), (None, "everybody"))
"""By whom, what and to whom something is sold."""
INITIATORS: Final[tuple[Initiator, ...]] = ("customer", "agent", "system")
REASONS: Final[tuple[CancellationReason, ...]] = ("returned", "never_ordered", "service_fault")
REFUNDS: Final = (None, None, 0.0, 0.25, 0.25, 0.5, "a part")
"""Of an amount of 1, of which half is enough."""
DONE: Final = (
    Done(),
    Done(),
    Done("complaint"),
    Done("complaint", result="never_ordered"),
    Done("survey", agent="boris", result="never_ordered"),
    Done("contact_change", agent="anna"),
    Done("contact_change"),
    Done("other", kind_as_sent="purchase"),
    Done("login", result="seller_device"),
    Done("login", agent="anna"),
    Done("login", agent="boris"),
)


@st.composite
def accounts(draw: st.DrawFn, number: int) -> list[AnyEvent]:
    """Draw the events of one account."""
    account = f"account {number}"
    begin = draw(st.integers(0, DAYS * 24))
    events: list[AnyEvent] = []
    sales = draw(st.integers(1, 3))
    for index in range(sales):
        sale_id = f"sale {number}.{index}"
        old = f"sale {number}.0" if index and draw(st.booleans()) else None
        sold = begin + draw(st.integers(0, 8 * 24)) * (index > 0)
        claims = draw(st.lists(st.integers(0, 5), max_size=1))
        times = (sold, *(sold + later for later in claims))
        said = None
        for number_of_claim, claimed in enumerate(times):
            # Another claim as often repeats the one before as it contradicts it.
            if said is None or draw(st.booleans()):
                said = draw(st.tuples(*map(st.sampled_from, SAID)))
            agent, product, customer = said
            event_id = f"{draw(st.sampled_from('ab'))} claim {number_of_claim} of {sale_id}"
            events.append(
                sale(claimed, account, sale_id, agent, product, event_id, customer, replaces=old)
            )
        events.extend(
            cancellation(sold + after, account, sale_id, who, why, refund, keyed_by)
            for after, who, why, refund, keyed_by in draw(
                st.lists(
                    st.tuples(
                        st.integers(-50, 130),
                        st.sampled_from((*INITIATORS, "unknown")),
                        st.sampled_from((*REASONS, "replaced")),
                        st.sampled_from(REFUNDS),
                        st.sampled_from((None, *AGENTS)),
                    ),
                    max_size=3,
                )
            )
        )
    events.extend(
        activity(begin + after, account, who, done)
        for after, who, done in draw(
            st.lists(
                st.tuples(
                    st.integers(-24, 14 * 24),
                    st.sampled_from((*INITIATORS, "customer", "unknown")),
                    st.sampled_from(DONE),
                ),
                max_size=4,
            )
        )
    )
    return events


@st.composite
def worlds(draw: st.DrawFn, most: int = 12) -> list[AnyEvent]:
    """Draw the events of some accounts, each once, in the order of time."""
    number = draw(st.integers(1, most))
    return in_order([event for index in range(number) for event in draw(accounts(index))])


@st.composite
def orders(draw: st.DrawFn, events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """Draw an order within the allowed lateness, with repeats."""
    delays = st.integers(0, LATENESS * 4)
    arrivals = [Arrival(event, draw(delays) / 4) for event in events]
    repeated = draw(st.lists(st.sampled_from(events), max_size=len(events)))
    arrivals += [Arrival(event, draw(delays) / 4) for event in repeated]
    return as_they_arrive(with_first_claims_first(arrivals))


@st.composite
def late_orders(draw: st.DrawFn, events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """Draw an order in which some events are late, but not too late to correct what was told.

    The clock may be ahead of an event's own delay by the lateness it allows.
    """
    delays = st.one_of(st.just(0), st.integers(0, CORRECTIONS + LATENESS))
    return as_they_arrive(
        with_first_claims_first([Arrival(event, draw(delays)) for event in events])
    )


def crowd(random: Random, number: int = 120, *, alike: bool = True) -> list[AnyEvent]:
    """Return as many accounts, of several agents of whom two are dishonest for half of the time.

    Where they may be `alike`, many are of one customer.
    """
    events: list[AnyEvent] = []
    for index in range(number):
        account, sale_id = f"account {index}", f"sale {index}"
        sold = random.randrange(DAYS * 24)
        agent = random.choice(("anna", "boris", "chen", "dora", "emil", None))
        falls = sold > DAYS * 12
        product, customer = (
            random.choice(("card", "line")),
            random.choice((None, None, "everybody")),
        )
        customer = customer if alike else None
        events.append(sale(sold, account, sale_id, agent, product, customer=customer))
        if random.random() > (0.9 if agent == "anna" and falls else 0.05):
            events.append(activity(sold + random.randrange(5 * 24), account))
        if random.random() < (0.8 if agent == "boris" and falls else 0.08):
            reason = random.choice(REASONS if agent == "dora" else REASONS[:2])
            by = random.choice(INITIATORS)
            after = random.randrange(-3, 2 * 24)
            events.append(cancellation(sold + after, account, sale_id, by, reason))
    return in_order(events)


def regulars(random: Random, number: int = 6) -> list[AnyEvent]:
    """Return a few customers who buy, leave, and buy again, each on accounts of their own.

    Some sales name an earlier one of their customer as replaced.
    """
    events: list[AnyEvent] = []
    for index in range(number):
        hours, sold = random.randrange(DAYS * 12), list[Sale]()
        for count in range(random.randrange(2, 8)):
            hours += random.randrange(36)
            old = random.choice(sold).sale_id if sold and random.random() < 0.6 else None
            made = sale(
                hours,
                f"account {index}.{count}",
                f"sale {index}.{count}",
                random.choice(("anna", "anna", "anna", "boris", None)),
                random.choice(("card", "card", "line")),
                customer=f"customer {index}",
                replaces=old,
            )
            sold.append(made)
            events.append(made)
            if random.random() < 0.5:
                reason = random.choice((*REASONS, "replaced"))
                after, refund = random.randrange(-3, 5 * 24), random.choice(REFUNDS)
                account, name = made.account_id, made.sale_id
                by = random.choice(INITIATORS)
                events.append(cancellation(hours + after, account, name, by, reason, refund))
    return in_order(events)
