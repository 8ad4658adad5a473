"""The evidence against one agent, recomputed day by day from what was judged.

The recursion is in `streams.explain.evidence`; here are the rules by which cases open and close,
evidence begins anew and corrections are followed.
"""

from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from typing import Final, NamedTuple

from detectors.alerts.alert import Ending
from detectors.basis.event_time import Day, days_between
from detectors.basis.identifiers import SaleId
from streams.explain.evidence import Judged, RunningEvidence

_IMAGINED: Final = SaleId("")


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


class CourseDay(NamedTuple):
    """How things stood at the end of a day; counts are those of the day alone.

    `evidence` is the largest of the day. `unfounded` is a day at whose end a case was opened
    although the evidence did not pass the threshold. `quiet_since` is the day since which the
    evidence of a case that is told as quiet has been below the threshold, `ending` why a case ended
    on this day; None where there is no such case.
    """

    day: Day
    matured: int
    bad: int
    expected: float
    evidence: float
    unfounded: bool
    quiet_since: Day | None
    ending: Ending | None


class _OpenCase:
    """A case from the day of its opening on."""

    def __init__(self, rules: Rules, day: Day) -> None:
        self._rules: Final = rules
        self._heard_on = self._last_strong = self._last_not_low = day
        self._agent_days: int | None = None

    def advance(self, day: Day, evidence: float, agent_days: int) -> Ending | None:
        """Go on to the end of a day; return why the case ends, if it does."""
        rules = self._rules
        if evidence >= rules.threshold:
            self._last_strong = day
        if evidence >= rules.low:
            self._last_not_low = day
        if agent_days != self._agent_days:
            self._agent_days, self._heard_on = agent_days, day
        if day - self._last_not_low - 1 >= rules.resolve_after_days:
            return "evidence_fell"
        silent = day - self._heard_on
        return "silent" if silent >= max(1.0, rules.silent_after_days) else None

    def quiet_since(self, day: Day) -> Day | None:
        """Return since when the case is quiet, if that is told at the end of `day`."""
        told = day - self._last_strong - 1 >= self._rules.resolve_after_days
        return Day(self._last_strong + 1) if told else None


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
    ) -> None:
        self._rules: Final = rules
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
        case: _OpenCase | None = None
        kept_from = 0
        for day in days_between(self._judged[0].day, last_day):
            self._correct(day)
            today = self._days[day] = list(coming.get(day, []))
            value = self._largest(today)
            strong = value >= self._rules.threshold
            opens, over = day in self._opened, day in self._ended
            if case is None and strong and opens and not over:
                case = _OpenCase(self._rules, day)
            quiet_since, ending = None, None
            if case is not None:
                agent_days = self._evidence.days
                ending = "explained" if over else case.advance(day, value, agent_days)
                quiet_since = case.quiet_since(day) if ending is None else None
            elif self._evidence.days - kept_from >= self._rules.period:
                over = True
            if ending is not None:
                case, kept_from = None, self._evidence.days
            if ending == "silent":
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
            )

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

    def _correct(self, day: Day) -> None:
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
        self._evidence = RunningEvidence(self._rules.between_agent_sd, early=self._rules.early)
        for before, outcomes in self._days.items():
            self._largest(outcomes)
            if before in self._restarts:
                self._evidence.restart()
            if before in self._lowered:
                self._evidence.lower(self._rules.low)
