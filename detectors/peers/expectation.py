"""What is to be expected of an agent's sale, judged by the sales of others.

Statistics note, section 6: the agent himself is left out, and a cell is shrunk to the overall rate.
"""

from typing import Final

from detectors.outcomes import Cell, Totals

INNOCENT_BAD: Final = 5
INNOCENT_MATURED: Final = 10
"""Imagined outcomes of others: with few real ones, the expectation is high and accuses nobody."""


def expectation(
    cell: Cell,
    everybody: dict[Cell, Totals],
    himself: dict[Cell, Totals],
    shrinkage: float,
) -> float:
    """Give the probability, strictly between 0 and 1, that a sale in `cell` goes bad among peers.

    Parameters
    ----------
    everybody, himself
        Cumulative totals per cell of all agents, and the part of them that is the agent's own.
    shrinkage
        How many outcomes the overall rate of the peers is worth against their rate in the cell.
    """
    matured = INNOCENT_MATURED
    bad = INNOCENT_BAD
    for total in everybody.values():
        matured += total.matured
        bad += total.bad
    for total in himself.values():
        matured -= total.matured
        bad -= total.bad
    nobody = Totals()
    of_all, of_him = everybody.get(cell, nobody), himself.get(cell, nobody)
    return (of_all.bad - of_him.bad + shrinkage * bad / matured) / (
        of_all.matured - of_him.matured + shrinkage
    )
