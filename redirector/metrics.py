"""The redirector's own metrics."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter

from redirector.translate import Found, Reason, Refusal

REDIRECTED = "redirected"
NO_RULE = "none"
"""The `rule` label of links that no rule matches."""


class RedirectMetrics:
    """Redirects by rule and outcome, and person ids that were dropped."""

    def __init__(self, registry: CollectorRegistry, rules: Iterable[str]) -> None:
        """Start every count at 0, so that the first event shows as an increase.

        Args:
            registry: the registry for the metrics.
            rules: the names of all rules.
        """
        redirects = Counter("redirects", "Links followed or refused.", ["rule", "outcome"], registry=registry)
        dropped = Counter(
            "persons_dropped",
            "Redirects without the link's person id, which was malformed or contradictory.",
            ["rule"],
            registry=registry,
        )
        outcomes = {(rule, outcome) for rule in rules for outcome in (REDIRECTED, *Reason)}
        outcomes -= {(rule, Reason.UNKNOWN_LINK) for rule in rules}
        outcomes |= {(NO_RULE, Reason.UNKNOWN_LINK), (NO_RULE, Reason.TOO_LONG)}
        self._redirects = {labels: redirects.labels(*map(str, labels)) for labels in outcomes}
        self._dropped = {rule: dropped.labels(rule) for rule in rules}

    def count(self, result: Found | Refusal) -> None:
        """Count one link."""
        if isinstance(result, Refusal):
            self._redirects[result.rule or NO_RULE, result.reason].inc()
            return
        self._redirects[result.rule, REDIRECTED].inc()
        if result.person_dropped:
            self._dropped[result.rule].inc()
