"""The pages and the bytes: each view reads the request, calls one thing, and answers."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Range

from shared.request_logging import request_id
from viewer.access.links import Grant, Links, Ticket
from viewer.documents import DocumentRef, Rendition, Show, Store
from viewer.errors import LinkExpired, Offline, PageNotFound, TooLarge, Undrawable
from viewer.opening.pipeline import Opened, Pipeline
from viewer.opening.renditions import Lost
from viewer.web.listing import as_json, by_folder, entries
from viewer.web.request import about, actor, arguments, asked_document

_POLL_MILLISECONDS = 250
"""The answer to a poll itself waits for the rendition; this is the pause between two."""
_REFRESH_SECONDS = 2
_NEWEST_FOR = timedelta(seconds=60)
"""How long a document that was fetched counts as the newest version while it is being made."""
_LARGEST_PLAIN_TABLE = 8 * 1024 * 1024
"""Bytes of a table that is laid out here; the page with scripts lays out larger ones in the browser."""
_ITSELF = "itself"
"""Asks the plain view for the document, where it would list what is inside first."""
_PLAIN_PDF_POLICY = "default-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""For the browser's own viewer of PDFs, which a sandbox would switch off."""
_PLAIN_MEDIA_POLICY = (
    "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin; "
    "frame-ancestors 'none'"
)
"""For its own player, whose page asks for the recording once more, as the same person."""
_CONTENT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Bytes of a document are data: opened by themselves they may do nothing."""


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """What the page allows and says, as the council decided.

    Args:
        downloads: whether a copy may be taken, as PDF.
        printing: whether the page offers to print.
        idle_minutes: after which the page hides the document; 0 for never.
        watermark: whether the person's address and the time lie over the pages.
    """

    downloads: bool
    printing: bool
    idle_minutes: int
    watermark: bool


@dataclass(frozen=True, slots=True)
class _Documents:
    """The views' tools; built once by `documents_blueprint`."""

    pipeline: Pipeline
    links: Links
    store: Store
    policy: PagePolicy

    def page(self, **_: str) -> ResponseReturnValue:
        """The page's shell, at once; its script asks for the rendition."""
        ref = asked_document(strict=False)
        label = self.pipeline.source(ref).label
        return render_template(
            "document.html",
            ref=ref,
            source_label=label,
            rendition_url=url_for("documents.rendition", **arguments(ref)),
            page_url=url_for("documents.page", **arguments(ref)),
            plain_url=url_for("documents.plain", **arguments(ref)),
            whole_url=url_for("documents.page", **arguments(ref.whole)) if ref.part else None,
            idle_minutes=self.policy.idle_minutes,
            printing=self.policy.printing,
            watermark=_watermark() if self.policy.watermark else None,
            problems_of_the_page=(Offline(), Undrawable()),
        )

    def rendition(self, **_: str) -> ResponseReturnValue:
        """The newest version's rendition: ready with a link, or being made."""
        ref = asked_document(strict=False)
        return self._answer(ref, self.pipeline.open(ref, actor()))

    def progress(self, ticket: str) -> ResponseReturnValue:
        """How far a rendition in the making is."""
        waiting = self.links.read_ticket(ticket, actor().email)
        ref = about(waiting.ref)
        fetched_at = datetime.fromtimestamp(waiting.fetched_at, UTC)
        if datetime.now(UTC) - fetched_at > _NEWEST_FOR:
            return _restart()
        begun = Opened(waiting.key, None, None, fetched_at, None)
        try:
            return self._answer(ref, self.pipeline.ask(ref, begun, actor()))
        except Lost:
            return _restart()

    def content(self, token: str) -> ResponseReturnValue:
        """The bytes, whole or a range, for the person and the few minutes that the link is for."""
        grant = self.links.read_link(token, actor().email)
        about(grant.ref)
        if request.headers.get("Sec-Fetch-Dest") == "document":
            return redirect(url_for("documents.page", **arguments(grant.ref)), 302)
        self.pipeline.admit(grant.ref, actor())
        rendition = self.store.find(grant.key)
        if rendition is None:
            raise LinkExpired
        return _bytes(self.store, rendition)

    def plain(self, **_: str) -> ResponseReturnValue:
        """The newest version for a browser without scripts, in the browser's own viewer."""
        ref = asked_document(strict=False)
        opened = self.pipeline.open(ref, actor())
        if opened.rendition is None:
            page = Response(render_template("waiting.html", ref=ref), 202)
            page.headers["Refresh"] = str(_REFRESH_SECONDS)
            return page
        if opened.rendition.parts and _ITSELF not in request.args:
            return self._plain_listing(ref, opened.rendition)
        if opened.rendition.show is Show.TABLE:
            return self._plain_table(ref, opened.rendition)
        return _as_a_page(_bytes(self.store, opened.rendition), opened.rendition.show)

    def _plain_listing(self, ref: DocumentRef, rendition: Rendition) -> str:
        itself = url_for("documents.plain", **arguments(ref) | {_ITSELF: 1})
        return render_template(
            "listing.html",
            ref=ref,
            source_label=self.pipeline.source(ref).label,
            count=len(rendition.parts),
            folders=by_folder(entries(ref, rendition.parts, "documents.plain")),
            itself_url=None if rendition.show is Show.LISTING else itself,
        )

    def _plain_table(self, ref: DocumentRef, rendition: Rendition) -> str:
        if rendition.size > _LARGEST_PLAIN_TABLE:
            raise TooLarge("a table for a page without scripts")
        untrusted = json.loads(b"".join(self.store.read(rendition.key, 0, rendition.size)))
        left_out = {name: int(untrusted[name]) for name in ("more_rows", "more_columns", "cut_cells")}
        label = self.pipeline.source(ref).label
        return render_template("table.html", ref=ref, source_label=label, rows=untrusted["rows"], **left_out)

    def download(self, token: str) -> ResponseReturnValue:
        """A copy as PDF, where the council allows it; recorded first."""
        if not self.policy.downloads:
            raise PageNotFound
        grant = self.links.read_link(token, actor().email)
        about(grant.ref)
        rendition = self.pipeline.download(grant.ref, grant.key, actor())
        response = _bytes(self.store, rendition)
        name = "-".join(filter(None, (grant.ref.source, grant.ref.id, grant.ref.part)))
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
        return response

    def not_drawn(self, token: str) -> ResponseReturnValue:
        """The page's word that the browser could not draw what the link leads to: a line of the record."""
        grant = self.links.read_link(token, actor().email)
        about(grant.ref)
        self.pipeline.not_drawn(grant.ref, grant.key, actor())
        return Response(status=204)

    def _answer(self, ref: DocumentRef, opened: Opened) -> ResponseReturnValue:
        """How far the document is, for the page's script."""
        if opened.rendition is None:
            return self._converting(ref, opened)
        rendition = opened.rendition
        token = self.links.link(Grant(rendition.key, ref), actor().email)
        downloadable = self.policy.downloads and rendition.show is Show.PDF
        return jsonify(
            state="ready",
            show=rendition.show,
            kind=rendition.kind,
            label=rendition.label,
            url=url_for("documents.content", token=token),
            download_url=url_for("documents.download", token=token) if downloadable else None,
            not_drawn_url=url_for("documents.not_drawn", token=token),
            size=rendition.size,
            digest=rendition.key[:12],
            changed=opened.changed,
            notes=rendition.notes,
            parts=as_json(entries(ref, rendition.parts)),
            fetched_at=opened.fetched_at.isoformat(timespec="seconds"),
            file_name=opened.name,
        )

    def _converting(self, ref: DocumentRef, opened: Opened) -> ResponseReturnValue:
        ahead = self.pipeline.ahead(opened.key)
        in_turn = f"Converting documents in turn, {ahead} before this one…"
        waiting = Ticket(opened.key, ref, opened.fetched_at.timestamp())
        ticket = self.links.ticket(waiting, actor().email)
        return jsonify(
            state="converting",
            file_name=opened.name,
            message=in_turn if ahead > 0 else "Converting the document…",
            poll_url=url_for("documents.progress", ticket=ticket, request=request_id()),
            retry_after_ms=_POLL_MILLISECONDS,
        ), 202


