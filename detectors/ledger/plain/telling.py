"""What is told of sales of plain accounts."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from msgspec import structs

from detectors.basis.identifiers import PatternName
from detectors.evidence.arrays import Integers, Reals
from detectors.facts.account import UNKNOWN_AMOUNT, log_amount
from detectors.ledger.plain.layout import Numbers
from detectors.ledger.plain.leaving import sale_hashes
from detectors.ledger.plain.store import PlainStore
from detectors.messages.candidates import Candidate, Lots
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.outcomes import SaleMade

_CLOSE: Final = 1e-6
"""So near to half of a thousandth a logarithm is computed again."""


def sales_made(store: PlainStore, rows: Numbers, lots: Lots | None = None) -> list[SaleMade]:
    """Return the sales in some rows, each of which somebody made; `lots` draws candidates."""
    columns = (
        store.texts(rows, "agent"),
        store.texts(rows, "cell"),
        _hashes(store, rows),
        store.arrays.rows["batch"][rows],
        _log_amounts(store.arrays.rows["amount"][rows]),
    )
    told = zip(*(column.tolist() for column in columns), strict=True)
    made = [
        SaleMade(agent_id, cell, hashed, batch, log) for agent_id, cell, hashed, batch, log in told
    ]
    for place, candidate in _candidates(store, rows, lots):
        made[place] = structs.replace(made[place], candidate=candidate)
    return made


def _candidates(
    store: PlainStore, rows: Numbers, lots: Lots | None
) -> Iterator[tuple[int, Candidate]]:
    """Yield the sales in some rows that may be asked for, each with its place."""
    if lots is None:
        return
    ids = store.identities(rows)
    drawn = [*map(lots.may_draw, ids.sales, ids.accounts)]
    places = np.flatnonzero(drawn)
    accounts = store.accounts(rows[places]).items()
    for place, (account_id, account) in zip(places.tolist(), accounts, strict=True):
        candidate = lots.candidate(account.sales[0], account_id)
        if candidate is not None:
            yield place, candidate


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


def _log_amounts(amounts: Reals) -> Integers:
    """Return the `log_amount` of each amount, `UNKNOWN_AMOUNT` where it is not a number."""
    logs = 1000.0 * np.log1p(amounts)
    rounded = np.rint(logs)
    # Where the last bit of a logarithm may matter, the one that is the same everywhere decides.
    close = np.abs(np.abs(logs - rounded) - 0.5) < _CLOSE
    rounded[close] = [log_amount(amount) for amount in amounts[close].tolist()]
    return np.where(np.isnan(amounts), UNKNOWN_AMOUNT, rounded).astype(np.int64)
