"""When two outcomes are about the same, and the one order in which they are judged."""

from bisect import bisect_right
from itertools import pairwise
from operator import attrgetter
from typing import Final
from zlib import crc32

from detectors.basis.content_id import content_id
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


def in_canonical_order(outcomes: list[Outcome]) -> list[Outcome]:
    """Return outcomes that are in the order of maturity in canonical order, each once.

    Only those that matured at the same moment are looked at closely.
    """
    times = [outcome.matured_at for outcome in outcomes]
    tied = [position for position, (one, other) in enumerate(pairwise(times)) if one == other]
    if not tied:
        return outcomes
    ordered: list[Outcome] = []
    done = 0
    for position in tied:
        if position < done:  # within a run of equal times that is in order already
            continue
        ordered += outcomes[done:position]
        done = bisect_right(times, times[position], position)
        known: Outcome | None = None
        for outcome in sorted(outcomes[position:done], key=canonical):
            if known is None or not same(known, outcome):
                ordered.append(outcome)
            known = outcome
    return ordered + outcomes[done:]


def _subject(outcome: Outcome) -> tuple[str, ...]:
    return (
        outcome.pattern,
        repr(outcome.matured_at),
        outcome.sale_id,
        outcome.account_id,
        outcome.agent_id or "",
        outcome.cell,
    )
