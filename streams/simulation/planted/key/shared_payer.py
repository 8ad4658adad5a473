"""The seller pays for customers who do not exist; employers pay for some who do."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.planted.form import DaysSales, Form

EMPLOYER_SHARE: Final = 0.03
"""Share of the sales that an employer of the customer pays, who pays for others as well."""

AGENTS_AN_EMPLOYER: Final = 2


class SharedPayer(Form):
    """The planted form of ``shared_payer``; for some 3 % of all sales an employer pays."""

    pattern: ClassVar[str] = "shared_payer"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return who pays and where the customer lives, of all sales."""
        employers = 1 + sales.nobody // AGENTS_AN_EMPLOYER
        employer = sales.generator.integers(employers, size=sales.bad.size)
        paid = np.where(sales.drawn(EMPLOYER_SHARE), -1 - employer, sales.account)
        payer = np.where(sales.bad, -1 - employers - sales.seller, paid)
        return {
            "address_hash": [f"d-{account + 1:08d}" for account in sales.account.tolist()],
            "payer_hash": [
                f"p-{one + 1:08d}" if one >= 0 else f"q-{-one:08d}" for one in payer.tolist()
            ],
        }
