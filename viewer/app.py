"""Builds the viewer from its settings; the only module that names concrete adapters."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, render_template, url_for
from prometheus_client import CollectorRegistry
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.headers import set_security_headers
from shared.identity import Identity, groups_of, share_of_google
from shared.identity.groups import EmptyGroup
from shared.identity.people import Groups
from shared.ops import Checks, PortDispatcher, create_ops_app
from shared.pages import use_pages
from shared.request_logging import log_requests
from shared.shares import Share
from viewer.access.blocks import Blocks
from viewer.access.links import SignedLinks
from viewer.access.rates import RateLimiter
from viewer.access.revocations import SharedRevocations
from viewer.audit import Audit
from viewer.audit.search import Search
from viewer.audit.unusual import UnusualVolume
from viewer.documents import Source
from viewer.errors import ConverterBusy, SourceBusy
from viewer.metrics import Metrics
from viewer.office.converter import OfficeConverter
from viewer.opening.claims import Claims
from viewer.opening.pipeline import Pipeline
from viewer.opening.refusals import Refusals
from viewer.opening.renditions import Limits, Renditions
from viewer.opening.store import ObjectStore
from viewer.opening.unstored import UnstoredRenditions
from viewer.sandbox.client import SandboxClient, SandboxIncomplete
from viewer.sandbox.sandbox import Sandbox, Work
from viewer.settings import Settings
from viewer.sources.edocs import EdocsSource
from viewer.sweeper import Sweepable
from viewer.web.access_control import ADMINISTRATORS, GOVERNANCE, STAFF, restrict_access
from viewer.web.administration import administration_blueprint
from viewer.web.api import api_blueprint
from viewer.web.governance import governance_blueprint
from viewer.web.home import home_blueprint
from viewer.web.problems import handle_problems
from viewer.web.views import PagePolicy, documents_blueprint
from viewer.web.workers import allow_wasm_in_worker

_MB = 1024 * 1024
_SANDBOX_TASKS = "viewer.sandbox.tasks"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The app and the objects that run beside it; `swept` holds what the sweeper cleans, by name."""

    app: Flask
    registry: CollectorRegistry
    checks: Checks
    store: ObjectStore
    audit: Audit
    swept: Mapping[str, Sweepable]


def create_app(
    settings: Settings,
    groups: Mapping[str, Groups] | None = None,
    sandbox: SandboxClient | None = None,
) -> Viewer:
    """The viewer, built from its settings.

    Args:
        settings: the validated settings.
        groups: the groups by the names in `web/access_control.py`; those of the settings by default.
        sandbox: the sandbox in which documents are read; a new one by default.

    Raises:
        ConversionUnavailable: the sandbox does not start.
        SandboxIncomplete: the kernel cannot confine the sandbox.
    """
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    max_store_bytes = settings.store_mb * _MB
    store = ObjectStore(
        settings.store_url, settings.rendition_hours, max_store_bytes, metrics.set_store_usage
    )
    audit = Audit(settings.audit_url.get_secret_value())
    blocks, revocations = Blocks(audit.database), SharedRevocations(audit.database)
    rates = RateLimiter(audit.database, settings.requests_per_minute)
    links = SignedLinks(settings.keys, settings.link_seconds, revocations.valid_from)
    sandbox = sandbox or _start_sandbox(settings)
    pipeline = _pipeline(settings, metrics, store, audit, blocks, sandbox)
    google = share_of_google(settings)
    groups = groups or _groups(settings, metrics, google)

    app = Flask("viewer", root_path=str(Path(__file__).parent))
    log_requests(app, metrics.http)
    set_security_headers(app, production=settings.production)
    use_pages(app, settings)
    restrict_access(app, _identity(settings, metrics, revocations, google), groups, audit, blocks, rates)
    app.register_blueprint(home_blueprint(groups))
    if settings.api:
        app.register_blueprint(api_blueprint(pipeline, settings.public_url))
    app.register_blueprint(documents_blueprint(pipeline, links, _policy(settings)))
    app.register_blueprint(governance_blueprint(Search(audit.database), settings.unusual_views_per_hour))
    app.register_blueprint(administration_blueprint(blocks, revocations))
    labels = {name: source.label for name, source in pipeline.sources.items()}
    handle_problems(app, settings, lambda code: metrics.refusals.labels(code).inc(), labels)
    allow_wasm_in_worker(app)
    renditions = pipeline.renditions
    swept: Mapping[str, Sweepable] = {
        "store": store,
        "unstored renditions": renditions.unstored,
        "claims": renditions.claims,
        "refusals": renditions.refusals,
    }
    return Viewer(app, registry, {"audit": audit.check, "store": store.check}, store, audit, swept)


