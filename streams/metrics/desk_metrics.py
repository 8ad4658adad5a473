"""Metrics of the desk: none of them names anybody."""

from collections.abc import Mapping
from typing import Final, Literal

from streams.metrics.instruments import Instruments

Answered = Literal["answered", "unknown", "forbidden", "wrong", "failed"]


class DeskMetrics(Instruments):
    """Counts what was asked of the desk, in a registry of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._requests: Final = self.counter(
            "aboveboard_desk_requests", "Requests, by what became of them.", "result"
        )
        self._unwritten: Final = self.counter(
            "aboveboard_desk_unwritten_lookups",
            "Answers that were not given, as the lookup could not be written.",
        )
        self._decisions: Final = self.counter(
            "aboveboard_desk_decisions", "Decisions that were stored."
        )
        self._foreign: Final = self.gauge(
            "aboveboard_desk_foreign_records", "Records that other programs wrote.", "topic"
        )
        self._lag: Final = self.gauge(
            "aboveboard_desk_lag_records", "Records of alerts and cases that are not read yet."
        )
        self._ready: Final = self.gauge(
            "aboveboard_desk_ready", "1 once everything was read, else 0."
        )

    def request(self, status: int) -> None:
        """Count a request by the status of its answer."""
        self._requests.labels(_result(status)).inc()

    def unwritten(self) -> None:
        """Count an answer that was not given."""
        self._unwritten.inc()

    def decided(self) -> None:
        """Count a decision that was stored."""
        self._decisions.inc()

    def progress(self, lag: int, foreign: Mapping[str, int], *, ready: bool) -> None:
        """Set how far the desk has read."""
        self._lag.set(lag)
        self._ready.set(ready)
        for topic, number in foreign.items():
            self._foreign.labels(topic).set(number)


def _result(status: int) -> Answered:
    named: dict[int, Answered] = {401: "unknown", 403: "forbidden"}
    if status in named:
        return named[status]
    if status >= 500:  # noqa: PLR2004 - as HTTP has it
        return "failed"
    return "wrong" if status >= 400 else "answered"  # noqa: PLR2004 - likewise
