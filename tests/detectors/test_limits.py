"""Law 11: what is remembered is bounded, and the same whoever shares the work and stops when."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.agents.gathering.gathering import DayBatch
from detectors.agents.roster import Roster
from detectors.agents.stage import Agents
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.ledger.stage import Ledger
from detectors.limit_settings import Limits
from detectors.messages.newcomers import EVERYBODY, Newcomers, Places, held_keys, key_of
from detectors.messages.outcomes import SalesDay
from detectors.peers.places import places_of
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from tests.detectors.channels import AlertLog
from tests.detectors.installation import Installation
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, SETTINGS, crowd, orders

MOST = 4
BOUNDED = structs.replace(SETTINGS, limits=Limits(most_agents=MOST, largest_review=700))


class TellsTwice(Roster):
    """Tells of a newcomer again on the next day, if they are not judged yet."""

    def report(
        self,
        day: Day,
        sales: Mapping[Day, SalesDay],
        batches: Mapping[PatternName, DayBatch],
        *,
        follows_review: bool,
    ) -> Newcomers:
        self._lately = set()
        return super().report(day, sales, batches, follows_review=follows_review)


class LetsInWhoComes(Roster):
    """Gives as many places itself as there may be in all."""

    def _admit(self, day: Day, places: Places) -> None:
        room = len(self._known) < MOST
        super()._admit(day, Places(rare=EVERYBODY if room else places.rare))


class Broken(Agents):
    """Agents with another roster."""

    other: type[Roster] = Roster

    def __init__(self, settings: Settings, partition: int = 0, ledger_partitions: int = 1) -> None:
        super().__init__(settings, partition, ledger_partitions)
        self.roster = self.other(())  # type: ignore[misc] # broken on purpose


class WithTwice(Broken):
    other = TellsTwice


class WithLocalPlaces(Broken):
    other = LetsInWhoComes


def is_bounded(agents: type[Agents], data: st.DataObject) -> None:
    events = data.draw(orders(crowd(data.draw(st.randoms(use_true_random=True)), 60)))
    installation = Installation(events, 3, Ledger, agents, BOUNDED)
    installation.run(data.draw(st.randoms(use_true_random=True)), crashes=True)
    pipeline, log = Pipeline(BOUNDED), AlertLog()
    for event in events:
        pipeline.apply(event)
    pipeline.advance(END)
    log.emit(pipeline.alerts())
    known = [name for one in installation.agents for name in one.agents.roster.snapshot().known]
    assert sorted(known) == pipeline._agents.roster.snapshot().known  # noqa: SLF001 - to compare
    assert installation.peers.peers.agents == pipeline.known_agents == len(known) <= MOST
    assert installation.peers.peers.room.used == pipeline.room.used
    assert pipeline.room.share > 0.3
    assert installation.alerts == log


@settings(max_examples=3)
@given(data=st.data())
def test_bounds_are_the_same_in_any_partitioning_and_after_any_crash(data: st.DataObject) -> None:
    is_bounded(Agents, data)


@pytest.mark.parametrize("agents", [WithTwice, WithLocalPlaces])
def test_the_law_refutes_what_breaks_it(agents: type[Agents]) -> None:
    assert refuted(is_bounded, agents, examples=20)


NAMES = st.lists(st.text(min_size=1, max_size=3).map(AgentId), unique=True, max_size=20)


@given(NAMES, NAMES, st.integers(0, 30), st.integers(0, 30), st.integers(1, 4))
def test_there_are_never_more_agents_than_there_may_be(
    frequent: list[AgentId], rare: list[AgentId], known: int, most: int, partitions: int
) -> None:
    def told(first: int, step: int) -> Newcomers:
        return Newcomers(held_keys(frequent[first::step]), held_keys(rare[first::step]))

    places, after = places_of([told(one, partitions) for one in range(partitions)], known, most)
    assert places_of([told(0, 1)], known, most) == (places, after)
    let_in = [name for name in frequent if key_of(name) <= places.frequent]
    let_in += [name for name in rare if key_of(name) <= places.rare]
    assert after == known + len(let_in)
    assert after <= max(most, known)
