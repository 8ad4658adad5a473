"""What is known of agents across accounts: contacts of their own, and shifts on the roster."""

from collections.abc import Sequence
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import Day, Seconds, seconds_at
from detectors.basis.identifiers import AccountId, AgentId
from detectors.events.event import Agent, AnyEvent, RosteredHours
from detectors.facts.staff.record import StaffRecord
from detectors.facts.staff.staff import MOST_CONTACTS, MOST_SHIFTS, OwnContact, Shift, Staff
from detectors.keys.stage import Keys
from detectors.keys.state import KeysState
from detectors.ledger.stage import Ledger
from detectors.limit_settings import Limits
from detectors.messages.mentions import MentionBundle
from detectors.messages.outcomes import Outcome
from tests.detectors.keys.runs import mentions_of, order
from tests.detectors.keys.test_traffic import sold
from tests.detectors.patterns.by_traffic import DAY, ONLY_TRAFFIC
from tests.detectors.worlds import END, SETTINGS, at, in_order


def test_contacts_are_a_set_of_bounded_size_and_so_are_the_agents_who_have_some() -> None:
    contacts = [OwnContact(0, number) for number in range(1, MOST_CONTACTS + 2)]
    whole, again = Staff(), Staff()
    assert whole.add(contacts)
    for one in reversed(contacts):
        again.add([one])
    assert again.contacts == whole.contacts == tuple(contacts[:-1])
    assert not whole.add(contacts)
    few = structs.replace(ONLY_TRAFFIC, limits=Limits(most_agents=2))
    keys = Keys(few)
    told = [StaffRecord("agent_id", value, Seconds(1.0), (contacts[0],)) for value in (1, 2, 3)]
    more = [StaffRecord("agent_id", 1, Seconds(2.0), (contacts[1],))]
    keys.receive(MentionBundle(0, Seconds(3.0), staff=[*told, *more]))
    restored = Keys(few)
    restored.restore(keys.snapshot())
    restored.receive(
        MentionBundle(0, Seconds(5.0), staff=[structs.replace(told[2], known_at=Seconds(4.0))])
    )
    for stage in (keys, restored):
        assert {saved.value: len(saved.contacts) for saved in decoded(stage).keys} == {1: 2, 2: 1}


def shift(starts: int, ends: int, told: int = 0, agent: str | None = "anna") -> RosteredHours:
    return RosteredHours(
        event_id=f"shift {starts} {ends}",
        account_id=AccountId("anna"),
        occurred_at=at(told),
        agent_id=None if agent is None else AgentId(agent),
        starts_at=at(starts),
        ends_at=at(ends),
    )


def test_a_shift_is_passed_on_if_it_is_one_and_a_sale_may_still_ask_for_it() -> None:
    ledger, nobody_asks = Ledger(ONLY_TRAFFIC), Ledger(SETTINGS)
    assert not nobody_asks.apply(shift(5, 9))
    for good in (shift(5, 9), shift(5, 29), shift(5, 5), shift(2_400, 2_408)):
        assert ledger.apply(good)
    for bad in (shift(9, 5), shift(5, 30), shift(2_401, 2_408), shift(5, 9, agent=None)):
        assert not ledger.apply(bad)
    ledger.advance(Seconds(END))
    limit = int((END - seconds_at(at(0))) / 3_600 - (72 + 24 + 48))
    assert not ledger.apply(shift(limit - 9, limit - 1))
    assert ledger.apply(shift(limit - 8, limit))
    assert ledger.drain().staff[-1].known_at == END


@given(st.lists(st.integers(0, 30), max_size=40), st.randoms(use_true_random=True))
def test_shifts_are_a_set_of_the_first_ones_of_a_day(hours: list[int], random: Random) -> None:
    shifts = [Shift(Seconds(3_600.0 * one), Seconds(3_600.0 * one + 60.0)) for one in hours]
    whole, again = Staff(), Staff()
    for one in shifts:
        whole.add_shift(one)
    for one in random.sample([*shifts, *shifts], 2 * len(shifts)):
        again.add_shift(one)
    assert again.shifts == whole.shifts
    first = sorted({one for one in shifts if one.since < DAY})
    assert whole.shifts.get(Day(0), []) == first[: MOST_SHIFTS + 1]
    assert whole.is_whole(0.0, DAY - 1.0) == (len(first) <= MOST_SHIFTS)


