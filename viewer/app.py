"""Puts the viewer together: the only place that names concrete adapters."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, render_template, url_for
from prometheus_client import CollectorRegistry
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.headers import protect
from shared.identity import Identity, groups_of
from shared.identity.groups import Nobody
from shared.identity.people import Groups
from shared.ops import Checks, PortDispatcher, create_ops_app
from shared.pages import use_pages
from shared.request_logging import observe
from viewer.access.blocks import Blocks
from viewer.access.links import Links
from viewer.access.rates import Rates
from viewer.access.revocations import SharedRevocations
from viewer.audit import Audit
from viewer.audit.search import Search
from viewer.audit.unusual import UnusualVolume
from viewer.documents import Container, Converter, Source
from viewer.formats.archives.files import GzipFile, TarArchive, ZipArchive
from viewer.formats.html.pages import WebPageConverter
from viewer.formats.mail import READERS
from viewer.formats.mail.attachments import MailContainer
from viewer.formats.mail.page import MailConverter
from viewer.formats.office.preview import SavedPreview
from viewer.formats.pdf.embedded import EmbeddedFiles
from viewer.formats.pictures.conversion import PHOTOGRAPHS, PictureConverter
from viewer.formats.pictures.scans import ScanConverter
from viewer.formats.recognition import (
    CSV,
    GZIP,
    HTML,
    IWORK,
    JSON,
    MHT,
    OFFICE_KINDS,
    PDF,
    PICTURE_KINDS,
    TAR,
    TEXT,
    TIFF,
    XML,
    ZIP,
)
from viewer.formats.text.plain import DataText, PlainText
from viewer.formats.text.table import TableConverter
from viewer.metrics import Metrics
from viewer.office.converter import OfficeConverter
from viewer.opening.pipeline import Pipeline
from viewer.opening.renditions import Limits, Renditions
from viewer.opening.store import ObjectStore
from viewer.sandbox.children import Children, Isolated
from viewer.sandbox.examination import Examination
from viewer.settings import Settings
from viewer.sources.edocs import EdocsSource
from viewer.web.administration import administration_blueprint
from viewer.web.api import api_blueprint
from viewer.web.governance import governance_blueprint
from viewer.web.guard import ADMINISTRATORS, GOVERNANCE, STAFF, guard
from viewer.web.home import home_blueprint
from viewer.web.problems import handle_problems
from viewer.web.views import PagePolicy, documents_blueprint
from viewer.web.workers import allow_wasm_in_worker

_MB = 1024 * 1024
_PICTURE_MEMORY_MB = 1024
"""Address space: 80 million pixels of four bytes, three times over."""
_TEXT_MEMORY_MB = 768


@dataclass(frozen=True, slots=True)
class Viewer:
    """The app and what stands beside it."""

    app: Flask
    registry: CollectorRegistry
    checks: Checks
    store: ObjectStore
    audit: Audit


def create_app(settings: Settings, groups: Mapping[str, Groups] | None = None) -> Viewer:
    """The viewer, built from its settings.

    Args:
        settings: checked.
        groups: who may do what, by the names in `access.py`; asked as the settings say unless given.
    """
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    store = ObjectStore(settings.store_url, settings.rendition_hours)
    audit = Audit(settings.audit_url.get_secret_value())
    blocks, revocations = Blocks(audit.database), SharedRevocations(audit.database)
    rates = Rates(audit.database, settings.requests_per_minute)
    links = Links(settings.keys, settings.link_seconds, revocations.valid_from)
    pipeline = _pipeline(settings, metrics, store, audit, blocks)
    groups = groups or _groups(settings, metrics)

    app = Flask("viewer", root_path=str(Path(__file__).parent))
    observe(app, metrics.http)
    protect(app, production=settings.production)
    use_pages(app, settings)
    guard(app, _identity(settings, metrics, revocations), groups, audit, blocks, rates)
    app.register_blueprint(home_blueprint(groups))
    if settings.api:
        app.register_blueprint(api_blueprint(pipeline, store, settings.public_url))
    app.register_blueprint(documents_blueprint(pipeline, links, store, _policy(settings)))
    app.register_blueprint(governance_blueprint(Search(audit.database), settings.unusual_views_per_hour))
    app.register_blueprint(administration_blueprint(blocks, revocations))
    labels = {name: source.label for name, source in pipeline.sources.items()}
    handle_problems(app, settings, lambda code: metrics.refusals.labels(code).inc(), labels)
    allow_wasm_in_worker(app)
    return Viewer(app, registry, {"audit": audit.check, "store": store.check}, store, audit)


def create_wsgi(viewer: Viewer, settings: Settings) -> PortDispatcher:
    """What gunicorn serves on its two ports."""
    hops = settings.trusted_proxies
    public = ProxyFix(viewer.app, x_for=hops, x_proto=hops)
    return PortDispatcher(public, create_ops_app(viewer.registry, viewer.checks), settings.ops_port)


def _pipeline(
    settings: Settings, metrics: Metrics, store: ObjectStore, audit: Audit, blocks: Blocks
) -> Pipeline:
    edocs = EdocsSource(
        settings.edocs_api_url,
        settings.edocs_api_key.get_secret_value(),
        connect_seconds=settings.edocs_connect_seconds,
        read_seconds=settings.edocs_read_seconds,
        total_seconds=settings.edocs_total_seconds,
        attempts=settings.edocs_attempts,
        observe=metrics.fetch,
    )
    sources: dict[str, Source] = {edocs.name: edocs}
    return Pipeline(
        sources=sources,
        renditions=Renditions(
            converters=_converters(settings, metrics),
            containers=_containers(),
            examiner=Examination(Children()),  # its own: a PDF waits for no scan
            store=store,
            limits=Limits(
                document=settings.max_document_mb * _MB,
                unpacked=settings.max_unpacked_mb * _MB,
                wait=settings.rendition_wait_seconds,
                refusal=settings.refusal_hours * 3600,
                conversions=settings.conversions_per_worker,
            ),
            looked_up=lambda outcome: metrics.store_lookups.labels(outcome).inc(),
        ),
        audit=audit,
        blocks=blocks,
        volume=UnusualVolume(audit.database, settings.unusual_views_per_hour, metrics.unusual_volume.inc),
        handed=lambda source, kind: metrics.documents.labels(source, kind).inc(),
    )


def _converters(settings: Settings, metrics: Metrics) -> dict[str, Converter]:
    office = OfficeConverter(
        settings.unoserver_url,
        work_seconds=settings.conversion_seconds,
        queue_seconds=settings.queue_seconds,
        max_bytes=settings.max_office_mb * _MB,
        max_output_bytes=settings.max_rendition_mb * _MB,
        long_jobs=settings.conversions_per_worker // 2,
        observe=metrics.conversion,
    )
    return {
        **dict.fromkeys(OFFICE_KINDS, office),
        **dict.fromkeys(READERS, MailConverter(office)),
        **dict.fromkeys((HTML.name, MHT.name), WebPageConverter(office)),
        **_own_converters(settings),
    }


def _own_converters(settings: Settings) -> dict[str, Converter]:
    """Those that run here, each in a child process."""

    def alone(converter: Converter, memory_mb: int = _PICTURE_MEMORY_MB) -> Converter:
        return Isolated(converter, seconds=settings.conversion_seconds, memory_mb=memory_mb)

    return {
        **dict.fromkeys(PICTURE_KINDS, alone(PictureConverter("PNG"))),
        **dict.fromkeys(PHOTOGRAPHS, alone(PictureConverter("JPEG"))),
        TIFF.name: alone(ScanConverter()),
        TEXT.name: alone(PlainText(), _TEXT_MEMORY_MB),
        XML.name: alone(PlainText(), _TEXT_MEMORY_MB),
        JSON.name: alone(DataText(), _TEXT_MEMORY_MB),
        CSV.name: alone(TableConverter(), _TEXT_MEMORY_MB),
        IWORK.name: alone(SavedPreview(settings.max_rendition_mb * _MB)),
    }


def _containers() -> dict[str, Container]:
    return {
        **{kind: MailContainer(read) for kind, read in READERS.items()},
        PDF.name: EmbeddedFiles(),
        ZIP.name: ZipArchive(),
        TAR.name: TarArchive(),
        GZIP.name: GzipFile(),
    }


def _policy(settings: Settings) -> PagePolicy:
    return PagePolicy(
        downloads=settings.downloads == "pdf",
        printing=settings.printing,
        idle_minutes=settings.idle_minutes,
        watermark=settings.watermark,
    )


def _groups(settings: Settings, metrics: Metrics) -> dict[str, Groups]:
    """Each group asked the provider's way; where a setting names none, nobody is in it."""

    def asked(group: str | None) -> Groups:
        return groups_of(settings, lambda outcome: metrics.membership_checks.labels(outcome).inc(), group)

    governance, administrators = settings.governance_group, settings.administrators_group
    return {
        STAFF: asked(None),
        GOVERNANCE: asked(governance) if governance else Nobody(),
        ADMINISTRATORS: asked(administrators) if administrators else Nobody(),
    }


def _identity(settings: Settings, metrics: Metrics, revocations: SharedRevocations) -> Identity:
    return Identity(
        settings,
        observe=lambda outcome: metrics.sign_ins.labels(outcome).inc(),
        revocations=revocations,
        signed_out_page=lambda: render_template("signed_out.html", sign_in_url=url_for("sign_in.login")),
    )