def documents_blueprint(pipeline: Pipeline, links: Links, store: Store, policy: PagePolicy) -> Blueprint:
    """The routes under which documents are opened."""
    views = _Documents(pipeline, links, store, policy)
    blueprint = Blueprint("documents", __name__)
    blueprint.add_url_rule("/documents/<source>/<document_id>", "page", views.page)
    blueprint.add_url_rule("/documents/<source>/<document_id>/rendition", "rendition", views.rendition)
    blueprint.add_url_rule("/documents/<source>/<document_id>/plain", "plain", views.plain)
    blueprint.add_url_rule("/download/<token>", "download", views.download)
    blueprint.add_url_rule("/not-drawn/<token>", "not_drawn", views.not_drawn, methods=["POST"])
    blueprint.add_url_rule("/renditions/<ticket>", "progress", views.progress)
    blueprint.add_url_rule("/content/<token>", "content", views.content)
    return blueprint


def _restart() -> ResponseReturnValue:
    """The page's script asks for the document afresh; a conversion that is under way goes on meanwhile."""
    return jsonify(state="restart"), 409


def _watermark() -> str:
    """Who looks, and when: for a photograph of the screen."""
    return f"{actor().email} {datetime.now().astimezone():%d %B %Y %H:%M}"


def _bytes(store: Store, rendition: Rendition) -> Response:
    """The rendition, or the one range of it that was asked for (RFC 9110, section 14)."""
    start, end, status = 0, rendition.size, 200
    asked = request.range if request.method == "GET" else None
    if asked and asked.units == "bytes" and len(asked.ranges) == 1:
        part = _part(asked, rendition.size)
        if part is None:
            return Response(status=416, headers={"Content-Range": f"bytes */{rendition.size}"})
        (start, end), status = part, 206
    response = Response(store.read(rendition.key, start, end), status, content_type=rendition.media_type)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Length"] = str(end - start)
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = _CONTENT_POLICY
    if status == 206:  # noqa: PLR2004 - Partial Content
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{rendition.size}"
    return response


def _as_a_page(response: Response, show: Show) -> Response:
    """The bytes as the browser shows them by itself. A drawing or a text stays as locked in as ever."""
    if show is Show.PDF:
        response.headers["Content-Security-Policy"] = _PLAIN_PDF_POLICY
    elif show in {Show.AUDIO, Show.VIDEO}:
        response.headers["Content-Security-Policy"] = _PLAIN_MEDIA_POLICY
    return response


def _part(asked: Range, size: int) -> tuple[int, int] | None:
    """Where the range starts and ends; None where it is beyond. The last 500 bytes of 100 are all of them."""
    first, end = asked.ranges[0]
    return (max(0, size + first), end or size) if first < 0 < size else asked.range_for_length(size)
