"""What is told of sales of plain accounts."""

import numpy as np

from detectors.basis.identifiers import PatternName
from detectors.evidence.arrays import Integers, Reals
from detectors.facts.account import UNKNOWN_AMOUNT, log_amount
from detectors.ledger.plain.layout import Numbers
from detectors.ledger.plain.leaving import sale_hashes
from detectors.ledger.plain.store import PlainStore
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.outcomes import SaleMade


def sales_made(store: PlainStore, rows: Numbers) -> list[SaleMade]:
    """Return the sales in some rows, each of which somebody made."""
    amounts = store.arrays.rows["amount"][rows]
    known = ~np.isnan(amounts)
    logs = np.full(len(rows), UNKNOWN_AMOUNT, dtype=np.int64)
    logs[known] = [log_amount(amount) for amount in amounts[known].tolist()]
    columns = (
        store.texts(rows, "agent"),
        store.texts(rows, "cell"),
        _hashes(store, rows),
        store.arrays.rows["batch"][rows],
        logs,
    )
    told = zip(*(column.tolist() for column in columns), strict=True)
    return [
        SaleMade(agent_id, cell, hashed, batch, log) for agent_id, cell, hashed, batch, log in told
    ]


def good_outcomes(
    store: PlainStore, rows: Numbers, pattern: PatternName, ends: Reals
) -> GoodOutcomes:
    """Return that a pattern found the sales in some rows good when their windows ended."""
    return GoodOutcomes(
        pattern,
        ends,
        store.texts(rows, "agent"),
        store.texts(rows, "cell"),
        store.texts(rows, "site"),
        store.texts(rows, "team"),
        store.arrays.rows["batch"][rows],
        _hashes(store, rows),
        store.sale_ids(rows),
    )


def _hashes(store: PlainStore, rows: Numbers) -> Integers:
    hashes = np.zeros(len(rows), dtype=np.int64)
    sale_hashes(store.arrays, rows, hashes)
    return hashes
