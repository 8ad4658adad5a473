"""When two outcomes are about the same, and the one order in which they are judged."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final
from zlib import crc32

import numpy as np

from detectors.basis.content_id import content_id
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.outcome_columns import OutcomeColumns, in_columns
from detectors.messages.outcomes import Outcome

maturity: Final = attrgetter("matured_at")


def identity(outcome: Outcome) -> str:
    """Return an id of what the outcome is about: all but its verdict, and when it was known."""
    return content_id(*_subject(outcome))


def same(one: Outcome, other: Outcome) -> bool:
    """Return whether two outcomes are about the same."""
    return one.sale_id == other.sale_id and _subject(one) == _subject(other)


def canonical(outcome: Outcome) -> tuple[float, int, str, str, str, str]:
    """Return the sort key: maturity, then a hash, since the order of ids may tell the outcome."""
    return (
        outcome.matured_at,
        crc32(outcome.sale_id.encode()),
        outcome.sale_id,
        outcome.account_id,
        outcome.agent_id or "",
        outcome.cell,
    )


def in_order_of_maturity(good: Sequence[GoodOutcomes], others: Sequence[Outcome]) -> OutcomeColumns:
    """Return outcomes of one pattern in the order of maturity."""
    columns = OutcomeColumns(good, others)
    return columns.chosen(np.argsort(columns.matured_at, kind="stable"))


def in_canonical_order(outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """Return outcomes that are in the order of maturity in canonical order, each once.

    Only those that matured at the same moment are looked at closely.
    """
    columns = in_columns(outcomes)
    times = columns.matured_at
    tied = np.flatnonzero(times[1:] == times[:-1])
    if not tied.size:
        return outcomes
    order: list[int] = []
    done = 0
    ends = np.searchsorted(times, times[tied], "right")
    for position, end in zip(tied.tolist(), ends.tolist(), strict=True):
        if position < done:  # within a run of equal times that is in order already
            continue
        order += range(done, position)
        done = end
        known: Outcome | None = None
        of_one_time = [(place, columns[place]) for place in range(position, done)]
        for place, outcome in sorted(of_one_time, key=lambda one: canonical(one[1])):
            if known is None or not same(known, outcome):
                order.append(place)
            known = outcome
    return columns.chosen(np.array([*order, *range(done, len(columns))]))


def _subject(outcome: Outcome) -> tuple[str, ...]:
    return (
        outcome.pattern,
        repr(outcome.matured_at),
        outcome.sale_id,
        outcome.account_id,
        outcome.agent_id or "",
        outcome.cell,
    )
