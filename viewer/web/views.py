"""The document page, polling and bytes: each view reads the request, calls one method, and responds."""

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Range

from shared.request_logging import request_id
from viewer.access.links import Grant, SignedLinks, Ticket
from viewer.documents import DocumentRef, Rendition, Show
from viewer.errors import Offline, PageNotFound, TooLarge, Undrawable
from viewer.opening.content import Content
from viewer.opening.pipeline import Opened, Pipeline
from viewer.opening.renditions import ClaimLost
from viewer.web.listing import as_json, by_folder, entries
from viewer.web.request import actor, remember_document, requested_document, url_arguments

_POLL_MILLISECONDS = 250
"""The pause between two polls; the response to a poll itself waits for the rendition."""
_REFRESH_SECONDS = 2
_MAX_AGE = timedelta(seconds=60)
"""How long a fetched document counts as the newest version while its rendition is being made."""
_MAX_PLAIN_TABLE = 8 * 1024 * 1024
"""The largest table, in bytes, for the page without scripts; larger ones need the page with scripts."""
_ITSELF = "itself"
"""The query parameter that asks the plain view for the document instead of the list of its parts."""
_PLAIN_PDF_POLICY = "default-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The policy for the browser's own PDF viewer, which the `sandbox` directive would disable."""
_PLAIN_MEDIA_POLICY = (
    "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin; "
    "frame-ancestors 'none'"
)
"""The policy for the browser's own media player, which requests the recording again with the cookie."""
_CONTENT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""The policy for a document's bytes, which disables all active content when they are opened directly."""


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """The council's choices for the document page.

    Args:
        downloads: whether people may download a copy as PDF.
        printing: whether the page offers printing.
        idle_minutes: after how many minutes without use the page hides the document; 0 for never.
        watermark: whether the pages show the person's e-mail address and the time.
    """

    downloads: bool
    printing: bool
    idle_minutes: int
    watermark: bool


@dataclass(frozen=True, slots=True)
class _Documents:
    """The views and what they use; built once by `documents_blueprint`."""

    pipeline: Pipeline
    links: SignedLinks
    policy: PagePolicy

    def page(self, **_: str) -> ResponseReturnValue:
        """The page without the document; its script requests the rendition."""
        ref = requested_document(strict=False)
        label = self.pipeline.source(ref).label
        return render_template(
            "document.html",
            ref=ref,
            source_label=label,
            rendition_url=url_for("documents.rendition", **url_arguments(ref)),
            page_url=url_for("documents.page", **url_arguments(ref)),
            plain_url=url_for("documents.plain", **url_arguments(ref)),
            whole_url=url_for("documents.page", **url_arguments(ref.whole)) if ref.part else None,
            idle_minutes=self.policy.idle_minutes,
            printing=self.policy.printing,
            watermark=_watermark() if self.policy.watermark else None,
            problems_of_the_page=(Offline(), Undrawable()),
        )

    def rendition(self, **_: str) -> ResponseReturnValue:
        """Open the newest version; respond with a link to its rendition, or a ticket while it is made."""
        ref = requested_document(strict=False)
        return self._answer(ref, self.pipeline.open(ref, actor()))

    def progress(self, ticket: str) -> ResponseReturnValue:
        """Respond to a poll with a ticket for a rendition that is being made."""
        waiting = self.links.read_ticket(ticket, actor().email)
        ref = remember_document(waiting.ref)
        fetched_at = datetime.fromtimestamp(waiting.fetched_at, UTC)
        if datetime.now(UTC) - fetched_at > _MAX_AGE:
            return _restart()
        begun = Opened(waiting.key, None, None, fetched_at, None)
        try:
            return self._answer(ref, self.pipeline.poll(ref, begun, actor()))
        except ClaimLost:
            return _restart()

    def content(self, token: str) -> ResponseReturnValue:
        """The bytes of a signed link, whole or one range, for its owner while it is valid."""
        grant = self.links.read_link(token, actor().email)
        remember_document(grant.ref)
        if request.headers.get("Sec-Fetch-Dest") == "document":
            return redirect(url_for("documents.page", **url_arguments(grant.ref)), 302)
        return _bytes(self.pipeline.content(grant.ref, grant.key, actor()))

    def plain(self, **_: str) -> ResponseReturnValue:
        """The newest version for a browser without scripts, in the browser's own viewer."""
        ref = requested_document(strict=False)
        opened = self.pipeline.open(ref, actor())
        if opened.rendition is None:
            page = Response(render_template("waiting.html", ref=ref), 202)
            page.headers["Refresh"] = str(_REFRESH_SECONDS)
            return page
        if opened.rendition.parts and _ITSELF not in request.args:
            return self._plain_listing(ref, opened.rendition)
        content = self.pipeline.content(ref, opened.key, actor())
        if opened.rendition.show is Show.TABLE:
            with closing(content):
                return self._plain_table(ref, content)
        return _as_a_page(_bytes(content), opened.rendition.show)

    def _plain_listing(self, ref: DocumentRef, rendition: Rendition) -> str:
        itself = url_for("documents.plain", **url_arguments(ref) | {_ITSELF: 1})
        return render_template(
            "listing.html",
            ref=ref,
            source_label=self.pipeline.source(ref).label,
            count=len(rendition.parts),
            folders=by_folder(entries(ref, rendition.parts, "documents.plain")),
            itself_url=None if rendition.show is Show.LISTING else itself,
        )

    def _plain_table(self, ref: DocumentRef, content: Content) -> str:
        if content.rendition.size > _MAX_PLAIN_TABLE:
            raise TooLarge("the table is too large for a page without scripts")
        untrusted = json.loads(b"".join(content.whole()))
        left_out = {name: int(untrusted[name]) for name in ("more_rows", "more_columns", "cut_cells")}
        label = self.pipeline.source(ref).label
        return render_template("table.html", ref=ref, source_label=label, rows=untrusted["rows"], **left_out)

    def download(self, token: str) -> ResponseReturnValue:
        """A copy as PDF, where the council allows it; the download is recorded first."""
        if not self.policy.downloads:
            raise PageNotFound
        grant = self.links.read_link(token, actor().email)
        remember_document(grant.ref)
        response = _bytes(self.pipeline.download(grant.ref, grant.key, actor()))
        name = "-".join(filter(None, (grant.ref.source, grant.ref.id, grant.ref.part)))
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
        return response

    def not_drawn(self, token: str) -> ResponseReturnValue:
        """Record the page's report that the browser could not draw the rendition."""
        grant = self.links.read_link(token, actor().email)
        remember_document(grant.ref)
        self.pipeline.not_drawn(grant.ref, grant.key, actor())
        return Response(status=204)

    def _answer(self, ref: DocumentRef, opened: Opened) -> ResponseReturnValue:
        """The state of the document as JSON for the page's script."""
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


