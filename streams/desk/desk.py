"""What every answer of the desk is made from."""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from detectors.events.decision import Decision
from detectors.settings import Settings
from streams.config.desk import DeskSettings, roles_for_customers
from streams.desk.live import Live
from streams.desk.model.read_model import ReadModel
from streams.desk.waiting import Clocks, clocks_of
from streams.desk.witness import Witness
from streams.errors import RequestRefused
from streams.metrics.desk_metrics import DeskMetrics

_USUAL: Final = DeskSettings()

_NOTHING_READ: Final = (
    "not all alerts and cases are read yet ({share:.0%} of them), and what is not shown would look "
    "as if it were not there: ask again when /readyz says yes"
)
_SILENT: Final = (
    "Kafka does not answer the desk, so what it knows may be old: ask again when /readyz says yes"
)
_NEARLY: Final = 0.99
"""As much as is told before it is all."""


class Desk(NamedTuple):
    """The parts that the handlers share.

    Attributes
    ----------
    model
        What is known.
    live
        Tells who has a page open that something changed.
    witness
        Writes down what is shown.
    store_decision
        Stores a decision, and returns where once it is stored; it may block.
    is_ready
        Whether everything was read.
    events_behind
        How many events of sources are not read yet; None where nobody knows.
    settings
        Those of the detectors: what people may decide, and for how long.
    metrics
        Counts what is stored.
    clocks
        How long a case may wait until it is overdue.
    customers_for
        The roles that see the ids of customers.
    recompute_seconds
        For how long an alert may be recomputed.
    """

    model: ReadModel
    live: Live
    witness: Witness
    store_decision: Callable[[Decision], str]
    is_ready: Callable[[], bool]
    events_behind: Callable[[], int | None]
    settings: Settings
    metrics: DeskMetrics
    clocks: Clocks = clocks_of(_USUAL)
    customers_for: frozenset[str] = roles_for_customers(_USUAL)
    recompute_seconds: float = _USUAL.desk_recompute_timeout

    def require_ready(self) -> None:
        """Raise RequestRefused (503) as long as not everything was read, or Kafka is silent."""
        if not self.is_ready():
            share = self.model.share_read
            if share >= 1.0:
                raise RequestRefused(503, _SILENT)
            raise RequestRefused(503, _NOTHING_READ.format(share=min(share, _NEARLY)))

    async def store(self, decision: Decision) -> str:
        """Store a decision; return where it stands in the topic.

        Raises
        ------
        BrokerError
            It may not be stored.
        """
        place = await asyncio.to_thread(self.store_decision, decision)
        self.metrics.decided()
        return place
