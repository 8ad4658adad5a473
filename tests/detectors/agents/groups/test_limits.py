"""Law 11 for sites and teams: how many are remembered is bounded, whoever shares the work."""

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.agents.causes.members import Members
from detectors.agents.gathering.tenure import Tenure, TenureState
from detectors.agents.groups.one_kind import Groups
from detectors.agents.roster import Roster
from detectors.agents.stage import Agents
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, Cell, GroupKind, PatternName
from detectors.events.event import AnyEvent, Sale
from detectors.ledger.stage import Ledger
from detectors.limit_settings import Limits
from detectors.messages.newcomers import EVERYBODY, Places
from detectors.messages.within import ROW, GroupRows, held, numbers
from detectors.peers.compared import Compared
from detectors.peers.room import FREQUENT
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from tests.detectors.channels import AlertLog
from tests.detectors.installation import Installation
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, GROUPED, crowd, orders

MOST = 4
BOUNDED = structs.replace(GROUPED, limits=Limits(most_groups=MOST))
SITE: GroupKind = "site"


class LetsInWhoComes(Roster):
    """Gives as many places itself as there may be in all."""

    def _admit(self, day: Day, places: Places) -> None:
        room = len(self._known) < MOST
        super()._admit(day, Places(rare=EVERYBODY if room else places.rare))


class WithLocalPlaces(Agents):
    """Agents whose groups have such a roster."""

    def __init__(self, settings: Settings, partition: int = 0, ledger_partitions: int = 1) -> None:
        super().__init__(settings, partition, ledger_partitions)
        for kind, groups in self.groups.kinds.items():
            groups.roster = LetsInWhoComes((), kind)  # type: ignore[misc] # broken on purpose


def many_sites(random: Random) -> list[AnyEvent]:
    """Return a crowd whose sales name one of more sites than may be judged."""
    return [
        structs.replace(event, site=f"site {random.randrange(3 * MOST)}")
        if isinstance(event, Sale)
        else event
        for event in crowd(random, 60)
    ]


def known(groups: Groups) -> list[AgentId]:
    return groups.roster.snapshot().known


def is_bounded(agents: type[Agents], data: st.DataObject) -> None:
    events = data.draw(orders(data.draw(st.randoms(use_true_random=True).map(many_sites))))
    installation = Installation(events, 3, Ledger, agents, BOUNDED)
    installation.run(data.draw(st.randoms(use_true_random=True)), crashes=True)
    pipeline, log = Pipeline(BOUNDED), AlertLog()
    for event in events:
        pipeline.apply(event)
    pipeline.advance(END)
    log.emit(pipeline.alerts())
    alone = pipeline._agents  # noqa: SLF001 - to compare
    judged = [name for one in installation.agents for name in known(one.agents.groups.kinds[SITE])]
    assert sorted(judged) == known(alone.groups.kinds[SITE])
    assert 0 < len(judged) <= MOST
    told = sum(one.agents.groups.without_place()[SITE] for one in installation.agents)
    assert told == pipeline.groups_without_place()[SITE] > 0
    for one in (alone, *(one.agents for one in installation.agents)):
        for histories in one.causes.snapshot().histories.values():
            assert len(histories.get(SITE, {})) <= MOST
    assert installation.peers.peers.groups_used >= 0.5
    assert installation.alerts == log


@settings(max_examples=2)
@given(data=st.data())
def test_bounds_are_the_same_in_any_partitioning_and_after_any_crash(data: st.DataObject) -> None:
    is_bounded(Agents, data)


def test_the_law_refutes_groups_that_give_places_themselves() -> None:
    assert refuted(is_bounded, WithLocalPlaces, examples=20)


def rows_of(counts: dict[str, int]) -> GroupRows:
    rows = [(place, 0, number, 0) for place, number in enumerate(counts.values())]
    return GroupRows(
        tuple(counts), (Cell("card"),), held(np.array(rows, np.int64).reshape(-1, ROW))
    )


names = st.sampled_from([f"site {number}" for number in range(12)])
days = st.lists(st.dictionaries(names, st.integers(-1, 2 * FREQUENT), max_size=8), max_size=6)


@given(days=days, most=st.integers(2, 8), partitions=st.integers(1, 3))
def test_there_are_never_more_groups_than_there_may_be_whoever_tells_of_them(
    days: list[dict[str, int]], most: int, partitions: int
) -> None:
    whole, cut = Compared(most), Compared(most)
    for counts in days:
        whole.admit([rows_of(counts)])
        items = list(counts.items())
        cut.admit([rows_of(dict(items[first::partitions])) for first in range(partitions)])
        assert cut.names == whole.names
        assert len(whole.names) <= most


def test_the_rows_of_a_test_are_those_of_a_message() -> None:
    rows = rows_of({"leeds": 3, "porto": 0})
    assert rows.is_whole()
    assert numbers(rows.rows)[:, 2].tolist() == [3, 0]


def test_who_is_not_judged_is_forgotten() -> None:
    anna, boris, quick = AgentId("anna"), AgentId("boris"), PatternName("quick_cancellation")
    members = Members([SITE])
    members.restore({SITE: {anna: "leeds", boris: "porto"}})
    members.keep({anna})
    assert members.of == {SITE: {anna: "leeds"}}
    state = TenureState({quick: {anna: Day(1), boris: Day(2)}})
    Tenure(state, 7).keep({boris}, Day(9))
    assert state.first == {quick: {boris: Day(2)}}
