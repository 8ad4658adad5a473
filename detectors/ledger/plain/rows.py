"""Rows as objects."""

from collections.abc import Sequence
from math import isnan
from typing import NamedTuple

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId, Cell, SaleId
from detectors.evidence.arrays import Reals
from detectors.facts.account import Account, SaleRecord


class Row(NamedTuple):
    """A row, as Python has it: the fields of `layout.ROW` in their order."""

    at: float
    uses: Reals
    amount: float
    batch: int
    customer: int
    verdicts: int
    place: int
    hash: int
    due: int
    agent: int
    cell: int
    product: int
    site: int
    team: int
    account_length: int
    sale_length: int
    event_length: int
    used: int
    state: int
    in_cohort: bool
    is_changed: bool
    was_sold: bool


def account_in(
    one: Row, names: Sequence[str], numbers: Sequence[float], sale_id: SaleId, event_id: str
) -> Account:
    """Return the account in a row, with names by their numbers and the ids of its sale."""
    uses = tuple(map(Seconds, one.uses[: one.used].tolist()))
    if isnan(one.at):
        return Account((), (), uses, (), one.was_sold)
    sale = SaleRecord(
        sale_id,
        event_id,
        Seconds(one.at),
        None if one.agent < 0 else AgentId(names[one.agent]),
        names[one.product],
        Cell(names[one.cell]),
        one.verdicts,
        (),
        one.batch,
        None if isnan(one.amount) else one.amount,
        None,
        one.customer,
        None if one.site < 0 else names[one.site],
        None if one.team < 0 else names[one.team],
        tuple([None if isnan(number) else number for number in numbers]),
    )
    return Account((sale,), (), uses, (), one.was_sold)
