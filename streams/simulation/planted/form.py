"""How a pattern looks when somebody is planted for it."""

from typing import Any, ClassVar, Final, NamedTuple, Protocol

import numpy as np

from streams.simulation.arrays import Flags, Floats, Integers
from streams.simulation.deeds import Deed

DAY_IN_MILLISECONDS: Final = 86_400_000

ABSENT: Final = object()
"""Stands for a field that an event does not have, where others have it."""


class DaysSales(NamedTuple):
    """The sales of one day as a form sees them, one element a sale.

    `bad` are those that its planted agents make badly. `spoken`: sold by a person on the phone.
    `seller` is a row of `People`, of whom `nobody` is the last: the shop; `ids` are their ids.
    `generator` is the form's
    own on this day, so that no form moves a number that another one draws. The other columns are as
    in `streams.simulation.sales.Sales`. `memory` is what the form remembers of the days before.
    """

    bad: Flags
    spoken: Flags
    time: Integers
    number: Integers
    account: Integers
    seller: Integers
    product: Integers
    price: Floats
    attempts: Integers
    nobody: int
    ids: list[str | None]
    generator: np.random.Generator
    memory: dict[Any, Any]

    def drawn(self, share: float) -> Flags:
        """Draw a share of all sales."""
        chosen: Flags = self.generator.random(self.bad.size) < share
        return chosen


class Happening(NamedTuple):
    """A deed that is done to some sales: their places, and when (milliseconds since 1970)."""

    deed: Deed
    rows: Integers
    times: Integers


class Ends(NamedTuple):
    """When each sale is cancelled, in whole days after the sale; `deed` the place in `Form.deeds`.

    -1 leaves a sale as it is.
    """

    days: Integers
    deed: Integers


class Form(Protocol):
    """The planted form of one pattern; a form is one file here, and one line in the registry.

    Attributes
    ----------
    pattern
        Its name.
    rates
        From which to which share of a planted agent's sales is bad.
    deeds
        What is done to sales in this form, beside what happens in every centre.
    """

    pattern: ClassVar[str]
    rates: ClassVar[tuple[float, float]]
    deeds: ClassVar[tuple[Deed, ...]] = ()

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return fields of the events of sales, one value a sale; None leaves one as it is."""
        del sales
        return {}

    def happenings(self, sales: DaysSales) -> list[Happening]:
        """Return what is done to sales; what comes after their cancellation is left out."""
        del sales
        return []

    def ends(self, sales: DaysSales) -> Ends | None:
        """Return which sales are cancelled when, of those that would live for some weeks."""
        del sales
        return None

    def unmet(self, sales: DaysSales) -> Flags | None:
        """Return whose customers nobody met; None if the form needs no record of who met whom."""
        del sales
        return None

    def unused(self, sales: DaysSales) -> Flags:
        """Return on which accounts no customer does what is use."""
        return np.zeros(sales.bad.size, dtype=np.bool_)


def given(values: Any, where: Flags | None = None) -> list[Any]:  # noqa: ANN401 - of any type
    """Return a column as values of a field, None where it is not given."""
    column = np.asarray(values)
    if where is None:
        listed: list[Any] = column.tolist()
        return listed
    return [
        value if is_given else None
        for value, is_given in zip(column.tolist(), where.tolist(), strict=True)
    ]
