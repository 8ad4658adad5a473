"""The evidence against one agent, recomputed in plain Python from what was judged.

Written apart from `detectors.evidence`, without its tables and compiled code: the recursion of the
statistics notes, section 4, one outcome at a time, with the rules by which evidence begins anew.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from math import exp
from typing import Final, NamedTuple

RATIOS: Final = (2.0, 3.0, 5.0, 8.0, 14.0)
POINTS: Final = tuple(0.75 * step for step in range(-4, 5))
"""Honest levels, in standard deviations between agents."""

_LARGEST_EVIDENCE: Final = 1e9
_LEAST_BELIEF: Final = 1e-250


class Judged(NamedTuple):
    """An outcome on the day it was judged, with its probability among peers."""

    day: int
    sale_id: str
    expected: float
    bad: bool


class Corrected(NamedTuple):
    """A late event changed a judged outcome, before those of `day` were judged; None takes it back.

    `first_day` is when the outcome was judged.
    """

    day: int
    first_day: int
    sale_id: str
    bad: bool | None


class Rules(NamedTuple):
    """When evidence is strong, and when it begins anew."""

    between_agent_sd: float
    threshold: float
    resolve_after_days: float
    period: int


class DayEnd(NamedTuple):
    """How things stood at the end of a day; counts are those of the day alone."""

    day: int
    matured: int
    bad: int
    expected: float
    evidence: float
    resolved: bool


class Course:
    """The evidence from an agent's first judged day on.

    Parameters
    ----------
    judged, corrected
        All of them, of one agent and pattern, in the order in which they were applied.
    rules
        The rules.
    last_day
        The last day that was judged.
    """

    def __init__(
        self,
        judged: Sequence[Judged],
        corrected: Sequence[Corrected],
        rules: Rules,
        last_day: int,
    ) -> None:
        self._rules: Final = rules
        self._corrections: Final = corrected
        self._judged: Final = judged
        self._days: Final[dict[int, list[Judged]]] = {}
        self._restarts: Final[set[int]] = set()
        self._evidence = RunningEvidence(rules.between_agent_sd)
        self.days: Final = tuple(self._run(last_day))

    def outcomes(self) -> list[Judged]:
        """Give all outcomes, as they stand at the end of the last day."""
        return [outcome for outcomes in self._days.values() for outcome in outcomes]

    def good_outcomes_to_fall(self, expected: float, per_day: int, most: int) -> int | None:
        """Count the good outcomes in a row after which the evidence is below the threshold.

        They are imagined, `per_day` on each day, with the probability `expected` of a bad one.
        None if `most` are not enough.
        """
        evidence = deepcopy(self._evidence)
        day = self.days[-1].day
        for count in range(most):
            if evidence.value < self._rules.threshold:
                return count
            evidence.add(Judged(day + 1 + count // per_day, "", expected, bad=False))
        return None

    def _run(self, last_day: int) -> Iterator[DayEnd]:
        if not self._judged:
            return
        coming: dict[int, list[Judged]] = {}
        for outcome in self._judged:
            coming.setdefault(outcome.day, []).append(outcome)
        rules, is_open, low_since = self._rules, False, None
        for day in range(self._judged[0].day, last_day + 1):
            self._correct(day)
            today = coming.get(day, [])
            self._days[day] = list(today)
            for outcome in today:
                self._evidence.add(outcome)
            value, resolved = self._evidence.value, False
            strong = value >= rules.threshold
            if strong:
                is_open, low_since = True, None
            elif not is_open:
                if self._evidence.days >= rules.period:
                    self._restart(day)
            else:
                low_since = day if low_since is None else low_since
                resolved = day - low_since >= rules.resolve_after_days
            if resolved:
                is_open, low_since = False, None
                self._restart(day)
            yield DayEnd(
                day,
                len(today),
                sum(outcome.bad for outcome in today),
                sum(outcome.expected for outcome in today),
                value,
                resolved,
            )

    def _restart(self, day: int) -> None:
        self._restarts.add(day)
        self._evidence.restart()

    def _correct(self, day: int) -> None:
        """Change what is corrected on `day`, and compute everything before it once more."""
        corrections = [correction for correction in self._corrections if correction.day == day]
        if not corrections:
            return
        for correction in corrections:
            outcomes = self._days[correction.first_day]
            place = [outcome.sale_id for outcome in outcomes].index(correction.sale_id)
            outcome = outcomes.pop(place)
            if correction.bad is not None:
                outcomes.insert(place, outcome._replace(bad=correction.bad))
        self._evidence = RunningEvidence(self._rules.between_agent_sd)
        for before, outcomes in self._days.items():
            for outcome in outcomes:
                self._evidence.add(outcome)
            if before in self._restarts:
                self._evidence.restart()


class RunningEvidence:
    """The recursion: belief a_g in each honest level, and b_gk for each odds ratio beside it."""

    def __init__(self, between_agent_sd: float) -> None:
        densities = [exp(-0.5 * point * point) for point in POINTS]
        self._belief = [density / sum(densities) for density in densities]
        self._factors: Final = [exp(between_agent_sd * point) for point in POINTS]
        self._last_day: int | None = None
        self.restart()

    def restart(self) -> None:
        """Forget every start; keep the belief, and let the latest day stay taken."""
        self._starts = [[0.0] * len(POINTS) for _ in RATIOS]
        self.value = 0.0
        self.days = 0

    def add(self, outcome: Judged) -> None:
        """Apply one outcome; `value` is then the evidence, `days` the number of start days."""
        if outcome.day != self._last_day:
            self._last_day = outcome.day
            self.days += 1
            for starts in self._starts:
                for level, belief in enumerate(self._belief):
                    starts[level] += belief / len(RATIOS)
        odds = outcome.expected / (1.0 - outcome.expected)
        honest = [_likelihood(odds * factor, bad=outcome.bad) for factor in self._factors]
        predicted = sum(
            belief * likelihood for belief, likelihood in zip(self._belief, honest, strict=True)
        )
        self._belief = [
            max(belief * likelihood / predicted, _LEAST_BELIEF)
            for belief, likelihood in zip(self._belief, honest, strict=True)
        ]
        self._starts = [
            [
                start * _likelihood(odds * factor * ratio, bad=outcome.bad) / predicted
                for start, factor in zip(starts, self._factors, strict=True)
            ]
            for ratio, starts in zip(RATIOS, self._starts, strict=True)
        ]
        self.value = sum(map(sum, self._starts))
        if self.value > _LARGEST_EVIDENCE:
            shrink = _LARGEST_EVIDENCE / self.value
            self._starts = [[start * shrink for start in starts] for starts in self._starts]
            self.value = _LARGEST_EVIDENCE


def _likelihood(odds: float, *, bad: bool) -> float:
    return (odds if bad else 1.0) / (1.0 + odds)
