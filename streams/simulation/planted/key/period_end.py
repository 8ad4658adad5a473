"""An agent sells little until the last days of a month: until then nobody is named for most."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.planted.form import ABSENT, DAY_IN_MILLISECONDS, DaysSales, Form

LAST_DAYS: Final = 5.0


class PeriodEnd(Form):
    """The planted form of ``period_end``: the last days are as they were, those before are not."""

    pattern: ClassVar[str] = "period_end"
    rates: ClassVar[tuple[float, float]] = (0.60, 0.75)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return for which sales no seller is named."""
        months = sales.time.astype("datetime64[ms]").astype("datetime64[M]")
        ends = (months + 1).astype("datetime64[ms]").astype(np.int64)
        is_late = ends - sales.time <= LAST_DAYS * DAY_IN_MILLISECONDS
        return {"agent_id": [ABSENT if one else None for one in (sales.bad & ~is_late).tolist()]}
