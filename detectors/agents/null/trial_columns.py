"""Trials of a day in columns, with the random keys of the shadow null."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

import numpy as np

from detectors.agents.null.random_keys import draw_keys
from detectors.agents.totals.trial_names import TrialColumns, TrialNames
from detectors.basis.text_hash import sale_hashes
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome

_BAD: Final = Verdict.BAD

_sale: Final = attrgetter("sale_id", "account_id")


def trial_columns(outcomes: Sequence[Outcome], names: TrialNames, seed: int | None) -> TrialColumns:
    """Return trials in columns.

    `seed` chooses the random keys of the shadow null; None is no shadow null.
    """
    bad = np.array([outcome.verdict is _BAD for outcome in outcomes], np.bool_)
    random_keys = np.empty(0, np.int64)
    if seed is not None:
        random_keys = draw_keys(np.array(sale_hashes(map(_sale, outcomes)), np.uint64), seed)
    return TrialColumns(names.agents_of(outcomes), names.cells_of(outcomes), bad, random_keys)
