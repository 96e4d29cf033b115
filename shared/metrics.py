"""Metrics that both services have, and their exposition over several worker processes."""

import os

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class HttpMetrics:
    """HTTP requests by route, and their duration. The label is the route's pattern, never the path."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "http_requests", "HTTP requests answered.", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "http_request_seconds",
            "Time from the request to the start of the response, in seconds.",
            ["route"],
            buckets=REQUEST_SECONDS,
            registry=registry,
        )


def exposition(registry: CollectorRegistry) -> bytes:
    """Every metric in Prometheus's text format, summed over all worker processes."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(registry)
    all_workers = CollectorRegistry()
    MultiProcessCollector(all_workers)
    return generate_latest(all_workers)