def documents_blueprint(pipeline: Pipeline, links: SignedLinks, policy: PagePolicy) -> Blueprint:
    """The routes under which documents are opened."""
    views = _Documents(pipeline, links, policy)
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
    """Tell the page's script to open the document again; a running conversion continues."""
    return jsonify(state="restart"), 409


def _watermark() -> str:
    """The text of the watermark: who views the document, and when."""
    return f"{actor().email} {datetime.now().astimezone():%d %B %Y %H:%M}"


def _bytes(content: Content) -> Response:
    """The rendition's bytes, or the requested single range of them (RFC 9110, section 14)."""
    rendition = content.rendition
    start, end, status = 0, rendition.size, 200
    asked = request.range if request.method == "GET" and content.is_stored else None
    if asked and asked.units == "bytes" and len(asked.ranges) == 1:
        bounds = _range_bounds(asked, rendition.size)
        if bounds is None:
            return Response(status=416, headers={"Content-Range": f"bytes */{rendition.size}"})
        (start, end), status = bounds, 206
    response = Response(content.read(start, end), status, content_type=rendition.media_type)
    response.call_on_close(content.close)
    response.headers["Accept-Ranges"] = "bytes" if content.is_stored else "none"
    response.headers["Content-Length"] = str(end - start)
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = _CONTENT_POLICY
    if status == 206:  # noqa: PLR2004 - Partial Content
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{rendition.size}"
    return response


def _as_a_page(response: Response, show: Show) -> Response:
    """Adapt the policy so that the browser can show PDFs and recordings; other types stay restricted."""
    if show is Show.PDF:
        response.headers["Content-Security-Policy"] = _PLAIN_PDF_POLICY
    elif show in {Show.AUDIO, Show.VIDEO}:
        response.headers["Content-Security-Policy"] = _PLAIN_MEDIA_POLICY
    return response


def _range_bounds(asked: Range, size: int) -> tuple[int, int] | None:
    """The range's start and end; None out of bounds. A suffix longer than the body means all of it."""
    first, end = asked.ranges[0]
    return (max(0, size + first), end or size) if first < 0 < size else asked.range_for_length(size)
