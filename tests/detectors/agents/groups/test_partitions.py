"""Laws 1 and 2 for sites and teams: partitions, interleaving and crashes change no alert."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.agents.stage import Agents
from detectors.ledger.stage import Ledger
from detectors.pipeline import Pipeline
from tests.detectors.agents.broken import CountsGroupsOfItsOwn, KnowsOnlyGroupsOfItsOwn
from tests.detectors.channels import AlertLog
from tests.detectors.installation import Installation
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, GROUPED, crowd, orders

How = tuple[type[Agents], int, bool]
"""The stage, over how many partitions, and whether processes crash."""


def law(how: How, data: st.DataObject) -> None:
    agents, partitions, crashes = how
    events = data.draw(orders(data.draw(st.randoms(use_true_random=True).map(crowd))))
    pipeline = Pipeline(GROUPED)
    for event in events:
        pipeline.apply(event)
    pipeline.advance(END)
    expected = AlertLog()
    expected.emit(pipeline.alerts())
    installation = Installation(events, partitions, Ledger, agents, GROUPED)
    installation.run(data.draw(st.randoms(use_true_random=True)), crashes=crashes)
    assert installation.alerts == expected


@pytest.mark.parametrize(("partitions", "crashes"), [(1, True), (2, False), (4, True)])
@settings(max_examples=3)
@given(data=st.data())
def test_partitions_and_crashes_change_no_alert_about_a_group(
    data: st.DataObject, *, partitions: int, crashes: bool
) -> None:
    law((Agents, partitions, crashes), data)


@pytest.mark.parametrize(
    ("agents", "partitions"), [(KnowsOnlyGroupsOfItsOwn, 2), (CountsGroupsOfItsOwn, 4)]
)
def test_the_law_catches_stages_that_know_their_own_groups_only(
    agents: type[Agents], partitions: int
) -> None:
    assert refuted(law, (agents, partitions, False))
