"""The viewer's metrics, all of them; docs/metrics.md describes each."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from shared.metrics import HttpMetrics

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)


class Metrics:
    """One object a process, built in `app.py` and handed to whoever counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.http = HttpMetrics(registry)
        self.sign_ins = Counter(
            "viewer_sign_ins", "Sign-ins by how they ended.", ["outcome"], registry=registry
        )
        self.membership_checks = Counter(
            "viewer_membership_checks", "Questions to the group directory.", ["outcome"], registry=registry
        )
        self.source_fetches = Counter(
            "viewer_source_fetches",
            "Documents asked of their source.",
            ["source", "outcome"],
            registry=registry,
        )
        self.source_seconds = Histogram(
            "viewer_source_fetch_seconds",
            "Time to fetch a document.",
            ["source"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.conversions = Counter(
            "viewer_conversions", "Attempts to convert, by how they ended.", ["outcome"], registry=registry
        )
        self.conversion_queue_seconds = Histogram(
            "viewer_conversion_queue_seconds",
            "Time waited for a converter.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.conversion_work_seconds = Histogram(
            "viewer_conversion_work_seconds", "Time a converter worked.", buckets=_SECONDS, registry=registry
        )
        self.sandbox_jobs = Counter(
            "viewer_sandbox_jobs",
            "Jobs given to the sandbox, by how they ended.",
            ["task", "outcome"],
            registry=registry,
        )
        self.sandbox_seconds = Histogram(
            "viewer_sandbox_seconds",
            "Time of a job in the sandbox, with its wait for a place.",
            ["task"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.store_lookups = Counter(
            "viewer_store_lookups", "Renditions looked for in the store.", ["outcome"], registry=registry
        )
        self.documents = Counter(
            "viewer_documents", "Documents handed out, by kind.", ["source", "kind"], registry=registry
        )
        self.unusual_volume = Counter(
            "viewer_unusual_volume",
            "Times that one person opened unusually many documents within an hour.",
            registry=registry,
        )
        self.refusals = Counter(
            "viewer_refusals", "Requests refused, by error code.", ["code"], registry=registry
        )

    def conversion(self, outcome: str, queue_seconds: float, work_seconds: float) -> None:
        """Count one attempt to convert."""
        self.conversions.labels(outcome).inc()
        self.conversion_queue_seconds.observe(queue_seconds)
        self.conversion_work_seconds.observe(work_seconds)

    def sandbox(self, task: str, outcome: str, seconds: float) -> None:
        """Count one job in the sandbox."""
        self.sandbox_jobs.labels(task, outcome).inc()
        self.sandbox_seconds.labels(task).observe(seconds)

    def fetch(self, source: str, outcome: str, seconds: float) -> None:
        """Count one document asked of its source."""
        self.source_fetches.labels(source, outcome).inc()
        self.source_seconds.labels(source).observe(seconds)
