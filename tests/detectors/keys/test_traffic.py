"""What agents had to do with customers: by definition, in any order, however it is cut."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Day, Seconds, seconds_at
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.events.event import Access, Agent, AnyEvent, Interaction, RosteredHours, Sale
from detectors.facts.account import Verdict
from detectors.facts.staff.record import StaffRecord
from detectors.facts.traffic.touch import Touch, Touched
from detectors.facts.traffic.touches import MOST_A_DAY, Touches
from detectors.keys.group import Span
from detectors.keys.groups_in_time import Key
from detectors.keys.stage import Concerned, Keys
from detectors.ledger.stage import Ledger
from tests.detectors.definition import Fact, facts_in_the_end
from tests.detectors.keys.runs import of_type, randoms, said
from tests.detectors.patterns.by_traffic import DAY, ONLY_TRAFFIC, TRAFFIC
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, SETTINGS, at, in_order, late_orders, orders

AGENTS: Final = ("anna", "boris")
CUSTOMERS: Final = ("ada", "ben", "cy")
DAYS: Final = 12


def traffic(random: Random) -> list[AnyEvent]:
    """Return sales, calls and accesses of two agents; of some nobody knows with whom."""
    events: list[AnyEvent] = []
    rare = random.random() < 0.5
    hours = 72
    for number in range(random.randrange(4, 12)):
        # As often as not in a row, so that a day has several.
        hours = random.choice((hours, hours + 3, random.randrange(72, DAYS * 24)))
        agent = random.choice(AGENTS)
        customer = random.choice(CUSTOMERS)
        one = sold(hours, number, agent, customer, random.random() < 0.15)
        events.append(
            structs.replace(
                one,
                email_hash=random.choice(("of anna", "of anna", "of ada", None)),
                address_hash=random.choice(("north", "south", "home of boris", None)),
            )
        )
        if random.random() < 0.8:
            before = random.randrange(-6, 60)
            events.append(looked_up(hours - before, f"{number}", agent, customer, called=False))
    events += [*known_of(random), *rosters(random)]
    for agent in AGENTS:
        for day in range(DAYS):
            if random.random() < 0.7:
                who = random.choice(("dee", "dee", "dee", *CUSTOMERS, None if rare else "eve"))
                events.append(met(day * 24 + random.randrange(24), f"{day}", agent, who))
            if random.random() < 0.5:
                called = random.random() < 0.5
                hours = day * 24 + random.randrange(24)
                events.append(looked_up(hours, f"of {day}", agent, "dee", called=called))
    return in_order(events)


def known_of(random: Random) -> list[AnyEvent]:
    """Return what master data tells of the agents before any sale is judged."""
    own = (("anna", "of anna", None), ("anna", None, "north"), ("boris", None, "home of boris"))
    told = [
        Agent(
            event_id=f"known {number}",
            account_id=AccountId("anna"),
            occurred_at=at(random.randrange(72)),
            agent_id=AgentId(agent),
            email_hash=email,
            address_hash=address,
        )
        for number, (agent, email, address) in enumerate(own)
    ]
    return [one for one in told if random.random() < 0.8]


def rosters(random: Random) -> list[AnyEvent]:
    """Return shifts of the agents, each told before a sale can be judged by it."""
    shifts = [
        (agent, day * 24 + random.randrange(5, 14))
        for agent in AGENTS
        for day in range(DAYS + 2)
        if random.random() < 0.8
    ]
    return [
        RosteredHours(
            event_id=f"shift {number}",
            account_id=AccountId(agent),
            occurred_at=at(hours - random.randrange(1, 6)),
            agent_id=AgentId(agent),
            starts_at=at(hours),
            ends_at=at(hours + random.randrange(1, 12)),
        )
        for number, (agent, hours) in enumerate(shifts)
    ]


def sold(hours: int, number: int, agent: str | None, customer: str, named: bool) -> Sale:  # noqa: FBT001 - drawn
    return Sale(
        event_id=f"sold {number}",
        account_id=AccountId(f"account {number}"),
        occurred_at=at(hours),
        sale_id=SaleId(f"sale {number}"),
        customer_id=customer,
        agent_id=None if agent is None else AgentId(agent),
        product="card",
        amount=1.0,
        interaction_id=f"call {number}" if named else None,
    )


def met(hours: int, name: str, agent: str | None, customer: str | None) -> Interaction:
    return Interaction(
        event_id=f"met {name} {agent}", account_id=AccountId(f"about {name}"), **_who(locals())
    )


def looked_up(hours: int, name: str, agent: str, customer: str, *, called: bool) -> Access:
    return Access(
        event_id=f"looked {name} {agent} {called}",
        account_id=AccountId(f"of {customer}"),
        interaction_id="call" if called else None,
        **_who(locals()),
    )


def _who(known: dict[str, Any]) -> dict[str, Any]:
    agent = known["agent"]
    return {
        "occurred_at": at(known["hours"]),
        "agent_id": None if agent is None else AgentId(agent),
        "customer_id": known["customer"],
    }


def defined(events: Sequence[AnyEvent]) -> set[Fact]:
    return set(_defined(events))


def _defined(events: Sequence[AnyEvent]) -> Iterator[Fact]:
    for name, example in TRAFFIC.items():
        for one in events:
            if isinstance(one, Sale):
                verdict = example.verdict(one, DAY, events)
                if verdict is not Verdict.EXCLUDED:
                    who = (one.account_id, one.sale_id, AgentId(one.agent_id or ""), "card/-")
                    yield Fact(name, *who, Seconds(seconds_at(one.occurred_at) + DAY), verdict)


EVENTS: Final = randoms().map(traffic)


def definition_law(keys: type[Keys], data: st.DataObject) -> None:
    """Require what is defined, whatever the order within the lateness, and the partitions."""
    events = data.draw(EVENTS)
    outcomes = said(
        data.draw(orders(events)),
        of_type(keys, ONLY_TRAFFIC),
        data.draw(randoms()),
        ledgers=data.draw(st.sampled_from((1, 2, 4))),
        keys=data.draw(st.sampled_from((1, 2))),
        settings=ONLY_TRAFFIC,
    )
    assert all(one.known_at == one.matured_at for one in outcomes), "all were in time"
    assert facts_in_the_end(outcomes) == defined(events)


def correction_law(keys: type[Keys], data: st.DataObject) -> None:
    """Require that late events lead to where events in time do."""
    events = data.draw(EVENTS)
    order = data.draw(late_orders(events))
    outcomes = said(order, of_type(keys, ONLY_TRAFFIC), data.draw(randoms()), settings=ONLY_TRAFFIC)
    assert facts_in_the_end(outcomes) == defined(events)


def interleaving_law(keys: type[Keys], data: st.DataObject) -> None:
    """Require the same however messages are mixed, repeated, and cut by restarts."""
    events = data.draw(late_orders(data.draw(EVENTS)))
    first, again = (
        said(
            events,
            of_type(kind, ONLY_TRAFFIC),
            data.draw(randoms()),
            ledgers=2,
            keys=2,
            restarts=restarts,
            settings=ONLY_TRAFFIC,
        )
        for kind, restarts in ((Keys, False), (keys, True))
    )
    assert again == first


@settings(max_examples=12)
@given(data=st.data())
def test_what_is_said_is_what_it_is_by_definition(data: st.DataObject) -> None:
    definition_law(Keys, data)


@settings(max_examples=12)
@given(data=st.data())
def test_what_comes_late_corrects_what_was_said(data: st.DataObject) -> None:
    correction_law(Keys, data)


@settings(max_examples=12)
@given(data=st.data())
def test_neither_mixing_nor_repeats_nor_restarts_change_what_is_said(data: st.DataObject) -> None:
    interleaving_law(Keys, data)


class HearsOfNoTouch(Keys):
    """Takes every agent for one of whom nothing is recorded."""

    def _touch(self, touches: Sequence[Touch], now: Seconds) -> Concerned:
        del touches, now
        return {}


class TakesTouchesAsTheyCome(Keys):
    """Judges before it knows what was told of the time before."""

    def _touch(self, touches: Sequence[Touch], now: Seconds) -> Concerned:
        return super()._touch(touches, Seconds(min([now, *(one.touched.at for one in touches)])))


class NeverCorrects(Keys):
    """Lets stand what was said, whatever comes late."""

    def _settle_again(
        self, key: Key, spans: Sequence[Span], now: Seconds, asking: Iterable[tuple[int, float]]
    ) -> None:
        del key, spans, now, asking


class HearsNothingOfAgents(Keys):
    """Takes every agent for one of whom no master data was read."""

    def _learn(self, records: Sequence[StaffRecord], now: Seconds) -> Concerned:
        del records, now
        return {}


class JudgesWithWhatCameAfter(Keys):
    """Judges what was due before a shift became known as if it had been known."""

    def _settle_without(self, record: StaffRecord, now: Seconds) -> None:
        del record, now


class TakesAgentsAsTheyWere(Keys):
    """Lets stand what was said before an agent became known."""

    def _learn(self, records: Sequence[StaffRecord], now: Seconds) -> Concerned:
        super()._learn(records, now)
        return {}


class SavesNoAgent(Keys):
    """Forgets with every restart what is known of agents."""

    def restore(self, snapshot: bytes) -> None:
        super().restore(snapshot)
        for group in self._groups.values():
            group.staff.contacts = ()
            group.staff.shifts.clear()


class SavesNoTouch(Keys):
    """Forgets with every restart what agents had to do with customers."""

    def restore(self, snapshot: bytes) -> None:
        super().restore(snapshot)
        for group in self._groups.values():
            for day in list(group.touches.days):
                group.touches.forget(day)


class SavesNoneThatWait(Keys):
    """Forgets with every restart what it was told ahead of time."""

    def restore(self, snapshot: bytes) -> None:
        super().restore(snapshot)
        self._waiting.touches.clear()


class ForgetsDaysTooEarly(Keys):
    """Keeps a day no longer than it is over."""

    def _plan_day(self, key: Key, day: Day) -> None:
        self._touches_kept_for = 0.0  # type: ignore[misc]  # a fault
        super()._plan_day(key, day)


@pytest.mark.parametrize(
    ("law", "broken"),
    [
        (definition_law, HearsOfNoTouch),
        (definition_law, ForgetsDaysTooEarly),
        (definition_law, HearsNothingOfAgents),
        (correction_law, NeverCorrects),
        (correction_law, TakesAgentsAsTheyWere),
        (correction_law, TakesTouchesAsTheyCome),
        (interleaving_law, JudgesWithWhatCameAfter),
        (interleaving_law, SavesNoAgent),
        (interleaving_law, SavesNoTouch),
        (interleaving_law, SavesNoneThatWait),
    ],
)
def test_the_laws_catch_ledgers_that_break_them(
    law: Callable[[type[Keys], st.DataObject], None], broken: type[Keys]
) -> None:
    assert refuted(law, broken)


@given(EVENTS, st.integers(0, DAYS * 24))
def test_a_reorganisation_changes_no_verdict(events: list[AnyEvent], hours: int) -> None:
    told: list[AnyEvent] = [
        Agent(
            event_id=f"moved {agent}",
            account_id=AccountId(agent),
            occurred_at=at(hours),
            agent_id=AgentId(agent),
            site="porto",
            team="new",
        )
        for agent in AGENTS
    ]
    moved = in_order(
        [
            structs.replace(one, site="porto", team="new")
            if isinstance(one, Sale) and one.occurred_at >= at(hours)
            else one
            for one in [*events, *told]
        ]
    )
    before, after = (
        said(some, of_type(Keys, ONLY_TRAFFIC), Random(1), settings=ONLY_TRAFFIC)  # noqa: S311 - the same
        for some in (events, moved)
    )
    assert facts_in_the_end(after) == facts_in_the_end(before) == defined(events)


def test_the_worlds_of_the_laws_hold_all_verdicts() -> None:
    random = Random(1)  # noqa: S311 - the same worlds every time
    worlds = [traffic(random) for _ in range(20)]
    for example in TRAFFIC.values():
        found = {
            example.verdict(one, DAY, events)
            for events in worlds
            for one in events
            if isinstance(one, Sale)
        }
        assert found == {Verdict.GOOD, Verdict.BAD, Verdict.EXCLUDED}


TOUCHED: Final = st.builds(
    lambda at, name, access: Touched(Seconds(at), name, 1, looked=access, met=not access),
    st.integers(0, 5).map(float),
    st.sampled_from("abc"),
    st.booleans(),
)


@given(st.lists(TOUCHED, max_size=20), st.randoms(use_true_random=True))
def test_touches_are_a_set_of_the_first_ones(some: list[Touched], random: Random) -> None:
    monkeypatched = pytest.MonkeyPatch()
    monkeypatched.setattr("detectors.facts.traffic.touches.MOST_A_DAY", 4)
    whole, again = Touches(), Touches()
    for one in some:
        whole.add(one)
    for one in random.sample([*some, *some], 2 * len(some)):
        again.add(one)
    monkeypatched.undo()
    assert again.days == whole.days
    kept = sorted({*some})
    over = kept[4].at if len(kept) > 4 else None
    for day in whole.days.values():
        assert day.whole_until == over
        assert day.touched == [one for one in kept if over is None or one.at < over]
        assert len(whole.accesses(1, 0.0, 9.0)) == sum(one.looked for one in day.touched)


def test_more_than_one_person_can_do_says_nothing() -> None:
    touches = Touches()
    for number in range(MOST_A_DAY + 1):
        touches.add(Touched(Seconds(float(number)), f"{number}", 7, looked=False, met=True))
    assert touches.is_whole(0.0, MOST_A_DAY - 1.0)
    assert not touches.is_whole(0.0, float(MOST_A_DAY))


def test_a_touch_is_refused_only_when_no_sale_waits_for_it() -> None:
    ledger = Ledger(ONLY_TRAFFIC)
    ledger.advance(Seconds(END))
    # Of corrections, a window, and what is looked back.
    limit = END - (72 + 24 + 4 * 24) * 3_600.0
    early = met(0, "early", "anna", "ada")
    with pytest.raises(InvalidEvent, match="corrections_for"):
        ledger.merge(early, Seconds(limit - 1.0))
    assert ledger.merge(early, Seconds(limit))
    assert ledger.drain().touches[0].known_at == END


def test_it_makes_no_account_and_names_nobody_where_no_agent_is_known() -> None:
    ledger = Ledger(ONLY_TRAFFIC)
    assert ledger.apply(met(1, "a", "anna", "ada"))
    assert not ledger.apply(met(1, "b", None, "ada"))
    assert not ledger.accounts()
    assert len(ledger.drain().touches) == 1
    nobody_asks = Ledger(SETTINGS)
    assert not nobody_asks.apply(met(1, "a", "anna", "ada"))
    assert not nobody_asks.drain().touches
