"""One agent in so many in the shadow null: chosen by name alone, and judged as if all were."""

from collections.abc import Callable, Collection
from itertools import count
from random import Random

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.agents.null.null_rows import NO_ROW, NullRows
from detectors.agents.state import AgentsState
from detectors.alerts.alert import Alert
from detectors.basis.identifiers import AgentId
from detectors.evidence.arrays import Integers
from detectors.evidence.early import EarlyEvidenceTable
from detectors.evidence.prior import Prior
from detectors.evidence.rows import EvidenceRows, EvidenceRowsState
from detectors.evidence.shiryaev_roberts import EvidenceTable
from detectors.pipeline import Pipeline, PipelineState
from detectors.settings import Settings, ShadowNull
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, SETTINGS, crowd

NAMES = st.lists(st.text(max_size=3).map(AgentId), unique=True, max_size=30)
OURS = {"config_hash", "alert_id", "null_alarms", "null_agent_years"}
"""What may differ between alerts if fewer are judged by the null."""


class EveryOther(NullRows):
    """Chooses by the place: who comes first decides who is judged."""

    def of(self, agents: Collection[AgentId]) -> Integers:
        numbers = np.arange(len(agents))
        return np.where(numbers % 2 == 0, numbers // 2, NO_ROW)


def law(make: Callable[[int, int], NullRows], data: st.DataObject) -> None:
    names, seed = data.draw(NAMES), data.draw(st.integers(0, 9))
    one_in, cut = data.draw(st.sampled_from((1, 2, 7))), data.draw(st.integers(0, 30))
    rows = make(seed, one_in)
    rows.of(names[:cut])
    number = count()
    alone = (make(seed, one_in).of([name])[0] != NO_ROW for name in reversed(names))
    expected = [next(number) if chosen else NO_ROW for chosen in reversed([*alone])]
    assert rows.of(names).tolist() == expected


@given(st.data())
def test_the_name_alone_decides_who_is_judged(data: st.DataObject) -> None:
    law(NullRows, data)


def test_the_law_catches_who_chooses_by_place() -> None:
    assert refuted(law, EveryOther)


def test_one_in_so_many_is_judged() -> None:
    names = [AgentId(f"agent-{number:05d}") for number in range(10_000)]
    judged = [int(NullRows(1, one_in).of(names).max()) + 1 for one_in in (1, 4, 100)]
    assert judged[0] == 10_000
    assert 2_350 < judged[1] < 2_650
    assert 70 < judged[2] < 130


def run(one_in: int) -> tuple[list[Alert], AgentsState]:
    """Judge a crowd; return what is told of it, and the state."""
    settings = structs.replace(SETTINGS, shadow_null=ShadowNull(one_in=one_in))
    pipeline = Pipeline(settings)
    for event in crowd(Random(1)):  # noqa: S311 - the same crowd each time
        pipeline.apply(event)
    pipeline.advance(END)
    alerts = pipeline.alerts()
    state = msgspec.msgpack.decode(pipeline.snapshot(), type=PipelineState)
    return alerts, msgspec.msgpack.decode(state.agents, type=AgentsState)


def without_ours(alert: Alert) -> object:
    return _without(msgspec.to_builtins(alert))


def _without(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {key: _without(inner) for key, inner in value.items() if key not in OURS}


def test_an_agent_is_judged_by_chance_as_if_all_were() -> None:
    (all_alerts, whole), (alerts, part) = run(1), run(2)
    assert alerts
    assert list(map(without_ours, alerts)) == list(map(without_ours, all_alerts))
    compared = 0
    for name, tier in whole.mature.items():
        few, many = part.mature[name].shadow, tier.shadow
        assert few is not None
        assert many is not None
        compared += same_rows(
            tier.evidence.agents,
            rows_of(EvidenceTable, few.table),
            rows_of(EvidenceTable, many.table),
        )
        assert few.count.agent_days <= many.count.agent_days
    for name, early in whole.early.items():
        few_rows, many_rows = part.early[name].null, early.null
        assert few_rows is not None
        assert many_rows is not None
        compared += same_rows(
            early.agents,
            rows_of(EarlyEvidenceTable, few_rows.table),
            rows_of(EarlyEvidenceTable, many_rows.table),
        )
    assert compared > 0


def rows_of(kind: type[EvidenceRows], state: EvidenceRowsState) -> list[bytes]:
    table = kind(Prior(0.25))
    table.restore(state)
    return [table.row_state(row) for row in range(len(table))]


def same_rows(agents: list[AgentId], few: list[bytes], many: list[bytes]) -> int:
    """Compare the rows of those judged with what they are when all are; count them."""
    chosen = np.flatnonzero(NullRows(1, 2).of(agents) != NO_ROW).tolist()
    pairs = [*zip(few, chosen, strict=False)]
    assert few == [many[row] for _, row in pairs]
    return len(pairs)


def test_that_all_are_judged_is_no_setting_of_its_own() -> None:
    assert "one_in" not in Settings().effective()["shadow_null"]
    assert structs.replace(SETTINGS, shadow_null=ShadowNull(one_in=2)).effective()["shadow_null"]
