"""Metrics of commissions, where the settings ask for them."""

from typing import Final

from detectors.commission.action import Action
from streams.metrics.instruments import Instruments


class CommissionMetrics(Instruments):
    """Counts what becomes of commissions."""

    def __init__(self) -> None:
        super().__init__()
        self._actions: Final = self.counter(
            "aboveboard_commission_actions",
            "Revisions of what becomes of commissions, by action: release, claw_back, hold, none.",
            "action",
        )
        self._held: Final = self.gauge(
            "aboveboard_commissions_held",
            "Commissions that are held because an open critical alert covers their sale.",
            "partition",
        )

    def commission(self, action: Action) -> None:
        """Count one revision."""
        self._actions.labels(action).inc()

    def commissions_held(self, partition: int, number: int) -> None:
        """Set how many commissions an agents partition holds."""
        self._held.labels(str(partition)).set(number)
