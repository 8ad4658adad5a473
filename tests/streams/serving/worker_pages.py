"""The pages of a worker that has done nothing yet."""

from streams.metrics.registry import Metrics
from streams.serving.page import Page, pages_of
from streams.worker.health import Health


def worker_pages(stall_after: float) -> dict[str, Page]:
    health = Health([], stall_after)
    return pages_of(Metrics().exposition, health.liveness, health.readiness)
