"""The pages and the bytes: each view reads the request, calls one thing, and answers."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Range

from shared.document_ref import PERSON_ID
from shared.requests_seen import request_id
from viewer.documents import DocumentRef, Rendition, Store
from viewer.errors import LinkExpired, LinkMalformed
from viewer.links import Grant, Links
from viewer.pipeline import Lost, Pipeline, Visitor

_POLL_MILLISECONDS = 250
"""The answer to a poll itself waits for the rendition; this is the pause between two."""
_CONTENT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Bytes of a document are data: opened by themselves they may do nothing."""


@dataclass(frozen=True, slots=True)
class _Documents:
    """The views' tools; built once by `documents_blueprint`."""

    pipeline: Pipeline
    links: Links
    store: Store

    def page(self, source: str, document_id: str) -> ResponseReturnValue:
        """The page's shell, at once; its script asks for the rendition."""
        ref = _ref(source, document_id)
        label = self.pipeline.source(ref).label
        return render_template(
            "document.html",
            ref=ref,
            source_label=label,
            rendition_url=url_for("documents.rendition", **_page_arguments(ref)),
            page_url=url_for("documents.page", **_page_arguments(ref)),
        )

    def rendition(self, source: str, document_id: str) -> ResponseReturnValue:
        """The newest version's rendition: ready with a link, or being made."""
        ref = _ref(source, document_id)
        opened = self.pipeline.open(ref, _visitor())
        if opened.rendition is None:
            return self._converting(Grant.of(g.actor, opened.key, "", ref))
        answer = self._ready(ref, opened.rendition)
        answer.update(fetched_at=opened.fetched_at.isoformat(timespec="seconds"), file_name=opened.name)
        return jsonify(answer)

    def progress(self, ticket: str) -> ResponseReturnValue:
        """How far a rendition in the making is."""
        grant = self.links.read_ticket(ticket, g.actor)
        g.ref = grant.ref
        try:
            rendition = self.pipeline.ask(grant.ref, grant.key, _visitor())
        except Lost:
            return jsonify(state="restart"), 409
        return jsonify(self._ready(grant.ref, rendition)) if rendition else self._converting(grant)

    def content(self, token: str) -> ResponseReturnValue:
        """The bytes, whole or a range, for the person and the few minutes that the link is for."""
        grant = self.links.read_link(token, g.actor)
        g.ref = grant.ref
        if request.headers.get("Sec-Fetch-Dest") == "document":
            return redirect(url_for("documents.page", **_page_arguments(grant.ref)), 302)
        rendition = self.store.find(grant.key)
        if rendition is None:
            raise LinkExpired
        return _bytes(self.store, rendition)

    def _ready(self, ref: DocumentRef, rendition: Rendition) -> dict[str, Any]:
        token = self.links.link(Grant.of(g.actor, rendition.key, rendition.kind, ref))
        return {
            "state": "ready",
            "show": rendition.show,
            "kind": rendition.kind,
            "url": url_for("documents.content", token=token),
            "size": rendition.size,
            "digest": rendition.key[:12],
        }

    def _converting(self, grant: Grant) -> ResponseReturnValue:
        return jsonify(
            state="converting",
            message="Preparing the document…",
            poll_url=url_for("documents.progress", ticket=self.links.ticket(grant), request=request_id()),
            retry_after_ms=_POLL_MILLISECONDS,
        ), 202


def documents_blueprint(pipeline: Pipeline, links: Links, store: Store) -> Blueprint:
    """The routes under which documents are opened."""
    views = _Documents(pipeline, links, store)
    blueprint = Blueprint("documents", __name__)
    blueprint.add_url_rule("/", "home", lambda: render_template("home.html"))
    blueprint.add_url_rule("/documents/<source>/<document_id>", "page", views.page)
    blueprint.add_url_rule("/documents/<source>/<document_id>/rendition", "rendition", views.rendition)
    blueprint.add_url_rule("/renditions/<ticket>", "progress", views.progress)
    blueprint.add_url_rule("/content/<token>", "content", views.content)
    return blueprint


def _ref(source: str, document_id: str) -> DocumentRef:
    """The document that the URL names. A person id that cannot be one is dropped: the document counts."""
    untrusted_person = request.args.get("person", "")
    person = untrusted_person if PERSON_ID.fullmatch(untrusted_person) else None
    try:
        ref = DocumentRef(source, document_id, person)
    except ValueError as error:
        raise LinkMalformed from error
    g.ref = ref  # for the problem page
    return ref


def _visitor() -> Visitor:
    return Visitor(actor=g.actor, address=request.remote_addr or "", request_id=request_id())


def _page_arguments(ref: DocumentRef) -> dict[str, Any]:
    arguments = {"source": ref.source, "document_id": ref.id, "person": ref.person, "request": request_id()}
    return {name: value for name, value in arguments.items() if value is not None}


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


def _part(asked: Range, size: int) -> tuple[int, int] | None:
    """Where the range starts and ends; None where it is beyond. The last 500 bytes of 100 are all of them."""
    first, end = asked.ranges[0]
    return (max(0, size + first), end or size) if first < 0 < size else asked.range_for_length(size)
