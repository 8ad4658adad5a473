"""Deduplication: identical sales of one agent and one day are one trial and its duplicates.

`docs/statistics.md`, section 8. What makes sales identical was known when they were made
(`detectors.basis.text_hash`), so the rule cannot tell good from bad. Sales without an agent count
as those of one agent: one batch of them must not make everybody's baseline. Sales that were
cancelled on one day beyond what is a burst of their agent are duplicates, too; the reason stands
in `detectors.agents.gathering.bursts`.
"""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np

from detectors.agents.gathering.by_day import drop_before
from detectors.agents.gathering.order import identity
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId
from detectors.messages.outcome_columns import in_columns
from detectors.messages.outcomes import Outcome

IdenticalSalesState = dict[Day, set[str]]
"""Identities of duplicates, by the day on which they were judged."""

_Batch = tuple[AgentId | None, int]


class IdenticalSales:
    """Separates trials from their duplicates, and remembers these while they may be corrected.

    A correction of a duplicate changes nothing, and no duplicate replaces a trial that was
    withdrawn: otherwise what had been judged would depend on what became known later. For the same
    reason a sale that became known late is a trial of the day on which it did, whatever was judged
    before.

    Parameters
    ----------
    state
        What an earlier object knew; it is kept up to date.
    kept_days
        For how many days an outcome may be corrected after its day.
    """

    def __init__(self, state: IdenticalSalesState, kept_days: int) -> None:
        self._state: Final = state
        self._kept_days: Final = kept_days

    def __contains__(self, identity_: str) -> bool:
        """Return whether an identity (see `identity`) is that of a duplicate."""
        return any(identity_ in identities for identities in self._state.values())

    def forget(self, day: Day) -> None:
        """Drop the duplicates that no correction can be about on `day` or later."""
        drop_before(self._state, day - self._kept_days)

    def trials(
        self, day: Day, outcomes: Sequence[Outcome], beyond: Collection[str] = ()
    ) -> Sequence[Outcome]:
        """Return the trials among outcomes of one pattern; they must be in canonical order.

        `beyond` are identities of what was cancelled beyond a burst.
        """
        trials = self._first_of_each_batch(day, outcomes)
        if not beyond:
            return trials
        columns = in_columns(trials)
        is_kept = np.ones(len(columns), np.bool_)
        for position in np.flatnonzero(columns.bad).tolist():
            key = identity(columns[position])
            if key in beyond:
                self._state.setdefault(day, set()).add(key)
                is_kept[position] = False
        return columns.chosen(is_kept)

    def _first_of_each_batch(self, day: Day, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        columns = in_columns(outcomes)
        repeated = columns.repeated
        if not repeated.size:
            return outcomes
        seen: set[_Batch] = set()
        is_trial = np.ones(len(columns), np.bool_)
        for position in repeated.tolist():
            outcome = columns[position]
            key = (outcome.agent_id, outcome.batch)
            if key in seen:
                self._state.setdefault(day, set()).add(identity(outcome))
                is_trial[position] = False
            seen.add(key)
        return columns.chosen(is_trial)
