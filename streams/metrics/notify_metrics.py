"""Metrics of the notifier."""

from collections.abc import Callable
from typing import Final, Literal

from streams.metrics.instruments import Instruments

Result = Literal["taken", "refused", "failed"]


class NotifyMetrics(Instruments):
    """Counts what was sent to receivers, in a registry of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._posts: Final = self.counter(
            "aboveboard_notify_posts",
            "Parts of what was due that a receiver took, refused, or did not answer to.",
            "result",
        )
        self._open: Final = self.gauge(
            "aboveboard_notify_open_alerts", "Alerts that are firing, each severity counted."
        )
        self._oldest: Final = self.gauge(
            "aboveboard_notify_oldest_unsent_seconds",
            "For how long the oldest news has waited for a receiver to take it.",
        )
        self._active: Final = self.gauge(
            "aboveboard_notify_active", "1 while this notifier is the one that tells, else 0."
        )

    def posted(self, result: Result) -> None:
        """Count one answer, or the lack of one."""
        self._posts.labels(result).inc()

    def standing(self, firing: int, *, active: bool) -> None:
        """Set how many alerts are firing, and whether this notifier has the turn."""
        self._open.set(firing)
        self._active.set(active)

    def ask_oldest(self, seconds: Callable[[], float]) -> None:
        """Let the age of the oldest news be what this gives when it is asked."""
        self._oldest.set_function(seconds)