def create_wsgi(viewer: Viewer, settings: Settings) -> PortDispatcher:
    """The WSGI app that gunicorn serves on the public port and the operations port."""
    hops = settings.trusted_proxies
    public = ProxyFix(viewer.app, x_for=hops, x_proto=hops)
    return PortDispatcher(public, create_ops_app(viewer.registry, viewer.checks), settings.ops_port)


def _pipeline(
    settings: Settings,
    metrics: Metrics,
    store: ObjectStore,
    audit: Audit,
    blocks: Blocks,
    sandbox: SandboxClient,
) -> Pipeline:
    edocs = EdocsSource(
        settings.edocs_api_url,
        settings.edocs_api_key.get_secret_value(),
        connect_seconds=settings.edocs_connect_seconds,
        read_seconds=settings.edocs_read_seconds,
        total_seconds=settings.edocs_total_seconds,
        attempts=settings.edocs_attempts,
        share=Share(max(1, settings.threads * 3 // 8), SourceBusy, waiting=max(1, settings.threads // 4)),
        on_fetch=metrics.count_fetch,
    )
    sources: dict[str, Source] = {edocs.name: edocs}
    return Pipeline(
        sources=sources,
        renditions=Renditions(
            reader=_reader(settings, metrics, sandbox),
            printer=_printer(settings, metrics),
            store=store,
            unstored=UnstoredRenditions(audit.database),
            claims=Claims(audit.database),
            refusals=Refusals(audit.database),
            waiting=Share(max(1, settings.threads // 4), ConverterBusy),
            limits=Limits(
                max_document_bytes=settings.max_document_mb * _MB,
                wait_seconds=settings.rendition_wait_seconds,
                refusal_seconds=settings.refusal_hours * 3600,
                max_concurrent=settings.conversions_per_worker,
            ),
            on_store_lookup=lambda outcome: metrics.store_lookups.labels(outcome).inc(),
            on_unstored=metrics.unstored.inc,
        ),
        audit=audit,
        blocks=blocks,
        volume=UnusualVolume(audit.database, settings.unusual_views_per_hour, metrics.unusual_volume.inc),
        on_delivered=lambda source, kind: metrics.documents.labels(source, kind).inc(),
    )


def _reader(settings: Settings, metrics: Metrics, sandbox: SandboxClient) -> Sandbox:
    limits = {
        "max_unpacked": settings.max_unpacked_mb * _MB,
        "max_part_bytes": settings.max_document_mb * _MB,
        "max_total_bytes": settings.max_unpacked_mb * _MB,
        "max_result": settings.max_rendition_mb * _MB,
    }
    largest = max(settings.max_document_mb, settings.max_rendition_mb)
    return Sandbox(sandbox, Work(largest, limits), metrics.count_sandbox_job)


def _start_sandbox(settings: Settings) -> SandboxClient:
    """Start the processes in which documents are read.

    Raises:
        ConversionUnavailable: they do not start.
        SandboxIncomplete: the kernel has no Landlock, and the settings do not allow a start without it.
    """
    client = SandboxClient(_SANDBOX_TASKS)
    if not client.about["landlock"] and not settings.sandbox_without_landlock:
        client.stop()
        raise SandboxIncomplete
    return client


def _printer(settings: Settings, metrics: Metrics) -> OfficeConverter:
    return OfficeConverter(
        settings.unoserver_url,
        work_seconds=settings.conversion_seconds,
        queue_seconds=settings.queue_seconds,
        max_bytes=settings.max_office_mb * _MB,
        max_output_bytes=settings.max_rendition_mb * _MB,
        locale=settings.document_locale,
        on_attempt=metrics.count_conversion,
    )


def _policy(settings: Settings) -> PagePolicy:
    return PagePolicy(
        downloads=settings.downloads == "pdf",
        printing=settings.printing,
        idle_minutes=settings.idle_minutes,
        watermark=settings.watermark,
    )


def _groups(settings: Settings, metrics: Metrics, google: Share) -> dict[str, Groups]:
    """The groups of the settings; a group that no setting names is empty."""

    def members_of(group: str | None) -> Groups:
        count = metrics.membership_checks
        return groups_of(settings, lambda outcome: count.labels(outcome).inc(), group, google)

    governance, administrators = settings.governance_group, settings.administrators_group
    return {
        STAFF: members_of(None),
        GOVERNANCE: members_of(governance) if governance else EmptyGroup(),
        ADMINISTRATORS: members_of(administrators) if administrators else EmptyGroup(),
    }


def _identity(
    settings: Settings, metrics: Metrics, revocations: SharedRevocations, google: Share
) -> Identity:
    return Identity(
        settings,
        on_sign_in=lambda outcome: metrics.sign_ins.labels(outcome).inc(),
        revocations=revocations,
        share=google,
        signed_out_page=lambda: render_template("signed_out.html", sign_in_url=url_for("sign_in.login")),
    )
