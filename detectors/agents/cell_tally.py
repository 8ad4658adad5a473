"""A day's trials, counted by pattern and cell for the peers stage."""

from collections.abc import Collection, Mapping
from itertools import chain
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.agents.early.at_risk import DayExposure
from detectors.agents.gathering.gathering import DayBatch
from detectors.agents.mature.tier import MatureTier
from detectors.agents.null.trial_columns import trial_columns
from detectors.agents.totals.trial_names import TrialColumns
from detectors.basis.identifiers import AgentId, PatternName
from detectors.evidence.arrays import Booleans, Integers
from detectors.facts.account import Verdict
from detectors.messages.cell_columns import DAY_TOTALS, DayTotals, held_integers
from detectors.messages.outcome_columns import in_columns

_BAD: Final = Verdict.BAD


class CellTally(Struct, frozen=True):
    """What a day adds to the totals of each cell, and its trials in columns."""

    totals: DayTotals
    trials: TrialColumns


def counted(
    batches: Mapping[PatternName, DayBatch],
    tiers: Mapping[PatternName, MatureTier],
    exposures: Mapping[PatternName, DayExposure],
    left_out: Collection[AgentId],
    seed: int | None,
) -> tuple[dict[PatternName, TrialColumns], dict[PatternName, DayTotals]]:
    """Return the trials of a day in columns, and what it adds to the totals, of all tiers.

    `left_out` and `seed` are those of `tallied`.
    """
    tallies = {name: tallied(batch, tiers[name], left_out, seed) for name, batch in batches.items()}
    trials = {name: tally.trials for name, tally in tallies.items()}
    totals = {name: tally.totals for name, tally in tallies.items()}
    return trials, totals | {
        name: tallied_exposure(exposure, left_out) for name, exposure in exposures.items()
    }


def tallied(
    batch: DayBatch, tier: MatureTier, left_out: Collection[AgentId], seed: int | None
) -> CellTally:
    """Count the trials and the corrections of a day.

    The outcomes of the agents `left_out` are counted twice: among all, and among those, which have
    no part in the shadow null; so are those that the sampling of the tier sets apart. `seed`
    chooses its random keys; None is no shadow null.
    """
    names = tier.names
    trials = trial_columns(batch.fresh, names, seed)
    corrected, fresh = [outcome for outcome, _ in batch.corrections], len(batch.fresh)
    cells = np.append(trials.cells, names.cells_of(corrected)) if corrected else trials.cells
    matured, bad = np.ones(cells.size, np.int64), np.zeros(cells.size, np.int64)
    bad[:fresh] = trials.bad
    for position, (outcome, before) in enumerate(batch.corrections, fresh):
        matured[position] = -(outcome.verdict is Verdict.EXCLUDED)
        bad[position] = (outcome.verdict is _BAD) - (before is _BAD)
    apart = np.zeros(cells.size, np.bool_)
    if left_out:
        agents = chain(in_columns(batch.fresh).agents, in_columns(corrected).agents)
        apart[:] = [agent_id in left_out for agent_id in agents]
    if (by_choice := tier.sampling.apart([*batch.fresh, *corrected])) is not None:
        apart |= by_choice
    named, size = names.cells, len(names.cells)
    there = np.flatnonzero(np.bincount(cells, minlength=size))
    of_day = tuple(named[cell] for cell in there.tolist())
    numbers = held_integers(_counted(size, cells, matured, bad, apart)[there])
    if not trials.random_keys.size:
        return CellTally(DayTotals(of_day, numbers), trials)
    dealt = np.flatnonzero(~apart[:fresh])
    in_order = trials.random_keys[dealt[np.argsort(cells[dealt], kind="stable")]]
    keys_of = np.bincount(cells[dealt], minlength=size)[there]
    totals = DayTotals(of_day, numbers, held_integers(keys_of), held_integers(in_order))
    return CellTally(totals, trials)


def tallied_exposure(exposure: DayExposure, left_out: Collection[AgentId]) -> DayTotals:
    """Count the sales at risk on a day, and those that ended badly, by cell.

    They have no random keys: what is dealt to them follows from their totals.
    """
    names, cells = exposure.cell_names, exposure.cells
    apart = np.zeros(cells.size, np.bool_)
    if left_out:
        named = np.array([name in left_out for name in exposure.agent_names], np.bool_)
        apart = named[exposure.agents]
    numbers = _counted(len(names), cells, exposure.at_risk, exposure.ended, apart)
    there = np.flatnonzero(numbers[:, 0])
    return DayTotals(tuple(names[cell] for cell in there.tolist()), held_integers(numbers[there]))


def _counted(
    size: int, cells: Integers, matured: Integers, bad: Integers, apart: Booleans
) -> Integers:
    """Add up the numbers of `DayTotals`: `apart` is what makes nobody's baseline."""
    numbers = np.zeros((size, DAY_TOTALS), np.int64)
    numbers[:, 0] = np.bincount(cells, matured, size)
    numbers[:, 1] = np.bincount(cells, bad, size)
    if apart.any():
        numbers[:, 2] = np.bincount(cells[apart], matured[apart], size)
        numbers[:, 3] = np.bincount(cells[apart], bad[apart], size)
    return numbers
