"""All metrics of the viewer; docs/metrics.md describes each."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shared.metrics import HttpMetrics

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)


class Metrics:
    """The metrics of one process, built in `app.py` and passed to the objects that count."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.http = HttpMetrics(registry)
        self.sign_ins = Counter("viewer_sign_ins", "Sign-ins, by result.", ["outcome"], registry=registry)
        self.membership_checks = Counter(
            "viewer_membership_checks",
            "Membership questions to the group directory.",
            ["outcome"],
            registry=registry,
        )
        self.source_fetches = Counter(
            "viewer_source_fetches",
            "Fetches of documents from their source.",
            ["source", "outcome"],
            registry=registry,
        )
        self.source_seconds = Histogram(
            "viewer_source_fetch_seconds",
            "Time to fetch a document, in seconds.",
            ["source"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.conversions = Counter(
            "viewer_conversions", "Conversion attempts, by result.", ["outcome"], registry=registry
        )
        self.conversion_queue_seconds = Histogram(
            "viewer_conversion_queue_seconds",
            "Time that a document waited for a converter, in seconds.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.conversion_work_seconds = Histogram(
            "viewer_conversion_work_seconds",
            "Time that a converter worked on a document, in seconds.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.sandbox_jobs = Counter(
            "viewer_sandbox_jobs",
            "Jobs of the sandbox, by result.",
            ["task", "outcome"],
            registry=registry,
        )
        self.sandbox_seconds = Histogram(
            "viewer_sandbox_seconds",
            "Time of a sandbox job including its wait for a free slot, in seconds.",
            ["task"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.store_bytes = Gauge(
            "viewer_store_bytes",
            "Bytes of renditions in the store.",
            registry=registry,
            multiprocess_mode="mostrecent",
        )
        self.store_limit_bytes = Gauge(
            "viewer_store_limit_bytes",
            "The most bytes that the store may hold, by STORE_MB.",
            registry=registry,
            multiprocess_mode="mostrecent",
        )
        self.unstored = Counter(
            "viewer_renditions_unstored", "Renditions that the store had no room for.", registry=registry
        )
        self.store_lookups = Counter(
            "viewer_store_lookups",
            "Lookups of renditions in the store, by result.",
            ["outcome"],
            registry=registry,
        )
        self.documents = Counter(
            "viewer_documents", "Documents delivered, by kind.", ["source", "kind"], registry=registry
        )
        self.unusual_volume = Counter(
            "viewer_unusual_volume",
            "Alerts that one person opened unusually many documents within an hour.",
            registry=registry,
        )
        self.refusals = Counter(
            "viewer_refusals",
            "Requests that ended with an error, by error code.",
            ["code"],
            registry=registry,
        )

    def count_conversion(self, outcome: str, queue_seconds: float, work_seconds: float) -> None:
        """Count one conversion attempt."""
        self.conversions.labels(outcome).inc()
        self.conversion_queue_seconds.observe(queue_seconds)
        self.conversion_work_seconds.observe(work_seconds)

    def set_store_usage(self, used_bytes: int, limit_bytes: int) -> None:
        """Set how much of the store is used."""
        self.store_bytes.set(used_bytes)
        self.store_limit_bytes.set(limit_bytes)

    def count_sandbox_job(self, task: str, outcome: str, seconds: float) -> None:
        """Count one sandbox job."""
        self.sandbox_jobs.labels(task, outcome).inc()
        self.sandbox_seconds.labels(task).observe(seconds)

    def count_fetch(self, source: str, outcome: str, seconds: float) -> None:
        """Count one fetch of a document from its source."""
        self.source_fetches.labels(source, outcome).inc()
        self.source_seconds.labels(source).observe(seconds)
