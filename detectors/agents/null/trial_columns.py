"""Trials of a day in columns, with the random keys of the shadow null."""

from collections.abc import Sequence

import numpy as np

from detectors.agents.null.random_keys import draw_keys
from detectors.agents.totals.trial_names import TrialColumns, TrialNames
from detectors.messages.outcome_columns import in_columns
from detectors.messages.outcomes import Outcome


def trial_columns(outcomes: Sequence[Outcome], names: TrialNames, seed: int | None) -> TrialColumns:
    """Return trials in columns.

    `seed` chooses the random keys of the shadow null; None is no shadow null.
    """
    columns = in_columns(outcomes)
    random_keys = np.empty(0, np.int64)
    if seed is not None:
        random_keys = draw_keys(columns.sale_hashes.astype(np.uint64), seed)
    return TrialColumns(names.agents_of(columns), names.cells_of(columns), columns.bad, random_keys)
