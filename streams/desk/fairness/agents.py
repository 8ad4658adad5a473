"""Each agent who sold: where, what, for how long, and whether they were alerted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec import Struct

from detectors.events.decision import Outcome
from streams.desk.model.read_model import ReadModel

Dimension = Literal["site", "team", "tenure", "product"]

TENURES: Final = (6, 12, 24)
"""Months after which one band of tenure ends and the next begins."""


class SellingAgent(NamedTuple):
    """One agent.

    Attributes
    ----------
    groups
        The group that they belong to in each dimension; an empty text where nobody knows.
    months
        In how many months they sold.
    warned
        Whether an alert about them was a warning at least, and was not withdrawn.
    found
        How two people closed their case; None if they did not.
    """

    groups: Mapping[Dimension, str]
    months: int
    warned: bool
    found: Outcome | None


class Agents(NamedTuple):
    """All of them, and how many were alerted of whom no sale was read."""

    selling: tuple[SellingAgent, ...]
    unknown: int


class _Closing(Struct, frozen=True):
    outcome: Outcome


class _Case(Struct, frozen=True):
    closing: _Closing | None


_case: Final = msgspec.json.Decoder(_Case).decode


def agents_in(model: ReadModel) -> Agents:
    """Return the agents that a read model knows."""
    warned = {
        agent
        for (agent,) in model.ask(
            "SELECT DISTINCT subject_id FROM alerts WHERE subject_type = 'agent' "
            "AND severity > 0 AND standing <> 'withdrawn'"
        )
    }
    found: dict[str, Outcome] = {}
    for agent, record in model.ask(
        "SELECT subject_id, record FROM cases WHERE subject_type = 'agent' AND standing = 'closed'"
    ):
        closing = _case(record).closing
        if closing is not None:
            found[agent] = closing.outcome
    sold: dict[str, list[tuple[int, str, str, str, int]]] = {}
    for agent, *sales in model.ask("SELECT agent_id, month, site, team, product, number FROM sold"):
        sold.setdefault(agent, []).append((sales[0], sales[1], sales[2], sales[3], sales[4]))
    return Agents(
        tuple(
            _agent(rows, warned=agent in warned, found=found.get(agent))
            for agent, rows in sold.items()
        ),
        len(warned - sold.keys()),
    )


def _agent(
    rows: list[tuple[int, str, str, str, int]], *, warned: bool, found: Outcome | None
) -> SellingAgent:
    months = {row[0] for row in rows}
    tenure = max(months) - min(months) + 1
    return SellingAgent(
        {
            "site": _most((row[1], row[4]) for row in rows),
            "team": _most((row[2], row[4]) for row in rows),
            "tenure": str(sum(tenure > limit for limit in TENURES)),
            "product": _most((row[3], row[4]) for row in rows),
        },
        len(months),
        warned,
        found,
    )


def _most(numbers: Iterable[tuple[str, int]]) -> str:
    """Return what most of the sales say; of several the first by name."""
    counts: Counter[str] = Counter()
    for name, number in numbers:
        counts[name] += number
    return min(counts, key=lambda name: (-counts[name], name))
