"""Every agent counts once in a dimension, and no group is so small that it tells of one person."""

import re
from collections.abc import Iterator
from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.access.local import LocalDoor
from streams.desk.fairness import groups
from streams.desk.fairness.agents import Dimension, SellingAgent, agents_in
from streams.desk.fairness.groups import SMALLEST, groups_of
from tests.integration.cases.desk_work import LAST
from tests.streams.desk.desk_at_hand import NAMES, TOLD, DeskAtHand, ask
from tests.streams.desk.event_records import START, sale

_NAMES: Final = st.sampled_from(["", "a", "b", "c", "d"])
AGENTS: Final = st.lists(
    st.builds(
        SellingAgent,
        st.fixed_dictionaries(dict.fromkeys(get_args(Dimension), _NAMES)),
        st.integers(1, 30),
        st.booleans(),
        st.sampled_from([None, "confirmed", "honest", "unclear"]),
    ),
    max_size=60,
)


def faults(agents: list[SellingAgent]) -> list[str]:
    found = []
    for dimension, shown in groups_of(agents).items():
        if any(group.agents < 5 for group in shown):
            found.append(f"{dimension}: a group is too small")
        if not shown:
            continue
        if len({(group.name, bool(group.joined)) for group in shown}) != len(shown):
            found.append(f"{dimension}: a group is there twice")
        if sum(group.agents for group in shown) > len(agents):
            found.append(f"{dimension}: somebody counts twice")
        if not 0 <= len(agents) - sum(group.agents for group in shown) < 5:
            found.append(f"{dimension}: a large group is left out")
        if sum(group.warned for group in shown) > sum(agent.warned for agent in agents):
            found.append(f"{dimension}: alerted twice")
    return found


@given(AGENTS)
def test_groups_are_large_and_disjoint(agents: list[SellingAgent]) -> None:
    assert faults(agents) == []


def test_small_groups_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "SMALLEST", 1)
    agents = [
        SellingAgent(dict.fromkeys(get_args(Dimension), name), 1, warned=False, found=None)
        for name in "aaaaaab"
    ]
    assert faults(agents)


# --------------------------------------------------------------------------------------- the page


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("viewer")) as found:
        found.model.take_in(
            sale(
                f"agent-{number}",
                at,
                team="alone" if number == 59 else f"team-{number % 2}",
                site=5 if number == 58 else "north",
                product="card" if number % 3 else "loan",
            )
            for number in range(1, 60)
            for at in (START, LAST)
        )
        yield found


def test_the_page_counts_whom_the_model_has(desk: DeskAtHand) -> None:
    found = agents_in(desk.model)
    told = {alert.alert_id: alert for alert in TOLD}
    warned = {
        alert.subject.id
        for alert in told.values()
        if alert.severity != "info" and alert.status != "withdrawn"
    }
    assert sum(agent.warned for agent in found.selling) == len(warned - {"agent-0"})
    assert found.unknown == len(warned & {"agent-0"})
    assert sum(agent.groups["product"] == "loan" for agent in found.selling) == 19


def test_the_page_names_groups_and_nobody(desk: DeskAtHand) -> None:
    body: Any = ask(desk.address, "/fairness").body.decode()
    words = set(re.findall(r"[\w-]+", body))
    assert {"team-0", "team-1", "card", "loan"} <= words
    assert not words & (NAMES | {"alone"})
    assert f"fewer than two groups of {SMALLEST} agents" in body  # all are of one site and tenure
