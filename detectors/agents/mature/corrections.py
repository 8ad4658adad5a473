"""Corrections of what was judged: they are applied, and may take back what an alert told."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from detectors.agents.alerting.doubt import NO_DOUBT, Doubt, TakenBack, Why, why_taken_back
from detectors.agents.alerting.judgement import Judgement
from detectors.agents.alerting.lifecycle import OpenAlert, first_strong
from detectors.agents.alerting.tier_config import TierConfig
from detectors.agents.mature.bad_outcomes import BadOutcomes
from detectors.agents.mature.correctable_evidence import CorrectableEvidence
from detectors.agents.mature.sampling import CENSUS, Sampling
from detectors.agents.totals.own_totals import OwnTotals
from detectors.basis.event_time import Day, day_of
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome


class _Change(NamedTuple):
    """A change of what was judged on a day; ``why`` it is bad no more, None if it is no such."""

    judged_on: Day
    why: Why | None


class Corrections:
    """Corrects what is known of agents, and says which alerts do not stand after it.

    Parameters
    ----------
    config
        The pattern, its threshold and the settings.
    evidence, own, bad
        What is corrected: the evidence, what agents add to the totals, the latest bad outcomes.
    """

    def __init__(
        self, config: TierConfig, evidence: CorrectableEvidence, own: OwnTotals, bad: BadOutcomes
    ) -> None:
        self._pattern: Final = config.pattern.name
        self._kind: Final = config.kind
        self._threshold: Final = config.threshold
        self._evidence: Final = evidence
        self._own: Final = own
        self._bad: Final = bad
        self._today: Final[dict[int, list[_Change]]] = {}

    def apply(
        self,
        day: Day,
        corrections: Sequence[tuple[Outcome, Verdict]],
        left_out: Collection[int],
        sampling: Sampling = CENSUS,
    ) -> Iterator[Judgement]:
        """Apply the corrections of a day before it is judged; yield those of judged outcomes.

        What rows that are `left_out` did counts for nobody else, nor what `sampling` sets apart.
        """
        self._today.clear()
        for outcome, before in corrections:
            agent_id = outcome.agent_id
            if agent_id is None:
                continue
            row = self._evidence.row(agent_id)
            bad = None if outcome.verdict is Verdict.EXCLUDED else outcome.verdict is Verdict.BAD
            slot = self._own.index.slot(row, outcome.cell)
            change = (bad is True) - (before is Verdict.BAD)
            apart = sampling.apart((outcome,))
            is_counted = row not in left_out and not (apart is not None and apart[0])
            self._own.change(slot, -1 if bad is None else 0, change, counted=is_counted)
            judged_on = self._evidence.correct(row, outcome.sale_id, bad=bad)
            known_on = day_of(outcome.matured_at) if judged_on is None else judged_on
            self._bad.correct(row, known_on, outcome, bad=bad is True)
            if judged_on is not None:
                why = why_taken_back(outcome) if change < 0 else None
                self._today.setdefault(row, []).append(_Change(judged_on, why))
                yield Judgement(
                    self._pattern,
                    agent_id,
                    day,
                    outcome.sale_id,
                    outcome.cell,
                    expected=0.0,
                    bad=bad is True,
                    evidence=0.0,
                    between_agent_sd=0.0,
                    tempering=0.0,
                    trials=int(bad is not None),
                    kind=self._kind,
                    corrects=judged_on,
                )

    def doubt(self, row: int, alert: OpenAlert) -> Doubt:
        """Return what the corrections of a day say of an open alert, once the day is judged.

        The alert stands if the evidence, as corrected, was at the threshold on a day since it was
        opened. Corrections change nothing before the first outcome that they are about.
        """
        changes = self._today.get(row)
        if changes is None:  # nearly always
            return NO_DOUBT
        if alert.stands_on >= min(change.judged_on for change in changes):
            levels = self._evidence.levels(row)
            stands_on = first_strong(levels, alert.opened_on, self._threshold)
            if stands_on is None:
                return Doubt("corrected", _taken_back(alert, changes))
            alert.stands_on = stands_on
        return Doubt(taken_back=_taken_back(alert, changes))


def _taken_back(alert: OpenAlert, changes: Sequence[_Change]) -> TakenBack | None:
    """Return what was taken back of what the last revision told; None if nothing was."""
    why = Counter(
        change.why
        for change in changes
        if change.why and alert.emitted_since <= change.judged_on <= alert.emitted_on
    )
    if not why:
        return None
    return TakenBack(alert.emitted_observed, why["good"], why["excused"], why["unseen"])
