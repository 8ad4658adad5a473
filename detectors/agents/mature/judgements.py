"""The judgements of a day, for those who want to see the arithmetic."""

from collections.abc import Iterator, Sequence

from detectors.agents.alerting.judgement import Judgement
from detectors.basis.event_time import Day
from detectors.basis.identifiers import PatternName, SubjectKind
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.recursion import WHOLE
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome, Spread
from detectors.peers.leave_one_out import Expected

By = tuple[PatternName, SubjectKind, Spread]
"""The pattern, what is judged by it, and the spread in force."""


def judgements(
    by: By,
    day: Day,
    outcomes: Sequence[Outcome],
    expected: Expected,
    exponents: Integers,
    levels: Reals,
) -> Iterator[Judgement]:
    """Yield how each of some outcomes was judged; `exponents` are in sixteenths."""
    name, kind, spread = by
    columns = (expected.probabilities.tolist(), exponents.tolist(), levels.tolist())
    for outcome, probability, exponent, level in zip(outcomes, *columns, strict=True):
        if outcome.agent_id is not None:
            yield Judgement(
                name,
                outcome.agent_id,
                day,
                outcome.sale_id,
                outcome.cell,
                probability,
                outcome.verdict is Verdict.BAD,
                level,
                spread.between_agent_sd,
                exponent / WHOLE,
                kind=kind,
            )
