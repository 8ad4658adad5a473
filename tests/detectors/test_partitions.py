"""Law 1 and law 2: partitions, batches, interleaving and crashes change no alert."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.agents.stage import Agents
from detectors.events.event import AnyEvent
from detectors.ledger.stage import Ledger
from detectors.pipeline import Pipeline
from tests.detectors.agents.broken import (
    AppliesAsItComes,
    BelievesTheFirstLedger,
    CorrectsWhatIsSentAgain,
    CountsWhatIsSentAgain,
)
from tests.detectors.channels import AlertLog
from tests.detectors.installation import Installation
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, SETTINGS, crowd, late_orders, orders, worlds

Stages = tuple[type[Ledger], type[Agents], int]
EVENTS = st.one_of(worlds(), st.randoms(use_true_random=True).map(crowd))


def in_one_process(events: Sequence[AnyEvent]) -> AlertLog:
    pipeline = Pipeline(SETTINGS)
    for event in events:
        pipeline.apply(event)
    pipeline.advance(END)
    log = AlertLog()
    log.emit(pipeline.alerts())
    return log


def partition_law(stages: Stages, data: st.DataObject) -> None:
    ledger, agents, partitions = stages
    events = data.draw(orders(data.draw(EVENTS)))
    installation = Installation(events, partitions, ledger, agents)
    installation.run(data.draw(st.randoms(use_true_random=True)))
    assert installation.alerts == in_one_process(events)


def crash_law(stages: Stages, data: st.DataObject) -> None:
    ledger, agents, partitions = stages
    # several partitions see a late event at their own watermarks, so only one can be compared
    order = late_orders if partitions == 1 else orders
    events = data.draw(order(data.draw(EVENTS)))
    installation = Installation(events, partitions, ledger, agents)
    installation.run(data.draw(st.randoms(use_true_random=True)), crashes=True)
    assert installation.alerts == in_one_process(events)


@pytest.mark.parametrize("partitions", [1, 2, 4])
@settings(max_examples=5)
@given(data=st.data())
def test_partitions_batches_and_interleaving_change_no_alert(
    partitions: int, data: st.DataObject
) -> None:
    partition_law((Ledger, Agents, partitions), data)


@pytest.mark.parametrize("partitions", [1, 4])
@settings(max_examples=5)
@given(data=st.data())
def test_crashes_change_no_alert(partitions: int, data: st.DataObject) -> None:
    crash_law((Ledger, Agents, partitions), data)


@pytest.mark.parametrize(
    ("law", "ledger", "agents", "partitions"),
    [
        (partition_law, Ledger, BelievesTheFirstLedger, 2),
        (partition_law, Ledger, AppliesAsItComes, 1),
        (crash_law, Ledger, CountsWhatIsSentAgain, 1),
        (crash_law, Ledger, CorrectsWhatIsSentAgain, 1),
    ],
)
def test_the_laws_catch_stages_that_break_them(
    law: Callable[[Stages, st.DataObject], None],
    ledger: type[Ledger],
    agents: type[Agents],
    partitions: int,
) -> None:
    assert refuted(law, (ledger, agents, partitions))
