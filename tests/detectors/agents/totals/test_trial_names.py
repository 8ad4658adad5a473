"""Names of trials are forgotten when they are too many, and nobody can tell."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.null.trial_columns import trial_columns
from detectors.agents.totals import trial_names
from detectors.agents.totals.slots import SlotIndex
from detectors.agents.totals.trial_names import TrialNames, forget_names
from detectors.agents.totals.trial_slots import TrialSlots
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.messages.outcome_columns import in_columns
from detectors.messages.outcomes import Outcome

DAYS = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(["anna", "boris", "chen", None]), st.sampled_from(["a", "a/x", "b"])
        ),
        max_size=4,
    ),
    min_size=1,
    max_size=8,
)


class KeepsItsRows(TrialSlots):
    """Goes on with the numbers of names that were forgotten."""

    def _of_before(self) -> bool:
        return False


def sold(agent: str | None, cell: str, number: int) -> Outcome:
    agent_id = None if agent is None else AgentId(agent)
    name, at = PatternName("some pattern"), Seconds(0.0)
    return Outcome(name, SaleId(str(number)), agent_id, Cell(cell), at, at, Verdict.GOOD)


Days = list[list[tuple[str | None, str]]]


def course(kind: type[TrialSlots], days: Days, most: int) -> object:
    """Return all that is made of the outcomes of some days."""
    names, index = TrialNames(), SlotIndex()
    index.tree.nodes([Cell("a/x"), Cell("b")])
    rows: dict[AgentId, int] = {}
    slots = kind(names, index, lambda agent: rows.setdefault(agent, len(rows)))
    told = []
    for day in days:
        outcomes = [sold(agent, cell, number) for number, (agent, cell) in enumerate(day)]
        judged, _, of_day = slots.of(in_columns(outcomes), trial_columns(outcomes, names, None))
        told.append((judged, of_day.tolist()))
        names.forget_beyond(most)
        assert max(len(names.agents), len(names.cells)) <= most
    return told, rows, index.snapshot()


@given(DAYS, st.integers(0, 3))
def test_forgetting_changes_no_slot(days: Days, most: int) -> None:
    assert course(TrialSlots, days, most) == course(TrialSlots, days, 1_000)


def test_the_law_catches_who_goes_on_with_numbers_of_before() -> None:
    days: Days = [[("anna", "a")], [("boris", "b")]]
    assert course(KeepsItsRows, days, 0) != course(KeepsItsRows, days, 1_000)


def test_invented_names_are_not_kept_for_ever() -> None:
    names = TrialNames()
    for day in range(5):
        outcomes = [sold(f"agent {day}.{number}", "", number) for number in range(6_000)]
        names.agents_of(outcomes)
        forget_names([(names, 10)])
        assert len(names.agents) <= trial_names.NAMES + 20
