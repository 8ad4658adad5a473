"""The evidence against one agent, recomputed day by day from what was judged.

The recursion is in `streams.explain.evidence`, apart from that of the product. What becomes of an
alert is asked of the one definition there is (`detectors.agents.alerting.lifecycle`), by this
evidence. Here are the rules by which evidence begins anew and corrections are followed.
"""

from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from typing import Final, NamedTuple

from detectors.agents.alerting.lifecycle import (
    AlertDay,
    EndingRules,
    OpenAlert,
    first_strong,
    next_status,
)
from detectors.alerts.alert import Ending, Withdrawal
from detectors.basis.event_time import Day, days_between, end_of_day
from detectors.basis.identifiers import SaleId
from streams.explain.evidence import Judged, RunningEvidence

_IMAGINED: Final = SaleId("")
_CORRECTED: Final[Withdrawal] = "corrected"
_STRUCK: Final[Withdrawal] = "common_cause"


class Corrected(NamedTuple):
    """A late event changed a judged outcome, before those of `day` were judged; None takes it back.

    `first_day` is when the outcome was judged.
    """

    day: Day
    first_day: Day
    sale_id: SaleId
    bad: bool | None


class Rules(NamedTuple):
    """When evidence is strong, when a case ends, and when evidence begins anew.

    `between_agent_sd` holds until an outcome says otherwise; `low` is the evidence below which a
    case ends; `early` is the early tier.
    """

    between_agent_sd: float
    threshold: float
    low: float
    resolve_after_days: float
    silent_after_days: float
    period: int
    early: bool = False

    def endings(self) -> EndingRules:
        """Return when a case is quiet, and when it ends."""
        return EndingRules(self.low, self.resolve_after_days, self.silent_after_days)


class CourseDay(NamedTuple):
    """How things stood at the end of a day; counts are those of the day alone.

    `evidence` is the largest of the day. `unfounded` is a day at whose end a case was opened
    although the evidence did not pass the threshold. `quiet_since` is the day since which the
    evidence of a case that is told as quiet has been below the threshold, `ending` why a case ended
    on this day, `withdrawal` why it was withdrawn; None where there is no such case.
    """

    day: Day
    matured: int
    bad: int
    expected: float
    evidence: float
    unfounded: bool
    quiet_since: Day | None
    ending: Ending | None
    withdrawal: Withdrawal | None = None


