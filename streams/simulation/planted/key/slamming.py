"""The seller signs customers of others over, without a word with them."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.planted.form import ABSENT, DaysSales, Form
from streams.simulation.planted.key.customers import Fields, customer_id, empty

SPOKEN_SHARE: Final = 0.06
"""Share of the calls in which an honest agent sells to a customer of somebody else."""

UNRECORDED_SHARE: Final = 0.03
"""Share of these calls that are on no record."""

SILENT_SHARE: Final = 0.003
"""Share of the other sales in which an honest agent does: there nobody records an interaction."""

_YESTERDAY: Final = "yesterday"


class Slamming(Form):
    """The planted form of ``slamming``; customers are moved a day after another agent sold."""

    pattern: ClassVar[str] = "slamming"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)

    def fields(self, sales: DaysSales) -> Fields:
        """Return the customers who are moved, and of which sales on the phone there is no call."""
        found = empty(sales, "customer_id", "interaction_id")
        moves = sales.bad | np.where(
            sales.spoken, sales.drawn(SPOKEN_SHARE), sales.drawn(SILENT_SHARE)
        )
        unrecorded = sales.spoken & (sales.bad | sales.drawn(UNRECORDED_SHARE))
        seller, product, account = sales.memory.get(_YESTERDAY, np.zeros((3, 0), dtype=np.int64))
        taken: set[int] = set()
        for place in np.flatnonzero(moves & (sales.seller != sales.nobody)).tolist():
            is_like = (product == sales.product[place]) & (seller != sales.seller[place])
            free = [one for one in account[is_like].tolist() if one not in taken]
            if free:
                taken.add(free[0])
                found["customer_id"][place] = customer_id(free[0])
                found["interaction_id"][place] = ABSENT if unrecorded[place] else None
        by_agents = sales.spoken & (sales.seller != sales.nobody)
        columns = (sales.seller, sales.product, sales.account)
        sales.memory[_YESTERDAY] = np.array([column[by_agents] for column in columns])
        return found
