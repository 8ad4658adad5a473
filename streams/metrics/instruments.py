"""Makes metrics in a registry, knows which of them speak of partitions, and shows them all."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder


class Instruments:
    """A registry of its own, and what is counted into it."""

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry()
        self._of_partitions: Final[list[Gauge]] = []

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        """Return a new counter."""
        return Counter(name, text, labels, registry=self.registry)

    def gauge(self, name: str, text: str, *labels: str) -> Gauge:
        """Return a new gauge."""
        gauge = Gauge(name, text, labels, registry=self.registry)
        if "partition" in labels:
            self._of_partitions.append(gauge)
        return gauge

    def histogram(self, name: str, text: str, *labels: str) -> Histogram:
        """Return a new histogram."""
        return Histogram(name, text, labels, registry=self.registry)

    def released(self) -> None:
        """Forget what was said of partitions: another worker may be in charge of them now."""
        for gauge in self._of_partitions:
            gauge.clear()

    def exposition(self, accept: str) -> tuple[str, bytes]:
        """Return everything as text for Prometheus, of the content type given first.

        `accept` is the ``Accept`` header of the request.
        """
        try:
            encode, content_type = choose_encoder(accept)
            return content_type, encode(self.registry)
        except (TypeError, ValueError):
            # The encoder takes any `version=` for numbers, and fails at others. Who asks for what
            # there is not gets the default.
            encode, content_type = choose_encoder("")
            return content_type, encode(self.registry)
