"""The pages of a worker."""

from streams.metrics import Metrics
from streams.pages.answer import Page, service_pages
from streams.worker.health import Health


def worker_pages(metrics: Metrics, health: Health) -> dict[str, Page]:
    """Return the pages of a worker, by their paths."""
    return service_pages(metrics.exposition, health.liveness, health.readiness)