def test_days_of_a_roster_are_forgotten_and_make_room_for_others() -> None:
    few = structs.replace(ONLY_TRAFFIC, limits=Limits(most_agents=2))
    keys, restored = Keys(few), Keys(few)
    early, late = (Shift(Seconds(day * DAY), Seconds(day * DAY)) for day in (1, 400))
    told = [StaffRecord("agent_id", value, Seconds(DAY), shift=early) for value in (1, 2, 3)]
    keys.receive(MentionBundle(0, Seconds(2 * DAY), staff=told))
    assert [one.value for one in decoded(keys).keys] == [1, 2]
    restored.restore(keys.snapshot())
    for stage in (keys, restored):
        stage.receive(MentionBundle(0, Seconds(300 * DAY)))
        assert not decoded(stage).keys
        again = StaffRecord("agent_id", 3, Seconds(400 * DAY), shift=late)
        stage.receive(MentionBundle(0, Seconds(401 * DAY), staff=[again]))
        assert [one.value for one in decoded(stage).keys] == [3]


def drained(events: Sequence[AnyEvent], every: int, keys: Keys) -> list[Outcome]:
    """Return what is said of events of which a ledger tells after so many, and in the end."""
    ((sent,),) = mentions_of(events, 1, 1, every, ONLY_TRAFFIC)
    for bundle in sent:
        keys.receive(bundle)
    return sorted(keys.drain().outcomes, key=order)


def roster_of(agent: str, day: int) -> list[AnyEvent]:
    """Return three days with a shift each, and a sale in the evening of the second."""
    shifts: list[AnyEvent] = [
        structs.replace(
            shift(hours, hours + 6, hours - 1, agent), event_id=f"shift {agent} {hours}"
        )
        for hours in range(24 * day + 6, 24 * day + 78, 24)
    ]
    return [*shifts, sold(24 * day + 38, day, agent, "ada", named=False)]


def known_late(keys: type[Keys], *, most_agents: int) -> bool:
    """Return whether the same is said of both agents, however seldom a ledger tells.

    What was to be forgotten meanwhile must neither be judged again, nor take the room of others.
    """
    settings = structs.replace(ONLY_TRAFFIC, limits=Limits(most_agents=most_agents))
    known = Agent(
        event_id="known",
        account_id=AccountId("anna"),
        occurred_at=at(24 * 40),
        agent_id=AgentId("anna"),
        email_hash="of anna",
    )
    first = structs.replace(sold(80, 1, "anna", "ada", named=False), email_hash="of ada")
    log = in_order([first, *roster_of("anna", 4), *roster_of("boris", 35), known])
    often, seldom = (drained(log, every, keys(settings)) for every in (1, len(log)))
    return often == seldom and {one.agent_id for one in often} == {"anna", "boris"}


@pytest.mark.parametrize("most_agents", [1, 9])
def test_how_seldom_a_ledger_tells_changes_nothing_weeks_later(most_agents: int) -> None:
    assert known_late(Keys, most_agents=most_agents)


class JudgesAgainWhatIsGone(Keys):
    """Takes everything that is told of agents for recent."""

    def _settle_without(self, record: StaffRecord, now: Seconds) -> None:
        self._corrections_for = float("inf")  # type: ignore[misc]  # a fault
        super()._settle_without(record, now)


class NobodyMakesRoom(Keys):
    """Lets agents who are to be forgotten take the room of others."""

    def _make_room(self, number: int, now: Seconds) -> None:
        del number, now


@pytest.mark.parametrize(("broken", "most"), [(JudgesAgainWhatIsGone, 9), (NobodyMakesRoom, 1)])
def test_that_catches_what_forgets_too_late(broken: type[Keys], most: int) -> None:
    assert not known_late(broken, most_agents=most)


def decoded(stage: Keys) -> KeysState:
    return msgspec.msgpack.decode(stage.snapshot(), type=KeysState)


def test_master_data_is_never_too_late_and_is_passed_on_where_somebody_asks() -> None:
    known = Agent(
        event_id="known",
        account_id=AccountId("anna"),
        occurred_at=at(0),
        agent_id=AgentId("anna"),
        email_hash="own",
    )
    ledger, nobody_asks = Ledger(ONLY_TRAFFIC), Ledger(SETTINGS)
    ledger.advance(Seconds(END + 1e9))
    assert ledger.apply(known)
    assert not ledger.apply(structs.replace(known, agent_id=None))
    assert not ledger.apply(structs.replace(known, email_hash=None))
    (told,) = ledger.drain().staff
    assert told.known_at == END + 1e9
    assert not ledger.accounts()
    assert not nobody_asks.apply(known)
