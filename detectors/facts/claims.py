"""Of several claims about one sale: which of them repeat, and which contradict each other.

Claims that agree in who sold what, for how much, to whom are one sale told again: the one that says
more of it holds, then the earlier one, then the one with the smaller event id, so their order
cannot matter. A claim that names another agent, product, amount or customer contradicts the one
that is known. Which of two such claims holds may not be up to whoever sends the second: so the one
that *arrived* first does, whatever time the other bears. It is the only place where the order of
the log decides.

A claim of a greater version corrects the others, where settings say that versions are believed: it
holds whatever came first, and what the others say is kept as what was corrected. Only claims of one
version can contradict each other.

That agent is known and named with a null, too: that nobody sold it says something. An amount or a
customer that nobody could read says nothing, and contradicts nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from detectors.basis.event_time import Seconds
from detectors.facts.account import SaleRecord
from detectors.facts.named import named

CONTRADICTED_FIELDS: Final = ("agent_id", "product", "amount", "customer_id")
"""The fields in which claims can contradict each other; each is a bit of `SaleRecord.contested`."""

CORRECTED_FIELDS: Final = (*CONTRADICTED_FIELDS, "occurred_at")
"""The fields of which it is told when they are corrected; each is a bit of `corrected`."""

_VALUES: Final[tuple[Callable[[SaleRecord], Any], ...]] = (
    lambda sale: (sale.agent_id,),
    lambda sale: sale.product,
    lambda sale: sale.amount,
    lambda sale: sale.customer or None,
)
"""What a claim says in each of them, None where it says nothing."""


def contradictions(one: SaleRecord, other: SaleRecord) -> int:
    """Return in which fields two claims contradict each other, a bit for each; 0 if they agree."""
    found = 0
    for number, value in enumerate(_VALUES):
        said, also = value(one), value(other)
        if said is not None and also is not None and said != also:
            found |= 1 << number
    return found


def corrections(one: SaleRecord, other: SaleRecord) -> int:
    """Return in which fields two claims differ, a bit for each, unknown ones among them.

    Of several claims in any order: if each is compared with the one that holds then, a bit is set
    if not all of them say the same there.
    """
    found = int(one.at != other.at) << len(_VALUES)
    for number, value in enumerate(_VALUES):
        found |= int(value(one) != value(other)) << number
    return found


def fields_of(bits: int) -> tuple[str, ...]:
    """Return the names of the fields whose bits are set."""
    return tuple(name for number, name in enumerate(CORRECTED_FIELDS) if bits >> number & 1)


def precedes(one: SaleRecord, other: SaleRecord) -> bool:
    """Return whether, of two claims that agree, the first holds."""
    return _precedence(one) <= _precedence(other)


def known_claim(sales: Sequence[SaleRecord], claim: SaleRecord, span: float) -> SaleRecord | None:
    """Return the known record of the sale that a claim is about, or None if it is a new one.

    Claims further apart than `span` seconds are two sales. Of two that are in reach, the one that
    the claim agrees with is meant.
    """
    same = named(sales, claim.sale_id)
    near = [known for known in same if abs(known.at - claim.at) <= span]
    if not near:  # nearly always
        return None
    return next((known for known in near if not contradictions(known, claim)), near[0])


def _precedence(sale: SaleRecord) -> tuple[int, Seconds, str]:
    unknown = (sale.amount is None) + (not sale.customer)
    return (unknown, sale.at, sale.event_id)
