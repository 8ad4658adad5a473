"""Laws 1 and 2 for sites and teams: partitions, interleaving and crashes change no alert.

In a world in which one site is struck, so that alerts about its members are held back.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.agents.stage import Agents
from detectors.ledger.stage import Ledger
from detectors.pipeline import Pipeline
from tests.detectors.agents.broken import KnowsOnlyGroupsOfItsOwn
from tests.detectors.agents.causes.struck import struck
from tests.detectors.channels import AlertLog
from tests.detectors.installation import Installation
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, GROUPED, orders

How = tuple[type[Agents], int, bool]
"""The stage, over how many partitions, and whether processes crash."""


def law(how: How, data: st.DataObject) -> None:
    agents, partitions, crashes = how
    events = data.draw(orders(data.draw(st.randoms(use_true_random=True).map(struck))))
    pipeline = Pipeline(GROUPED)
    for event in events:
        pipeline.apply(event)
    pipeline.advance(END)
    expected = AlertLog()
    expected.emit(pipeline.alerts())
    installation = Installation(events, partitions, Ledger, agents, GROUPED)
    installation.run(data.draw(st.randoms(use_true_random=True)), crashes=crashes)
    assert installation.alerts == expected


@pytest.mark.parametrize(("partitions", "crashes"), [(2, True), (4, False)])
@settings(max_examples=2)
@given(data=st.data())
def test_partitions_and_crashes_change_no_alert_about_a_group(
    data: st.DataObject, *, partitions: int, crashes: bool
) -> None:
    law((Agents, partitions, crashes), data)


def test_the_law_catches_a_stage_that_knows_its_own_groups_only() -> None:
    assert refuted(law, (KnowsOnlyGroupsOfItsOwn, 2, False))