class _Levels(NamedTuple):
    """The largest evidence of every day, after corrections of what was judged `since` a day."""

    since: Day
    of_days: list[tuple[Day, float]]


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
    opened
        The days at whose end a case was opened. That takes notably more bad outcomes than peers
        have since the likely start, which is not recomputed here, beside evidence that passes the
        threshold, which is.
    ended
        The days at whose end people had found honest what the evidence speaks of.
    struck
        The days at whose end a case was withdrawn for a common cause, which is not recomputed.

    Attributes
    ----------
    days
        All days, without gaps, from the first with an outcome to `last_day`.
    """

    def __init__(
        self,
        judged: Sequence[Judged],
        corrected: Sequence[Corrected],
        rules: Rules,
        last_day: Day,
        opened: Collection[Day],
        ended: Collection[Day] = (),
        struck: Collection[Day] = (),
    ) -> None:
        self._rules: Final = rules
        self._struck: Final = struck
        self._corrections: Final = corrected
        self._judged: Final = judged
        self._opened: Final = opened
        self._ended: Final = ended
        self._days: Final[dict[Day, list[Judged]]] = {}
        self._restarts: Final[set[Day]] = set()
        self._lowered: Final[set[Day]] = set()
        self._evidence = RunningEvidence(rules.between_agent_sd, early=rules.early)
        self.days: Final = tuple(self._run(last_day))

    def outcomes(self) -> list[Judged]:
        """Return all outcomes that count, as they stand at the end of the last day."""
        return [
            outcome for outcomes in self._days.values() for outcome in outcomes if outcome.counts()
        ]

    def standing(self) -> float:
        """Return the evidence as it stands after the last outcome."""
        return self._evidence.value

    def good_outcomes_to_fall(self, expected: float, per_day: int, most: int) -> int | None:
        """Count the good outcomes in a row after which the evidence is so low that a case ends.

        They are imagined, `per_day` on each day, with the probability `expected` of a bad one; in
        the early tier a good outcome is a day on which nothing of what was expected to end badly
        did. None if `most` are not enough.
        """
        evidence = deepcopy(self._evidence)
        day = self.days[-1].day
        for count in range(most):
            if evidence.value < self._rules.low:
                return count
            evidence.add(Judged(day + 1 + count // per_day, _IMAGINED, expected, bad=False))
        return None

    def _run(self, last_day: Day) -> Iterator[CourseDay]:
        if not self._judged:
            return
        coming: dict[Day, list[Judged]] = {}
        for outcome in self._judged:
            coming.setdefault(outcome.day, []).append(outcome)
        case: OpenAlert | None = None
        kept_from = 0
        for day in days_between(self._judged[0].day, last_day):
            corrected = self._correct(day)
            today = self._days[day] = list(coming.get(day, []))
            value = self._largest(today)
            strong = value >= self._rules.threshold
            opens, over = day in self._opened, day in self._ended
            if case is None and strong and opens and not over:
                case = OpenAlert("", end_of_day(day), stands_on=day)
            quiet_since, ending, withdrawal = None, None, None
            if case is not None:
                self._advance(case, day, value, corrected)
                quiet_since, ending, withdrawal = case.quiet_since, case.ending, case.withdrawal
            elif self._evidence.days - kept_from >= self._rules.period:
                over = True
            if case is not None and case.is_over:
                case, kept_from = None, self._evidence.days
            if ending == "silent" or withdrawal == "common_cause":
                self._lower(day)
            if over:
                self._restart(day)
                kept_from = 0
            counted = [outcome for outcome in today if outcome.counts()]
            yield CourseDay(
                day,
                sum(outcome.trials for outcome in counted),
                sum(outcome.badly() for outcome in counted),
                sum(outcome.expected_bad() for outcome in counted),
                value,
                opens and not strong,
                quiet_since,
                ending,
                withdrawal,
            )

    def _advance(self, case: OpenAlert, day: Day, value: float, corrected: _Levels | None) -> None:
        """Let a case go on to the end of a day with its largest evidence."""
        rules, withdrawal = self._rules, None
        if day in self._struck:
            withdrawal = _STRUCK
        if corrected is not None and case.stands_on >= corrected.since:
            levels = [*corrected.of_days, (day, value)]
            stands_on = first_strong(levels, case.opened_on, rules.threshold)
            case.stands_on = case.stands_on if stands_on is None else stands_on
            withdrawal = _CORRECTED if stands_on is None else withdrawal
        today = AlertDay(
            day,
            value >= rules.threshold,
            value < rules.low,
            self._evidence.days,
            observed=0,
            explained=day in self._ended,
            withdrawal=withdrawal,
        )
        next_status(case, today, rules.endings())

    def _largest(self, today: Sequence[Judged]) -> float:
        """Apply a day; return the largest evidence: after each outcome, or that which stands.

        An agent-day of the early tier is applied as one.
        """
        if self._rules.early:
            self._evidence.add_day(today)
            return self._evidence.value
        levels = [self._evidence.add(outcome) for outcome in today]
        return max(levels, default=self._evidence.value)

    def _restart(self, day: Day) -> None:
        self._restarts.add(day)
        self._evidence.restart()

    def _lower(self, day: Day) -> None:
        self._lowered.add(day)
        self._evidence.lower(self._rules.low)

    def _correct(self, day: Day) -> _Levels | None:
        """Change what is corrected on `day`, and compute everything before it once more.

        Return the evidence of the days before then; None if nothing is corrected.
        """
        corrections = [correction for correction in self._corrections if correction.day == day]
        if not corrections:
            return None
        for correction in corrections:
            outcomes = self._days[correction.first_day]
            place = [outcome.sale_id for outcome in outcomes].index(correction.sale_id)
            outcome = outcomes.pop(place)
            if correction.bad is not None:
                outcomes.insert(place, outcome._replace(bad=correction.bad))
        self._evidence = RunningEvidence(self._rules.between_agent_sd, early=self._rules.early)
        levels: list[tuple[Day, float]] = []
        for before, outcomes in self._days.items():
            levels.append((before, self._largest(outcomes)))
            if before in self._restarts:
                self._evidence.restart()
            if before in self._lowered:
                self._evidence.lower(self._rules.low)
        return _Levels(min(correction.first_day for correction in corrections), levels)
